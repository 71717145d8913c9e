"""Opening a Zarr archive of a published dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast, get_args

import attrs

from polaris.domain.identity import ArtifactKind, ArtifactRef, HubOwner
from polaris.errors import InvalidInputError
from polaris.ports.archives import ArchivePort, IOMode
from polaris.ports.artifact_storage import ArtifactStorage
from polaris.ports.artifacts import ArtifactRepository

if TYPE_CHECKING:
    import zarr

__all__ = ["OpenArchive"]


@attrs.frozen
class OpenArchive:
    """Opens an archive of a dataset, for reading or for writing in place.

    Writing changes the published revision: from then on loading the dataset with verification is
    refused until it is published again.

    Attributes:
        artifacts: The hub's catalogue.
        storage: The hub's objects.
        archives: Opens Zarr archives.
    """

    artifacts: ArtifactRepository
    storage: ArtifactStorage
    archives: ArchivePort

    async def __call__(
        self,
        owner: str | HubOwner,
        name: str,
        path: str,
        mode: str,
        *,
        as_consolidated: bool = True,
    ) -> zarr.Group:
        """Open an archive.

        Args:
            owner: Owner of the dataset.
            name: Its name or slug.
            path: Path of the archive among the dataset's objects, such as ``data.zarr``.
            mode: ``r``, ``r+``, ``a``, ``w`` or ``w-``; see `ArchivePort`.
            as_consolidated: Read all metadata from one object; has a meaning for ``r`` and ``r+``
                only, since the other modes may have to write the metadata first.

        Raises:
            ArtifactNotFoundError: The hub has no such dataset.
            InvalidInputError: The mode is unknown, or the path is not one of an archive.
        """
        if mode not in get_args(IOMode):
            raise InvalidInputError(
                f"mode cannot be {mode!r}", hint="Give 'r', 'r+', 'a', 'w' or 'w-'."
            )
        if not isinstance(path, str) or not path.strip("/"):
            # The root of the dataset's objects holds its table and its checksums as well.
            raise InvalidInputError(
                f"{path!r} is not the path of an archive among a dataset's objects",
                hint="Give the archive's own path, such as 'data.zarr'.",
            )
        record = await self.artifacts.get(ArtifactRef.of(ArtifactKind.DATASET, owner, name))
        store = await self.storage.open(record.location, write=mode != "r")
        consolidated = as_consolidated and mode in ("r", "r+")
        return await self.archives.open_group(
            store, path.strip("/"), mode=cast("IOMode", mode), consolidated=consolidated
        )
