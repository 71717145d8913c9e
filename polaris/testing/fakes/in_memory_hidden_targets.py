"""A hidden area over dicts, seen from both of its sides."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from polaris.application.read_only_storage import ReadOnlyStorage
from polaris.domain.identity import ArtifactRef
from polaris.ports.artifacts import ArtifactLocation
from polaris.ports.storage import StoragePort, Write
from polaris.testing.fakes.in_memory_storage import InMemoryStorage

__all__ = ["InMemoryHiddenTargets", "InMemoryTargetDeposit"]


class InMemoryHiddenTargets:
    """Keeps the test targets of every revision in this process; the side that reads."""

    def __init__(self) -> None:
        self._stores: dict[tuple[ArtifactRef, str], InMemoryStorage] = {}
        self._lock = threading.Lock()

    async def reveal(self, location: ArtifactLocation, /) -> StoragePort:
        """See `HiddenTargets.reveal`."""
        return ReadOnlyStorage(self._store(location))

    def _store(self, location: ArtifactLocation) -> InMemoryStorage:
        with self._lock:
            return self._stores.setdefault((location.ref, location.revision), InMemoryStorage())


class InMemoryTargetDeposit:
    """The side that takes in test targets.

    Args:
        hidden: Where they go.
    """

    def __init__(self, hidden: InMemoryHiddenTargets) -> None:
        self._hidden = hidden

    async def deposit(self, location: ArtifactLocation, writes: Sequence[Write], /) -> None:
        """See `TargetDeposit.deposit`."""
        await self._hidden._store(location).put(writes)
