"""Building and checking archives on Dask: on all cores, or on a cluster.

The functions are those of `polaris.dataset.zarr`. They use whichever scheduler Dask uses: threads
of this process, or the cluster that a ``distributed.Client`` is connected to, whose workers have to
reach the archive by the same path. A column is read with ``dataset.dask_array(column)``.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from polaris.application.object_tree import batches, below
from polaris.bootstrap.clusters import dask_arrays
from polaris.domain.arrays import ArrayLayout
from polaris.domain.checksums.archive import ArchiveDigest, FileChecksum, archive_digest
from polaris.errors import ObjectNotFoundError
from polaris.hub.local_services import LocalServices, local_services, wait
from polaris.ports.storage import StoragePort

if TYPE_CHECKING:
    import dask.array as da

__all__ = ["compute_zarr_checksum", "write_archive"]

_CHUNK_BYTES = 2**20


def write_archive(
    path: str | os.PathLike[str],
    columns: Mapping[str, da.Array],
    *,
    zarr_format: Literal[2, 3] = 2,
    chunks: int | Mapping[str, int] | None = None,
    shards: int | bool = False,
) -> str:
    """Compute Dask arrays and write them as a new archive, the columns of a `DatasetV2`.

    Args:
        path: Folder of the archive, made where missing.
        columns: Dask arrays of shape ``(n, *element)``, of numbers or texts.
        zarr_format: 2, which all clients in use can read, or 3.
        chunks: Rows in a chunk, of all columns or by column; by default chunks of about 1 MiB.
        shards: Rows in a shard, a file of many chunks; True for shards of about 32 MiB. Of format 3
            only.

    Returns:
        The path.

    Raises:
        ObjectExistsError: There is something at the path already.
        InvalidDatasetError: Columns have different or unknown lengths, or names or types that
            cannot be stored; nothing is left of the archive.
        InvalidInputError: Format, chunks or shards are not possible.
        MissingExtraError: Dask is not installed.
    """
    on_dask = dask_arrays()
    on_dask.check_columns(columns)
    given = chunks if isinstance(chunks, Mapping) else dict.fromkeys(columns, chunks)
    rows = {name: given.get(name) or _chunk_rows(column) for name, column in columns.items()}
    layout = ArrayLayout(zarr_format=zarr_format, chunks=rows, shards=shards)
    location = os.fspath(path)
    services = local_services()
    storage = services.locator.folder(location, create=True)
    nothing = {name: np.empty((0, *c.shape[1:]), dtype=c.dtype) for name, c in columns.items()}
    services.archives.write_columns(storage, "", nothing, layout)
    try:
        on_dask.store_columns(columns, _stretched(services, storage, columns))
        services.archives.writer(storage, "").consolidate()
    except BaseException:
        wait(_emptied(storage))
        raise
    return location


def _chunk_rows(column: da.Array) -> int:
    row_bytes = math.prod(column.shape[1:]) * column.dtype.itemsize
    return int(max(1, min(_CHUNK_BYTES // max(1, row_bytes), column.shape[0])))


def _stretched(
    services: LocalServices, storage: StoragePort, columns: Mapping[str, da.Array]
) -> dict[str, Any]:
    """Return the arrays of a new archive, which have all their rows from now on."""
    group = wait(services.archives.open_group(storage, "", mode="r+", consolidated=False))
    arrays: dict[str, Any] = {name: group[name] for name in columns}
    for name, array in arrays.items():
        array.resize(columns[name].shape)
    return arrays


async def _emptied(storage: StoragePort) -> None:
    for batch in batches([stat.key for stat in await below(storage, "")]):
        await storage.delete(batch)


def compute_zarr_checksum(
    path: str | os.PathLike[str],
) -> tuple[ArchiveDigest, list[FileChecksum]]:
    """Compute the digest of a Zarr archive, its files hashed on Dask.

    Args:
        path: Folder of the archive, which all workers can read.

    Returns:
        The digest, and path, md5 and size of every file.

    Raises:
        ObjectNotFoundError: There is no such folder.
        MissingExtraError: Dask is not installed.
    """
    on_dask = dask_arrays()
    location = os.fspath(path)
    storage = local_services().locator.folder(location)
    keys = [stat.key for stat in wait(below(storage, ""))]
    if not keys:
        raise ObjectNotFoundError(
            f"There is no Zarr archive at {location}", hint="Check the archive's path."
        )
    files = on_dask.file_checksums(storage, "", keys)
    return archive_digest(files), files
