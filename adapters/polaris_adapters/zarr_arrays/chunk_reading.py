"""Gathering rows of an array: each chunk is read and decoded once."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import zarr
from numpy.typing import NDArray
from zarr.core.buffer import Buffer, default_buffer_prototype
from zarr.storage import MemoryStore, StorePath

from polaris.application.loop_thread import run_blocking
from polaris.application.object_tree import joined
from polaris.errors import DamagedFileError, PolarisError
from polaris.ports.storage import Read, StoragePort
from polaris_adapters.zarr_arrays.chunk_cache import ChunkCache
from polaris_adapters.zarr_arrays.metadata import own_error, place
from polaris_adapters.zarr_arrays.object_types import is_any_object
from polaris_adapters.zarr_arrays.plain_chunks import PlainChunks
from polaris_adapters.zarr_arrays.row_batches import RowBatch, check_rows, row_batches

__all__ = ["ChunkReader"]

# Decoded bytes of the chunks in work beside the result, and objects in one call of the storage.
BYTES_AT_ONCE = 64 * 2**20
OBJECTS_AT_ONCE = 512


class ChunkReader:
    """Reads the chunks of an archive's arrays.

    The objects of a batch of chunks are read by one call of the storage and decoded together, by
    zarr's blocking calls. A chunk of which not all rows were asked for is kept, decoded;
    but not molecules and structures, which whoever reads them may change.

    Args:
        storage: Where the archive lies.
        path: Folder of its root.
        cache: Keeps the chunks.
    """

    def __init__(self, storage: StoragePort, path: str, cache: ChunkCache) -> None:
        self._storage = storage
        self._path = path
        self._cache = cache
        self._number = cache.number_for(self)

    def take(self, array: zarr.Array[Any], rows: NDArray[np.int64]) -> NDArray[Any]:
        """Return rows of an array; see `ArraySource.take`.

        Raises:
            InvalidDatasetError: A row is out of range.
            DamagedFileError: A chunk cannot be decoded.
        """
        wanted = check_rows(rows, array.shape, array.path)
        if len(wanted) == 1 and (kept := self._kept_row(array, int(wanted[0]))) is not None:
            return kept
        found = np.empty((len(wanted), *array.shape[1:]), dtype=array.dtype)
        if found.size == 0:
            return found
        slab = array.chunks[0] * math.prod(array.shape[1:]) * array.dtype.itemsize
        objects = math.prod(_chunk_counts(array)[1:])
        at_once = max(1, min(BYTES_AT_ONCE // max(slab, 1), OBJECTS_AT_ONCE // objects))
        for batch in row_batches(wanted, chunk_rows=array.chunks[0], chunks_at_once=at_once):
            place = found[batch.places] if isinstance(batch.places, slice) else None
            rows = self._rows(array, batch, place)
            if rows is not place:
                found[batch.places] = rows
        return found

    def _kept_row(self, array: zarr.Array[Any], row: int) -> NDArray[Any] | None:
        chunk, offset = divmod(row, array.chunks[0])
        kept = self._cache.get((self._number, array.path, chunk))
        return None if kept is None else kept[offset : offset + 1].copy()

    def _rows(
        self, array: zarr.Array[Any], batch: RowBatch, place: NDArray[Any] | None
    ) -> NDArray[Any]:
        """Return a batch's rows, from chunks that are kept or are read now.

        Rows that are all of their chunks are decoded into their place if they have one.
        """
        length = array.chunks[0]
        starts = np.searchsorted(batch.rows, batch.chunks * length)
        stops = [*starts[1:].tolist(), len(batch.rows)]
        found: NDArray[Any] | None = None
        missing: list[int] = []
        for at, chunk in enumerate(batch.chunks.tolist()):
            kept = self._cache.get((self._number, array.path, chunk))
            if kept is None:
                missing.append(at)
                continue
            if found is None:
                found = np.empty((len(batch.rows), *array.shape[1:]), dtype=array.dtype)
            mine = slice(int(starts[at]), stops[at])
            found[mine] = kept[batch.rows[mine] - chunk * length]
        if found is None:
            return self._read(array, batch, place)
        if missing:
            of_missing = np.repeat(
                np.isin(np.arange(len(starts)), missing), np.diff([*starts, len(batch.rows)])
            )
            part = RowBatch(batch.chunks[missing], batch.rows[of_missing], slice(None))
            found[of_missing] = self._read(array, part, None)
        return found

    def _read(
        self, array: zarr.Array[Any], batch: RowBatch, place: NDArray[Any] | None
    ) -> NDArray[Any]:
        """Return a batch's rows, and keep the chunks of which rows are left to be asked for."""
        length = array.chunks[0]
        distinct = batch.rows if len(batch.rows) < 2 else _distinct(batch.rows)
        of_chunk = np.bincount(np.searchsorted(batch.chunks, distinct // length))
        in_chunk = np.minimum(array.shape[0] - batch.chunks * length, length)
        counts = np.concatenate([[0], np.cumsum(in_chunk)])
        if (of_chunk == in_chunk).all() and len(batch.rows) == counts[-1]:
            return self._whole(array, batch.chunks, in_chunk, place)
        decoded = self._whole(array, batch.chunks, in_chunk, None)
        kept = [] if is_any_object(array) else np.flatnonzero(of_chunk < in_chunk).tolist()
        for number in kept:
            # A copy, for a view would keep all the chunks of the batch alive.
            chunk = decoded[counts[number] : counts[number + 1]].copy()
            self._cache.put((self._number, array.path, int(batch.chunks[number])), chunk)
        at = np.searchsorted(batch.chunks, batch.rows // length)
        found: NDArray[Any] = decoded[counts[at] + batch.rows - batch.chunks[at] * length]
        return found

    def _whole(
        self,
        array: zarr.Array[Any],
        chunks: NDArray[np.int64],
        in_chunk: NDArray[np.int64],
        place: NDArray[Any] | None,
    ) -> NDArray[Any]:
        """Return all rows of some chunks, in their place if they have one."""
        plain = PlainChunks.of(array)
        if plain is not None:
            folder = joined(self._path, array.path)
            reads = [Read(f"{folder}/{key}") for key in plain.keys(chunks)]
            if place is None:
                place = np.empty((int(in_chunk.sum()), *array.shape[1:]), array.dtype)
            if plain.decode(run_blocking(self._storage.get(reads)), in_chunk, place):
                return place
        before = np.cumsum(in_chunk) - in_chunk
        rows = np.repeat(chunks * array.chunks[0] - before, in_chunk) + np.arange(in_chunk.sum())
        return self._decoded(array, RowBatch(chunks, rows, slice(None)))

    def value(self, array: zarr.Array[Any]) -> NDArray[Any]:
        """Return the value of an array without axes.

        Raises:
            DamagedFileError: It cannot be decoded.
        """
        try:
            return np.asarray(array[()])
        except PolarisError:
            raise
        except Exception as cause:  # What codecs raise for damaged bytes is not specified.
            if (ours := own_error(cause)) is not None:
                raise ours from None
            raise self._damaged(f"The value of {array.path!r}", cause) from cause

    def _decoded(self, array: zarr.Array[Any], batch: RowBatch) -> NDArray[Any]:
        """Return a batch's rows."""
        if array.shards is None:
            source, numbers = self._fetched(array, batch.chunks), np.arange(len(batch.chunks))
        else:
            # A shard is read in parts, by its index, which zarr does on its own.
            source, numbers = array, batch.chunks
        length = array.chunks[0]
        at = numbers[np.searchsorted(batch.chunks, batch.rows // length)]
        try:
            return _rows_of(source, at * length + batch.rows % length, len(numbers))
        except PolarisError:
            raise
        except Exception as cause:  # What codecs raise for damaged bytes is not specified.
            if (ours := own_error(cause)) is not None:
                raise ours from None
            first = int(batch.chunks[_first_damaged(source, numbers)]) * length
            last = min(first + length, array.shape[0]) - 1
            what = f"A chunk with rows {first} to {last} of {array.path!r}"
            raise self._damaged(what, cause) from cause

    def _damaged(self, what: str, cause: Exception) -> DamagedFileError:
        return DamagedFileError(
            f"{what} in the archive at {place(self._storage, self._path)} cannot be decoded: "
            f"{type(cause).__name__}: {cause}",
            hint="Restore the archive from where it came from.",
        )

    def _fetched(self, array: zarr.Array[Any], chunks: NDArray[np.int64]) -> zarr.Array[Any]:
        """Return an array of just these chunks, one after the other, encoded in memory."""
        others = [range(count) for count in _chunk_counts(array)[1:]]
        metadata = array.metadata
        keys = [
            (
                metadata.encode_chunk_key((chunk, *other)),
                metadata.encode_chunk_key((number, *other)),
            )
            for number, chunk in enumerate(chunks.tolist())
            for other in itertools.product(*others)
        ]
        folder = joined(self._path, array.path)
        reads = [Read(f"{folder}/{key}") for key, _ in keys]
        from_bytes = default_buffer_prototype().buffer.from_bytes
        objects: dict[str, Buffer] = {
            key: from_bytes(data)
            for (_, key), data in zip(keys, run_blocking(self._storage.get(reads)), strict=True)
            if data is not None
        }
        shape = (len(chunks) * array.chunks[0], *array.shape[1:])
        store = StorePath(MemoryStore(objects, read_only=True))
        return zarr.Array(zarr.AsyncArray(metadata.update_shape(shape), store))


def _chunk_counts(array: zarr.Array[Any]) -> list[int]:
    return [-(-length // chunk) for length, chunk in zip(array.shape, array.chunks, strict=True)]


def _rows_of(array: zarr.Array[Any], rows: NDArray[np.int64], chunks: int) -> NDArray[Any]:
    """Return ascending rows that lie in so many chunks; zarr decodes each of them once."""
    first, stop = int(rows[0]), int(rows[-1]) + 1
    block: NDArray[Any]
    if stop - first <= chunks * array.chunks[0]:
        block, offsets = np.asarray(array[first:stop]), rows - first
    else:
        kept, offsets = np.unique(rows, return_inverse=True)
        block = np.asarray(array.get_orthogonal_selection((kept,)))
    if len(offsets) == len(block) and (np.diff(offsets) == 1).all():
        return block
    repeated: NDArray[Any] = block[offsets]
    return repeated


def _distinct(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return ascending rows, each once."""
    distinct: NDArray[np.int64] = rows[np.concatenate([[True], rows[1:] != rows[:-1]])]
    return distinct


def _first_damaged(array: zarr.Array[Any], numbers: NDArray[np.int64]) -> int:
    """Return the position of the first chunk that cannot be decoded by itself."""
    for position, number in enumerate(numbers.tolist()):
        try:
            array[number * array.chunks[0] : (number + 1) * array.chunks[0]]
        except Exception:
            return position
    return 0
