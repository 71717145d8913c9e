"""Hubs of ours: every port in full, over the native wire.

Source: docs/reference/wire.md.
"""
