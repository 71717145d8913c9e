"""Where a hub keeps the objects of its artifacts: a folder of one store for each revision."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

import attrs

from polaris.application.object_tree import batches
from polaris.application.read_only_storage import ReadOnlyStorage
from polaris.application.scoped_storage import ScopedStorage
from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.errors import InvalidInputError, InvalidNameError
from polaris.ports.artifact_storage import StoredRevision
from polaris.ports.artifacts import ArtifactLocation
from polaris.ports.storage import ObjectStat, StoragePort

__all__ = ["RevisionStorage", "folder_of"]

_KEY = re.compile(r"([^/]+)s/([^/]+)/([^/]+)/([0-9a-f]{64})/.+", re.DOTALL)
# Objects that are removed by one call.
_BATCH = 1000


@attrs.frozen
class RevisionStorage:
    """An `ArtifactStorage` that gives each revision a folder of its own in one store.

    It is its own `ArtifactStorageUpkeep`.

    Attributes:
        storage: The store.
    """

    storage: StoragePort

    async def open(self, location: ArtifactLocation, /, *, write: bool = False) -> StoragePort:
        """See `ArtifactStorage`."""
        store = ScopedStorage(self.storage, folder_of(location))
        return store if write else ReadOnlyStorage(store)

    async def revisions(self) -> AsyncIterator[StoredRevision]:
        """See `ArtifactStorageUpkeep`."""
        for kind in ArtifactKind:
            for head in await self._below(f"{kind}s", levels=3):
                location = _location(f"{head}/object")
                if location is not None:
                    found = await self._measured(location)
                    if found.objects:
                        yield found

    async def _below(self, folder: str, *, levels: int) -> list[str]:
        """Return the folders so many levels below another; their objects are not listed."""
        found = [folder]
        for _ in range(levels):
            names = [(head, (await self.storage.list_folder(head)).folders) for head in found]
            found = [f"{head}/{name}" for head, inner in names for name in inner]
        return found

    async def _measured(self, location: ArtifactLocation) -> StoredRevision:
        objects, size, modified = 0, 0, _Latest()
        async for page in self.storage.list(folder_of(location)):
            objects += len(page)
            size += sum(stat.size for stat in page)
            modified.look_at(page)
        return StoredRevision(location, objects, size, modified.moment)

    async def strays(self) -> AsyncIterator[Sequence[str]]:
        """See `ArtifactStorageUpkeep`."""
        async for page in self.storage.list():
            found = [stat.key for stat in page if _location(stat.key) is None]
            if found:
                yield found

    async def remove(self, location: ArtifactLocation, /) -> int:
        """See `ArtifactStorageUpkeep`."""
        removed = 0
        # To the end before anything is removed: pages of a store that changes may skip some.
        keys = [stat.key async for page in self.storage.list(folder_of(location)) for stat in page]
        for some in batches(keys, _BATCH):
            await self.storage.delete(some)
            removed += len(some)
        return removed

    async def remove_strays(self, keys: Sequence[str], /) -> None:
        """See `ArtifactStorageUpkeep`."""
        owned = [key for key in keys if _location(key) is not None]
        if owned:
            raise InvalidInputError(
                f"{owned[0]!r} is an object of a revision",
                hint="Remove the whole revision, if nothing needs it.",
            )
        for some in batches(keys, _BATCH):
            await self.storage.delete(some)


class _Latest:
    """The latest time among objects; none as soon as one of them has none."""

    def __init__(self) -> None:
        self._latest: datetime | None = None
        self._is_known = True

    def look_at(self, stats: Sequence[ObjectStat]) -> None:
        """Look at some objects."""
        for stat in stats:
            if stat.modified is None:
                self._is_known = False
            elif self._latest is None or stat.modified > self._latest:
                self._latest = stat.modified

    @property
    def moment(self) -> datetime | None:
        """The latest time."""
        return self._latest if self._is_known else None


def folder_of(location: ArtifactLocation) -> str:
    """Return the folder of a revision in the store."""
    ref = location.ref
    return f"{ref.kind}s/{ref.owner}/{ref.slug}/{location.revision}"


def _location(key: str) -> ArtifactLocation | None:
    """Return the revision that an object is of, by its key; None if it is of none."""
    found = _KEY.fullmatch(key)
    if found is None or found[1] not in set(ArtifactKind):
        return None
    try:
        ref = ArtifactRef(ArtifactKind(found[1]), found[2], found[3])
    except InvalidNameError:
        return None
    return ArtifactLocation(ref, found[4])
