"""An `ArtifactStorage` over dicts."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Sequence

from polaris.application.read_only_storage import ReadOnlyStorage
from polaris.domain.identity import ArtifactRef
from polaris.ports.artifact_storage import StoredRevision
from polaris.ports.artifacts import ArtifactLocation
from polaris.ports.storage import StoragePort
from polaris.testing.fakes.in_memory_storage import InMemoryStorage

__all__ = ["InMemoryArtifactStorage"]


class InMemoryArtifactStorage:
    """Keeps the objects of every revision of every artifact in this process.

    It is its own `ArtifactStorageUpkeep`.

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

    async def revisions(self) -> AsyncIterator[StoredRevision]:
        """See `ArtifactStorageUpkeep`."""
        with self._lock:
            stores = list(self.stores.items())
        for (ref, revision), store in stores:
            stats = [stat async for page in store.list() for stat in page]
            if stats:
                moments = [stat.modified for stat in stats if stat.modified is not None]
                size = sum(stat.size for stat in stats)
                location = ArtifactLocation(ref, revision)
                yield StoredRevision(location, len(stats), size, max(moments))

    async def strays(self) -> AsyncIterator[Sequence[str]]:
        """See `ArtifactStorageUpkeep`; every object here is of a revision."""
        none: tuple[Sequence[str], ...] = ()
        for keys in none:
            yield keys

    async def remove(self, location: ArtifactLocation, /) -> int:
        """See `ArtifactStorageUpkeep`."""
        with self._lock:
            store = self.stores.get((location.ref, location.revision))
        if store is None:
            return 0
        keys = [stat.key async for page in store.list() for stat in page]
        await store.delete(keys)
        return len(keys)

    async def remove_strays(self, keys: Sequence[str], /) -> None:
        """See `ArtifactStorageUpkeep`; there are none to remove."""
