"""The transports that come with the library: one module for each scheme of a hub URL."""
