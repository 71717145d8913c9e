"""From an artifact to the store that holds its objects."""

from __future__ import annotations

from typing import Protocol

from polaris.ports.artifacts import ArtifactLocation
from polaris.ports.storage import StoragePort

__all__ = ["ArtifactStorage"]


class ArtifactStorage(Protocol):
    """Opens the objects of one revision of an artifact.

    Inside, keys are the same on every hub: ``table.parquet``, ``data.zarr/…`` and so on. The store
    that is returned holds no more rights than asked for, renews its credentials by itself, and
    needs no closing.
    """

    async def open(self, location: ArtifactLocation, /, *, write: bool = False) -> StoragePort:
        """Return the store of a revision; an empty one where nothing has been put yet.

        Raises:
            PolarisUnauthorizedError: The caller may not read, or write, it.
        """
        ...
