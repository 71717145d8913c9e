"""A hub over HTTP: the ports on httpx and authlib, for both generations of the wire."""
