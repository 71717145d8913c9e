"""A hub as a server: it drives the ports that it is given, over the native wire.

Source: docs/reference/wire.md.
"""

from __future__ import annotations

from polaris_adapters.hub_server.app import create_app
from polaris_adapters.hub_server.callers import Caller, Callers, KnownTokens
from polaris_adapters.hub_server.hub import Hub, Limits
from polaris_adapters.hub_server.tickets import Tickets

__all__ = ["Caller", "Callers", "Hub", "KnownTokens", "Limits", "Tickets", "create_app"]
