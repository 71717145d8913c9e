"""Zarr archives: writing new ones, their checksums and their manifests."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from polaris.codec.zarr_manifest import encode_zarr_manifest
from polaris.domain.arrays import ArrayLayout, ArraySource
from polaris.domain.checksums.archive import ArchiveDigest, archive_digest
from polaris.domain.checksums.archive import FileChecksum as ZarrFileChecksum
from polaris.domain.locations import location_text
from polaris.errors import InvalidInputError
from polaris.hub.local_services import local_services, wait
from polaris.ports.storage import Write

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "ZarrFileChecksum",
    "compute_zarr_checksum",
    "generate_zarr_manifest",
    "write_archive",
]


def write_archive(
    path: str | os.PathLike[str],
    columns: Mapping[str, NDArray[Any] | Iterable[NDArray[Any]]],
    *,
    zarr_format: Literal[2, 3] = 2,
    chunks: int | Mapping[str, int] | None = None,
    shards: int | bool = False,
) -> str:
    """Write a new archive whose arrays are the columns of a `DatasetV2`.

    A column of blocks is written as it comes, so that it may be larger than memory.

    Args:
        path: Folder of the archive, made where missing; or a URL.
        columns: Arrays of shape ``(n, *element)``, or their consecutive blocks of rows; numbers or
            texts. In format 2 also bytes, molecules, structures, and arrays of numbers with one
            axis and different lengths; molecules and structures may be None.
        zarr_format: 2, which all clients in use can read, or 3.
        chunks: Rows in a chunk, of all columns or by column; by default chunks of about 1 MiB.
        shards: Rows in a shard, a file of many chunks; True for shards of about 32 MiB. Of format 3
            only.

    Returns:
        The path.

    Raises:
        ObjectExistsError: There is something at the path already.
        InvalidDatasetError: Columns have different lengths, or names or types that cannot be
            stored; nothing is left of the archive.
        InvalidInputError: Format, chunks or shards are not possible.
    """
    layout = ArrayLayout(zarr_format=zarr_format, chunks=chunks, shards=shards)
    location = location_text(path)
    services = local_services()
    folder = services.locator.folder(location, create=True)
    services.archives.write_columns(folder, "", columns, layout)
    return location


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
    location = location_text(path)
    if "://" in location:
        raise InvalidInputError(
            f"{location} is not a local archive", hint="Download it first: dataset.cache()."
        )
    services = local_services()
    source: ArraySource = services.archives.source(services.locator.folder(location), "")
    files = list(source.files())
    return archive_digest(files), files


def generate_zarr_manifest(
    zarr_root_path: str | os.PathLike[str], output_dir: str | os.PathLike[str]
) -> str:
    """Write the manifest of an archive: a row a file, sorted by path.

    Args:
        zarr_root_path: Folder of the archive, or a URL.
        output_dir: Folder to write ``zarr_manifest.parquet`` to, made where missing.

    Returns:
        The path of the manifest, which has the columns ``path`` and ``md5_checksum``.

    Raises:
        ObjectNotFoundError: There is no such archive.
    """
    services = local_services()
    folder = services.locator.folder(location_text(zarr_root_path))
    files = services.archives.source(folder, "").files()
    name, target = "zarr_manifest.parquet", location_text(output_dir)
    write = Write(name, encode_zarr_manifest(files))
    wait(services.locator.folder(target, create=True).put([write]))
    return f"{target.rstrip('/')}/{name}"
