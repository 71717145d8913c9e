"""The wire of released Polaris Hubs, so that released clients work with a hub of ours.

Source: docs/reference/released-clients.md.
"""

from __future__ import annotations

from polaris_adapters.hub_server.released.mounting import mount_released, released_routes
from polaris_adapters.hub_server.released.sign_ins import KnownSignIns, SignIns
from polaris_adapters.hub_server.released.tokens import SignedTokens
from polaris_adapters.hub_server.released.wire import (
    ReleasedSettings,
    ReleasedWire,
    released_wire,
)

__all__ = [
    "KnownSignIns",
    "ReleasedSettings",
    "ReleasedWire",
    "SignIns",
    "SignedTokens",
    "mount_released",
    "released_routes",
    "released_wire",
]
