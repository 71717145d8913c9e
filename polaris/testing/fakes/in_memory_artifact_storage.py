"""An `ArtifactStorage` over dicts."""

from __future__ import annotations

import threading

from polaris.application.read_only_storage import ReadOnlyStorage
from polaris.domain.identity import ArtifactRef
from polaris.ports.artifacts import ArtifactLocation
from polaris.ports.storage import StoragePort
from polaris.testing.fakes.in_memory_storage import InMemoryStorage

__all__ = ["InMemoryArtifactStorage"]


class InMemoryArtifactStorage:
    """Keeps the objects of every revision of every artifact in this process.

    Attributes:
        stores: The store of each revision that has been opened, to look into from tests.
    """

    def __init__(self) -> None:
        self.stores: dict[tuple[ArtifactRef, str], InMemoryStorage] = {}
        self._lock = threading.Lock()

    async def open(self, location: ArtifactLocation, /, *, write: bool = False) -> StoragePort:
        """Return the store of a revision, which may be changed with ``write`` only."""
        with self._lock:
            store = self.stores.setdefault((location.ref, location.revision), InMemoryStorage())
        return store if write else ReadOnlyStorage(store)
