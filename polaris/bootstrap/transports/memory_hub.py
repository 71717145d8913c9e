"""``memory://name``: a hub in this process, for tests; gone when the process ends."""

from __future__ import annotations

import threading

import attrs

from polaris.ports.transport import Transport, TransportRequest, WorkerPorts
from polaris.testing.fakes.in_memory_artifact_storage import InMemoryArtifactStorage
from polaris.testing.fakes.in_memory_artifacts import InMemoryArtifacts
from polaris.testing.fakes.in_memory_hidden_targets import (
    InMemoryHiddenTargets,
    InMemoryTargetDeposit,
)
from polaris.testing.fakes.in_memory_jobs import InMemoryJobs
from polaris_adapters.local_identity import LocalIdentity

__all__ = ["open_memory_hub", "open_memory_worker"]


@attrs.frozen
class _Hub:
    transport: Transport
    worker: WorkerPorts


_hubs: dict[str, _Hub] = {}
_lock = threading.Lock()


def open_memory_hub(request: TransportRequest) -> Transport:
    """Open the hub of that name; the same one for all clients of this process."""
    return _hub(request).transport


def open_memory_worker(request: TransportRequest) -> WorkerPorts:
    """Open the ports of what scores submissions to the hub of that name."""
    return _hub(request).worker


def _hub(request: TransportRequest) -> _Hub:
    name = request.hub_url.partition("://")[2]
    with _lock:
        if name not in _hubs:
            jobs, hidden = InMemoryJobs(request.clock), InMemoryHiddenTargets()
            artifacts = InMemoryArtifacts(request.clock, jobs)
            storage = InMemoryArtifactStorage()
            _hubs[name] = _Hub(
                Transport(
                    auth=LocalIdentity(),
                    artifacts=artifacts,
                    storage=storage,
                    deposit=InMemoryTargetDeposit(hidden),
                    jobs=jobs,
                    history=artifacts.history,
                ),
                WorkerPorts(artifacts, storage, hidden, jobs),
            )
        return _hubs[name]
