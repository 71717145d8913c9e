"""An archive with all of its arrays in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import zarr
from numpy.typing import NDArray
from zarr.core.buffer import Buffer, default_buffer_prototype
from zarr.storage import MemoryStore, StorePath

from polaris.application.loop_thread import run_blocking
from polaris.application.object_tree import batches, below, joined
from polaris.domain.arrays import ArrayInfo
from polaris.domain.checksums.archive import ArchiveDigest, FileChecksum
from polaris.errors import InvalidDatasetError
from polaris.ports.archives import StoredArchive
from polaris.ports.storage import Read, StoragePort
from polaris_adapters.zarr_arrays.row_batches import check_rows

__all__ = ["LoadedArchive"]


class LoadedArchive:
    """The arrays of an archive, decoded; an `ArraySource`.

    Args:
        origin: The archive that they were read from.
        values: The arrays by path.
    """

    def __init__(self, origin: StoredArchive, values: Mapping[str, NDArray[Any]]) -> None:
        self._origin = origin
        self._values = values
        self._infos = {info.path: info for info in origin.arrays()}
        self._group: zarr.Group | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self._origin, self._values))

    @property
    def group(self) -> zarr.Group:
        """The archive's root over a copy of its files in memory, made when first asked for."""
        if self._group is None:
            root = run_blocking(_copied(self._origin.storage, self._origin.path))
            self._group = zarr.Group(root)
        return self._group

    def arrays(self) -> Sequence[ArrayInfo]:
        """See `ArraySource.arrays`."""
        return tuple(self._infos.values())

    def info(self, path: str, /) -> ArrayInfo:
        """See `ArraySource.info`."""
        found = self._infos.get(path.strip("/"))
        if found is None:
            raise InvalidDatasetError(
                f"The archive has no array {path!r}",
                hint=f"Its arrays are {', '.join(list(self._infos)[:20])}.",
            )
        return found

    def take(self, path: str, rows: NDArray[np.int64], /) -> NDArray[Any]:
        """See `ArraySource.take`."""
        info = self.info(path)
        found: NDArray[Any] = self._values[info.path][check_rows(rows, info.shape, path)]
        return found

    def digest(self) -> ArchiveDigest:
        """See `ArraySource.digest`."""
        return self._origin.digest()

    def files(self) -> Sequence[FileChecksum]:
        """See `ArraySource.files`."""
        return self._origin.files()

    def load(self) -> LoadedArchive:
        """Return itself."""
        return self


async def _copied(storage: StoragePort, path: str) -> zarr.AsyncGroup:
    from_bytes = default_buffer_prototype().buffer.from_bytes
    objects: dict[str, Buffer] = {}
    for batch in batches([stat.key for stat in await below(storage, path)]):
        found = await storage.get([Read(joined(path, key)) for key in batch])
        for key, data in zip(batch, found, strict=True):
            if data is not None:
                objects[key] = from_bytes(data)
    store = StorePath(MemoryStore(objects, read_only=True))
    return await zarr.AsyncGroup.open(store, zarr_format=None)
