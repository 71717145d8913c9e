"""Checksums of Zarr archives."""

from __future__ import annotations

import os

from polaris.domain.arrays import ArraySource
from polaris.domain.checksums.archive import ArchiveDigest, archive_digest
from polaris.domain.checksums.archive import FileChecksum as ZarrFileChecksum
from polaris.errors import InvalidInputError
from polaris.hub.local_services import local_services

__all__ = ["ZarrFileChecksum", "compute_zarr_checksum"]


def compute_zarr_checksum(
    path: str | os.PathLike[str],
) -> tuple[ArchiveDigest, list[ZarrFileChecksum]]:
    """Compute the digest of a local Zarr archive.

    Args:
        path: Folder of the archive; ``~`` and ``$VAR`` are expanded.

    Returns:
        The digest, and path, md5 and size of every file.

    Raises:
        InvalidInputError: The path is a URL.
        ObjectNotFoundError: There is no such folder.
    """
    location = os.fspath(path)
    if "://" in location:
        raise InvalidInputError(
            f"{location} is not a local archive", hint="Download it first: dataset.cache()."
        )
    services = local_services()
    source: ArraySource = services.archives.source(services.locator.folder(location), "")
    files = list(source.files())
    return archive_digest(files), files
