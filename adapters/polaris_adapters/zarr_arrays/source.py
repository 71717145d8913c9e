"""Reading an archive in bulk."""

from __future__ import annotations

import os
import threading
from collections.abc import Coroutine, Sequence
from typing import Any

import numpy as np
import zarr
from numpy.typing import NDArray

from polaris.application.loop_thread import run_blocking
from polaris.application.object_keys import check_key
from polaris.domain.arrays import ArrayInfo
from polaris.domain.checksums.archive import ArchiveDigest, FileChecksum, archive_digest
from polaris.errors import (
    InvalidDatasetError,
    InvalidNameError,
    ObjectNotFoundError,
    PolarisError,
)
from polaris.ports.storage import StoragePort
from polaris_adapters.zarr_arrays.chunk_cache import SHARED, ChunkCache
from polaris_adapters.zarr_arrays.chunk_reading import ChunkReader
from polaris_adapters.zarr_arrays.file_sums import file_checksums
from polaris_adapters.zarr_arrays.loaded import LoadedArchive
from polaris_adapters.zarr_arrays.metadata import metadata_error, open_root, own_error, place

__all__ = ["ZarrSource"]


class _Opened:
    """What was opened of an archive in one process.

    A forked child starts anew: a lock that another thread held would stay locked there.
    """

    def __init__(self) -> None:
        self.process = os.getpid()
        self.lock = threading.RLock()
        self.root: zarr.AsyncGroup | None = None
        self.nodes: dict[str, zarr.Array[Any]] = {}
        self.infos: tuple[ArrayInfo, ...] | None = None


class ZarrSource:
    """An archive in a `StoragePort`, opened when it is first read; a `StoredArchive`.

    It can be pickled when its storage can; open arrays stay behind.

    Args:
        storage: Where the archive lies.
        path: Folder of its root; ``""`` for the storage itself.
        cache: Keeps decoded chunks; by default all archives of the process share one of 256 MiB.
    """

    def __init__(self, storage: StoragePort, path: str, cache: ChunkCache = SHARED) -> None:
        self._storage = storage
        self._path = path
        self._reader = ChunkReader(storage, path, cache)
        self._current = _Opened()

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self._storage, self._path))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._storage!r}, {self._path!r})"

    @property
    def storage(self) -> StoragePort:
        """The store that holds the archive."""
        return self._storage

    @property
    def path(self) -> str:
        """Folder of the archive's root in the store."""
        return self._path

    # -- what is there ------------------------------------------------------------------------

    @property
    def group(self) -> zarr.Group:
        """See `ArraySource.group`."""
        return zarr.Group(self._root())

    @property
    def is_consolidated(self) -> bool:
        """See `StoredArchive.is_consolidated`."""
        return self._root().metadata.consolidated_metadata is not None

    def arrays(self) -> Sequence[ArrayInfo]:
        """See `ArraySource.arrays`."""
        opened = self._opened()
        with opened.lock:
            if opened.infos is None:
                nodes = self._ask(_arrays_of(self._root()), f"the archive at {self._place}")
                opened.nodes.update({n: zarr.Array(a) for n, a in nodes if n not in opened.nodes})
                opened.infos = tuple(_info(name, opened.nodes[name]) for name, _ in nodes)
        return opened.infos

    def info(self, path: str, /) -> ArrayInfo:
        """See `ArraySource.info`."""
        return _info(path.strip("/"), self._array(path))

    def files(self) -> Sequence[FileChecksum]:
        """See `ArraySource.files`.

        Raises:
            ObjectNotFoundError: There is not a single file.
        """
        found = run_blocking(file_checksums(self._storage, self._path))
        if not found:
            raise ObjectNotFoundError(
                f"There is no Zarr archive at {self._place}", hint="Check the archive's path."
            )
        return found

    def digest(self) -> ArchiveDigest:
        """See `ArraySource.digest`."""
        return archive_digest(self.files())

    @property
    def _place(self) -> str:
        return place(self._storage, self._path)

    def _opened(self) -> _Opened:
        if self._current.process != os.getpid():
            self._current = _Opened()
        return self._current

    def _root(self) -> zarr.AsyncGroup:
        opened = self._opened()
        with opened.lock:
            if opened.root is None:
                opened.root = run_blocking(
                    open_root(self._storage, self._path, read_only=True, consolidated=None)
                )
            return opened.root

    def _array(self, path: str) -> zarr.Array[Any]:
        name = path.strip("/")
        opened = self._opened()
        found = opened.nodes.get(name)
        if found is not None:
            return found
        with opened.lock:
            if name not in opened.nodes:
                node = self._node(name)
                if not isinstance(node, zarr.AsyncArray):
                    raise self._no_array(name)
                opened.nodes[name] = zarr.Array(node)
            return opened.nodes[name]

    def _node(self, name: str) -> object:
        root = self._root()
        try:
            check_key(name)
            return self._ask(root.getitem(name), f"{name!r} in the archive at {self._place}")
        except InvalidNameError as cause:
            raise self._no_array(name) from cause
        except KeyError as cause:
            raise self._no_array(name) from cause

    def _no_array(self, name: str) -> InvalidDatasetError:
        return InvalidDatasetError(
            f"The archive at {self._place} has no array {name!r}",
            hint="Correct the path; the arrays of dataset.zarr_root are those that there are.",
        )

    def _ask(self, question: Coroutine[Any, Any, Any], what: str) -> Any:
        """Return what zarr answers about metadata; KeyError where a node is missing."""
        try:
            return run_blocking(question)
        except PolarisError:
            raise
        except Exception as cause:  # zarr parses what it finds without checking it first.
            if (ours := own_error(cause)) is not None:
                raise ours from None
            missing = isinstance(cause, KeyError) and (
                isinstance(cause.__cause__, FileNotFoundError)
                or self._root().metadata.consolidated_metadata is not None
            )
            if missing:
                raise
            raise run_blocking(metadata_error(cause, self._storage, self._path, what)) from cause

    # -- reading ------------------------------------------------------------------------------

    def take(self, path: str, rows: NDArray[np.int64], /) -> NDArray[Any]:
        """See `ArraySource.take`."""
        return self._reader.take(self._array(path), rows)

    def load(self) -> LoadedArchive:
        """See `ArraySource.load`."""
        values = {
            info.path: self.take(info.path, np.arange(info.shape[0], dtype=np.int64))
            if info.shape
            else self._reader.value(self._array(info.path))
            for info in self.arrays()
        }
        return LoadedArchive(self, values)


async def _arrays_of(root: zarr.AsyncGroup) -> list[tuple[str, zarr.AsyncArray[Any]]]:
    found = [
        (name, node)
        async for name, node in root.members(max_depth=None)
        if isinstance(node, zarr.AsyncArray)
    ]
    return sorted(found, key=lambda entry: entry[0])


def _info(path: str, array: zarr.Array[Any]) -> ArrayInfo:
    return ArrayInfo(path, array.shape, array.dtype, array.chunks)
