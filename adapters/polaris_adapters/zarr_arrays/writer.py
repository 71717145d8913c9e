"""Adding arrays to an archive."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
import zarr
from numcodecs import Blosc  # type: ignore[import-untyped]  # It ships no annotations.
from numpy.typing import NDArray
from zarr.core.dtype import VariableLengthBytes

from polaris.application.loop_thread import run_blocking
from polaris.domain.arrays import ArraySource
from polaris.errors import InvalidDatasetError, ObjectNotFoundError, PolarisError, StorageError
from polaris.ports.storage import StoragePort
from polaris_adapters.zarr_arrays.metadata import open_root, own_error, place
from polaris_adapters.zarr_arrays.store import StoragePortStore

__all__ = ["ZarrWriter"]

# Decoded bytes of rows that are copied at a time, and of a chunk whose length nobody gave.
BYTES_AT_ONCE = 64 * 2**20
CHUNK_BYTES = 2**20

# Bytes that an object is taken for where chunks are measured.
_OBJECT_BYTES = 512

R = TypeVar("R")


class ZarrWriter:
    """An `ArchiveWriter` with zarr 3.

    Args:
        storage: Where the archive lies.
        path: Folder of its root.
        create: Makes an empty archive there.
    """

    def __init__(self, storage: StoragePort, path: str, create: Callable[[], zarr.Group]) -> None:
        self._storage = storage
        self._path = path
        self._create = create
        self._group: zarr.Group | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._storage!r}, {self._path!r})"

    @property
    def group(self) -> zarr.Group:
        """See `ArchiveWriter.group`."""
        if self._group is None:
            try:
                opened = open_root(self._storage, self._path, read_only=False, consolidated=False)
                self._group = zarr.Group(run_blocking(opened))
            except ObjectNotFoundError:
                self._group = self._create()
        return self._group

    def names(self) -> list[str]:
        """See `ArchiveWriter.names`."""
        return sorted(self._asked(lambda: list(self.group.keys()), "listed"))

    def append(
        self, path: str, values: NDArray[Any], /, *, chunks: Sequence[int | None] | None = None
    ) -> int:
        """See `ArchiveWriter.append`."""
        if not values.ndim:
            raise InvalidDatasetError(
                f"The value for {path!r} has no rows", hint="Give an array of at least one axis."
            )
        dtype: Any = values.dtype
        if values.dtype == object:
            if not all(isinstance(value, bytes) for value in values.flat):
                raise InvalidDatasetError(
                    f"Objects for {path!r} are not all bytes", hint="Make them bytes first."
                )
            dtype = VariableLengthBytes()

        def make() -> zarr.Array[Any]:
            return self._made(
                path,
                shape=(0, *values.shape[1:]),
                chunks=_chunk_lengths(values, chunks),
                dtype=dtype,
                compressors=self._compressor(),
            )

        array = self._array(path, make, values.shape[1:], values.dtype)
        return self._extend(array, [values], len(values))

    def append_from(self, source: ArraySource, path: str, /) -> int:
        """See `ArchiveWriter.append_from`."""
        info = source.info(path)
        if not info.shape:
            raise InvalidDatasetError(
                f"The array {path!r} is a single value, it has no rows",
                hint="Remove it from the archive, or give it an axis.",
            )
        original: zarr.Array[Any] = source.group[path]
        array = self._array(
            path, lambda: self._made_like(path, original), info.shape[1:], info.dtype
        )
        itemsize = _OBJECT_BYTES if info.dtype == object else info.dtype.itemsize
        row_bytes = max(1, math.prod(info.shape[1:]) * itemsize)
        length = max(1, info.chunks[0])
        rows = length * max(1, BYTES_AT_ONCE // (row_bytes * length))
        blocks = (
            source.take(path, np.arange(first, min(first + rows, info.shape[0]), dtype=np.int64))
            for first in range(0, info.shape[0], rows)
        )
        return self._extend(array, blocks, info.shape[0])

    def remove(self, name: str, /) -> None:
        """See `ArchiveWriter.remove`."""
        if name in self.names():
            self._asked(lambda: self.group.__delitem__(name), "changed")

    def consolidate(self) -> None:
        """See `ArchiveWriter.consolidate`."""
        store = StoragePortStore(self._storage, self._path)
        format_ = self.group.metadata.zarr_format
        with warnings.catch_warnings():
            # Not yet in the standard of format 3, which concerns who reads it, not who writes it.
            warnings.simplefilter("ignore")
            self._asked(
                lambda: zarr.consolidate_metadata(store, zarr_format=format_), "consolidated"
            )

    # -- making arrays ------------------------------------------------------------------------

    def _asked(self, question: Callable[[], R], verb: str) -> R:
        """Return what zarr answers; its errors become ours."""
        try:
            return question()
        except PolarisError:
            raise
        except Exception as cause:  # What zarr raises is not specified.
            if (ours := own_error(cause)) is not None:
                raise ours from None
            raise StorageError(
                f"The archive at {place(self._storage, self._path)} cannot be {verb}: "
                f"{type(cause).__name__}: {cause}",
                hint="Check the names of the arrays, and that the folder can be written to.",
            ) from cause

    def _array(
        self,
        path: str,
        make: Callable[[], zarr.Array[Any]],
        element: tuple[int, ...],
        dtype: np.dtype[Any],
    ) -> zarr.Array[Any]:
        """Return the array of a path, made where missing; refuse one with other rows."""
        found = self._asked(lambda: self.group.get(path), "read")
        if found is None:
            return self._asked(make, "changed")
        if not isinstance(found, zarr.Array):
            raise InvalidDatasetError(
                f"The archive has a group {path!r}, which has no rows", hint="Choose another name."
            )
        if found.shape[1:] != element or found.dtype != dtype:
            raise InvalidDatasetError(
                f"Rows of {dtype} and shape {element} cannot be appended to the array {path!r}, "
                f"whose rows are of {found.dtype} and shape {found.shape[1:]}",
                hint="Convert them first, or give the column another name.",
            )
        return found

    def _made(self, path: str, **description: Any) -> zarr.Array[Any]:
        folder, _, name = path.rpartition("/")
        parent = self.group.require_group(folder) if folder else self.group
        return parent.create_array(name, **description)

    def _made_like(self, path: str, original: zarr.Array[Any]) -> zarr.Array[Any]:
        metadata = original.metadata
        description: dict[str, Any] = {
            "shape": (0, *original.shape[1:]),
            "chunks": original.chunks,
            "dtype": metadata.data_type if metadata.zarr_format == 3 else metadata.dtype,
            "fill_value": metadata.fill_value,
            "attributes": dict(original.attrs),
            "compressors": self._compressor(),
        }
        if metadata.zarr_format == 2 == self.group.metadata.zarr_format:
            description |= {
                "filters": metadata.filters,
                "compressors": metadata.compressor,
                "order": metadata.order,
            }
        return self._made(path, **description)

    def _compressor(self) -> Any:
        # Of the compressors of format 2 that all clients in use can read, the fastest.
        two = self.group.metadata.zarr_format == 2
        return Blosc(cname="lz4", clevel=5, shuffle=Blosc.SHUFFLE) if two else "auto"

    def _extend(self, array: zarr.Array[Any], blocks: Any, count: int) -> int:
        first = array.shape[0]

        def write() -> None:
            array.resize((first + count, *array.shape[1:]))
            start = first
            for block in blocks:
                array[start : start + len(block)] = block
                start += len(block)

        self._asked(write, "changed")
        return first


def _chunk_lengths(values: NDArray[Any], chunks: Sequence[int | None] | None) -> tuple[int, ...]:
    """Return the lengths of a chunk along all axes."""
    element = [max(1, length) for length in values.shape[1:]]
    itemsize = _OBJECT_BYTES if values.dtype == object else values.dtype.itemsize
    if chunks is None:
        rows = CHUNK_BYTES // max(1, math.prod(element) * itemsize)
        return (min(max(1, rows), max(1, len(values))), *element)
    whole = [max(1, len(values)), *element]
    if len(chunks) > len(whole) or any(length is not None and length < 1 for length in chunks):
        raise InvalidDatasetError(
            f"Chunks of {tuple(chunks)} do not fit an array of {len(whole)} axes",
            hint="Give a length of at least 1, or None, for each axis.",
        )
    given = [*chunks, *[None] * (len(whole) - len(chunks))]
    return tuple(
        axis if length is None else length for length, axis in zip(given, whole, strict=True)
    )
