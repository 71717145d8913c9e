"""The routes: each parses, calls one port, and renders."""
