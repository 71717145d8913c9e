"""A hub server in this process, for tests: ports in memory, and connections that fail to order."""
