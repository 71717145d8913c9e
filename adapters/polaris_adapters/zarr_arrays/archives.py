"""Opening Zarr archives, for arbitrary access or for reading in bulk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, get_args

import zarr
from numpy.typing import NDArray

from polaris.application.loop_thread import run_blocking
from polaris.application.object_tree import joined
from polaris.domain.arrays import ArrayLayout
from polaris.errors import InvalidInputError, ObjectExistsError, ObjectNotFoundError
from polaris.ports.archives import IOMode
from polaris.ports.storage import IfExists, StoragePort, Write
from polaris_adapters.zarr_arrays.chunk_cache import SHARED, ChunkCache
from polaris_adapters.zarr_arrays.columns_writing import write_columns
from polaris_adapters.zarr_arrays.metadata import open_root, place
from polaris_adapters.zarr_arrays.source import ZarrSource
from polaris_adapters.zarr_arrays.store import StoragePortStore
from polaris_adapters.zarr_arrays.writer import ZarrWriter

__all__ = ["ZarrArchives"]

# New archives are of format 2, because the clients in use read no other.
_NEW_GROUP = b'{\n    "zarr_format": 2\n}'

_EXISTS_HINT = "Use mode='w' to empty it first, or mode='a' to add to it."


class ZarrArchives:
    """An `ArchivePort` with zarr 3, for archives of format 2 and 3.

    Args:
        cache: Keeps decoded chunks; by default all archives of the process share one of 256 MiB.
    """

    def __init__(self, cache: ChunkCache = SHARED) -> None:
        self._cache = cache

    async def open_group(
        self, storage: StoragePort, path: str, /, *, mode: IOMode, consolidated: bool
    ) -> zarr.Group:
        """See `ArchivePort.open_group`."""
        if mode not in get_args(IOMode):
            raise InvalidInputError(
                f"mode cannot be {mode!r}", hint="Give 'r', 'r+', 'a', 'w' or 'w-'."
            )
        creates = mode not in ("r", "r+")
        if creates and consolidated:
            raise InvalidInputError(
                f"Consolidated metadata cannot be asked for with mode {mode!r}",
                hint="Give as_consolidated=False, or mode 'r' or 'r+'.",
            )
        if creates:
            await _create(storage, path, mode)
        root = await open_root(storage, path, read_only=mode == "r", consolidated=consolidated)
        return zarr.Group(root)

    def writer(self, storage: StoragePort, path: str, /) -> ZarrWriter:
        """See `ArchivePort.writer`."""

        def create() -> zarr.Group:
            return run_blocking(self.open_group(storage, path, mode="a", consolidated=False))

        return ZarrWriter(storage, path, create)

    def write_columns(
        self,
        storage: StoragePort,
        path: str,
        /,
        columns: Mapping[str, NDArray[Any] | Iterable[NDArray[Any]]],
        layout: ArrayLayout,
    ) -> None:
        """See `ArchivePort.write_columns`."""
        store = StoragePortStore(storage, path)
        if not run_blocking(store.is_empty("")):
            raise ObjectExistsError(
                f"There is something at {place(storage, path)} already",
                hint="Choose another path.",
                keys=(path,),
            )
        try:
            write_columns(storage, path, columns, layout)
        except BaseException:
            run_blocking(store.clear())
            raise

    def source(self, storage: StoragePort, path: str, /) -> ZarrSource:
        """See `ArchivePort.source`."""
        return ZarrSource(storage, path, self._cache)


async def _create(storage: StoragePort, path: str, mode: IOMode) -> None:
    """Make an empty archive, as the mode demands it."""
    if mode == "w":
        await StoragePortStore(storage, path).clear()
    elif mode == "a":
        try:
            await open_root(storage, path, read_only=True, consolidated=False)
        except ObjectNotFoundError:
            pass
        else:
            return
    elif not await StoragePortStore(storage, path, read_only=True).is_empty(""):
        raise ObjectExistsError(
            f"There is something at {place(storage, path)} already", hint=_EXISTS_HINT, keys=(path,)
        )
    group = Write(joined(path, ".zgroup"), _NEW_GROUP)
    # Of several that create one archive with w-, one may succeed; with a, none may undo the other.
    if_exists = {"w-": IfExists.RAISE, "a": IfExists.SKIP}.get(mode, IfExists.REPLACE)
    await storage.put([group], if_exists=if_exists)
