"""``memory://name``: a hub in this process, for tests; gone when the process ends."""

from __future__ import annotations

import threading

from polaris.ports.transport import Transport, TransportRequest
from polaris.testing.fakes.in_memory_artifact_storage import InMemoryArtifactStorage
from polaris.testing.fakes.in_memory_artifacts import InMemoryArtifacts
from polaris_adapters.local_identity import LocalIdentity

__all__ = ["open_memory_hub"]

_hubs: dict[str, Transport] = {}
_lock = threading.Lock()


def open_memory_hub(request: TransportRequest) -> Transport:
    """Open the hub of that name; the same one for all clients of this process."""
    name = request.hub_url.partition("://")[2]
    with _lock:
        if name not in _hubs:
            _hubs[name] = Transport(
                auth=LocalIdentity(),
                artifacts=InMemoryArtifacts(request.clock),
                storage=InMemoryArtifactStorage(),
            )
        return _hubs[name]
