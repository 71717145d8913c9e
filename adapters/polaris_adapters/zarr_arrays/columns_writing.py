"""Writing a new archive of columns, block by block."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import zarr
from numcodecs import Blosc  # type: ignore[import-untyped]  # It ships no annotations.
from numpy.typing import NDArray

from polaris.domain.arrays import ArrayLayout
from polaris.errors import InvalidDatasetError, PolarisError, StorageError
from polaris.ports.storage import StoragePort
from polaris_adapters.zarr_arrays.metadata import own_error, place
from polaris_adapters.zarr_arrays.store import StoragePortStore
from polaris_adapters.zarr_arrays.stored_types import StoredType, stored_type

__all__ = ["write_columns"]

Blocks = NDArray[Any] | Iterable[NDArray[Any]]

# Decoded bytes of a chunk and of a shard where nobody gave their lengths, and of one write.
CHUNK_BYTES = 2**20
SHARD_BYTES = 32 * 2**20
WRITE_BYTES = 32 * 2**20


def write_columns(
    storage: StoragePort, path: str, columns: Mapping[str, Blocks], layout: ArrayLayout
) -> None:
    """Write a new archive; see `ArchivePort.write_columns`."""
    store = StoragePortStore(storage, path)
    try:
        root = zarr.create_group(store, zarr_format=layout.zarr_format)
        lengths = {
            name: _write(root, name, blocks, layout) for name, blocks in sorted(columns.items())
        }
        if len(set(lengths.values())) > 1:
            found = ", ".join(f"{name!r} has {length}" for name, length in lengths.items())
            raise InvalidDatasetError(
                f"All columns should have the same length: {found}",
                hint="Give each column one entry a row.",
            )
        with warnings.catch_warnings():
            # Not yet in the standard of format 3, which concerns who reads it, not who writes it.
            warnings.simplefilter("ignore")
            zarr.consolidate_metadata(store, zarr_format=layout.zarr_format)
    except PolarisError:
        raise
    except (ValueError, TypeError, OSError, RuntimeError) as cause:  # Not specified by zarr.
        if (ours := own_error(cause)) is not None:
            raise ours from None
        raise StorageError(
            f"The archive at {place(storage, path)} cannot be written: "
            f"{type(cause).__name__}: {cause}",
            hint="Check the types of the columns, and that the folder can be written to.",
        ) from cause


def _write(root: zarr.Group, name: str, blocks: Blocks, layout: ArrayLayout) -> int:
    """Write a column and return its length."""
    if not name or "/" in name or name.startswith((".", "__")):
        raise InvalidDatasetError(
            f"{name!r} cannot be the name of a column",
            hint="Names have no '/', and do not start with '.' or '__'.",
        )
    # A column of a table can be iterated, too, but has no blocks.
    one = hasattr(blocks, "__array__") or not isinstance(blocks, Iterable)
    parts = _checked(name, [blocks] if one else blocks)
    first = next(parts, None)
    if first is None:
        raise InvalidDatasetError(
            f"The column {name!r} has no blocks, so its type is not known",
            hint="Give an array of shape (0, …) for a column without rows.",
        )
    stored = stored_type(name, first, layout.zarr_format)
    array, rows = _created(root, name, first.shape[1:], stored, layout)
    held, count, written = [first], len(first), 0
    for part in parts:
        if part.shape[1:] != first.shape[1:]:
            raise InvalidDatasetError(
                f"The blocks of {name!r} have entries of the shapes {first.shape[1:]} and "
                f"{part.shape[1:]}",
                hint="All entries of a column have one shape.",
            )
        stored.check(name, part)
        held.append(part)
        count += len(part)
        if count >= rows:
            full = count // rows * rows
            joined = np.concatenate(held)
            written = _append(array, written, joined[:full])
            held, count = [joined[full:].copy()], count - full
    return _append(array, written, np.concatenate(held))


def _append(array: zarr.Array[Any], start: int, values: NDArray[Any]) -> int:
    if len(values):
        array.resize((start + len(values), *array.shape[1:]))
        array[start : start + len(values)] = values
    return start + len(values)


def _checked(name: str, blocks: Iterable[Any]) -> Iterator[NDArray[Any]]:
    for block in blocks:
        values = np.asarray(block)
        if not values.ndim:
            raise InvalidDatasetError(
                f"A block of {name!r} is a single value", hint="Give arrays whose axis 0 is rows."
            )
        if np.ma.is_masked(block):
            raise InvalidDatasetError(
                f"The column {name!r} has masked values, which an archive does not keep",
                hint="array.filled(value) puts a value in the place of the masked.",
            )
        # Texts of fixed width would take the width of the longest one for each.
        yield values.astype(object) if values.dtype.kind in "UT" else values


def _created(
    root: zarr.Group,
    name: str,
    entry: tuple[int, ...],
    stored: StoredType,
    layout: ArrayLayout,
) -> tuple[zarr.Array[Any], int]:
    """Return an empty array for a column, and how many rows to write at once."""
    row_bytes = max(1, math.prod(entry) * stored.value_bytes)
    chunk = layout.chunk_rows(name) or max(1, CHUNK_BYTES // row_bytes)
    element = tuple(max(1, length) for length in entry)
    description: dict[str, Any] = {"filters": stored.filters} if stored.filters else {}
    unit = chunk
    if layout.shards:
        shard = SHARD_BYTES // row_bytes if layout.shards is True else layout.shards
        unit = max(1, -(-shard // chunk)) * chunk
        description["shards"] = (unit, *element)
    if layout.zarr_format == 2:
        # Of the compressors that all clients in use can read, the fastest.
        description["compressors"] = Blosc(cname="lz4", clevel=5, shuffle=Blosc.SHUFFLE)
    array = root.create_array(
        name,
        shape=(0, *entry),
        chunks=(chunk, *element),
        dtype=stored.dtype,
        **description,
    )
    return array, unit * max(1, WRITE_BYTES // (row_bytes * unit))
