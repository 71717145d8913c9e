"""From an artifact to the store that holds its objects."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Protocol

import attrs

from polaris.ports.artifacts import ArtifactLocation
from polaris.ports.storage import StoragePort

__all__ = ["ArtifactStorage", "ArtifactStorageUpkeep", "StoredRevision"]


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


@attrs.frozen
class StoredRevision:
    """The objects that a hub holds of one revision, whether it was ever committed or not.

    Attributes:
        location: The revision.
        objects: How many objects.
        size: Bytes of all of them.
        modified: When the last of them was written, with time zone; None where the store does not
            know.
    """

    location: ArtifactLocation
    objects: int
    size: int
    modified: datetime | None


class ArtifactStorageUpkeep(Protocol):
    """What whoever keeps a hub in order does with its objects, besides `ArtifactStorage`.

    An upload that was given up is a revision that is stored, that the catalogue does not know, and
    that has not been written for long: those are found by `revisions`, and removed by `remove`.
    Only the hub's own machinery has this port, never a client.
    """

    def revisions(self) -> AsyncIterator[StoredRevision]:
        """Yield every revision of which objects are there, once each, in no particular order.

        Each object is listed once, and a few numbers are kept of each revision while it is walked.
        """
        ...

    def strays(self) -> AsyncIterator[Sequence[str]]:
        """Yield the keys of objects that are of no revision, in batches, as the store names them.

        No hub writes such objects; people and other programs may have.
        """
        ...

    async def remove(self, location: ArtifactLocation, /) -> int:
        """Remove every object of a revision, and return how many there were.

        Done again, or where there is nothing, it removes nothing. Whether the revision may go is
        for the caller to know. When it fails or is cancelled, some of the objects may be gone.

        Raises:
            StorageError: The store failed.
        """
        ...

    async def remove_strays(self, keys: Sequence[str], /) -> None:
        """Remove objects that are of no revision; those that are not there are passed over.

        Raises:
            InvalidInputError: A key is that of an object of a revision; nothing was removed.
            StorageError: The store failed.
        """
        ...
