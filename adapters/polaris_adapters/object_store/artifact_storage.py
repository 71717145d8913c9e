"""Where a hub in a folder keeps the objects of its artifacts."""

from __future__ import annotations

import attrs

from polaris.application.read_only_storage import ReadOnlyStorage
from polaris.application.scoped_storage import ScopedStorage
from polaris.ports.artifacts import ArtifactLocation
from polaris.ports.storage import StoragePort

__all__ = ["RevisionStorage"]


@attrs.frozen
class RevisionStorage:
    """An `ArtifactStorage` that gives each revision a folder of its own in one store.

    Attributes:
        storage: The store.
    """

    storage: StoragePort

    async def open(self, location: ArtifactLocation, /, *, write: bool = False) -> StoragePort:
        """See `ArtifactStorage`."""
        ref = location.ref
        folder = f"{ref.kind}s/{ref.owner}/{ref.slug}/{location.revision}"
        store = ScopedStorage(self.storage, folder)
        return store if write else ReadOnlyStorage(store)
