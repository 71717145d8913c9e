"""Writing Dask arrays to the arrays of an archive."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import dask.array as da
import zarr

from polaris.errors import InvalidDatasetError, Problem

__all__ = ["check_columns", "store_columns"]

_BLOCK_BYTES = 64 * 2**20


def check_columns(columns: Mapping[str, da.Array]) -> None:
    """Refuse columns that no archive can be made of, before anything is computed.

    Raises:
        InvalidDatasetError: A column is no Dask array, its length is unknown or another one than
            that of the others, or it holds objects; all problems are reported together.
    """
    problems: list[Problem] = []
    lengths: dict[float, str] = {}
    for name, column in columns.items():
        if not isinstance(column, da.Array) or column.ndim == 0:
            kind = type(column).__name__
            problems.append(Problem(name, f"is no Dask array with rows but {kind}", "Make it one."))
        elif any(math.isnan(length) for length in column.shape):
            hint = "Call compute_chunk_sizes() on it."
            problems.append(Problem(name, "is of unknown shape", hint))
        elif column.dtype.kind == "O":
            hint = "Convert it, texts with astype('U…')."
            problems.append(Problem(name, "holds objects, of which the type is not known", hint))
        else:
            lengths.setdefault(column.shape[0], name)
    if len(lengths) > 1:
        found = ", ".join(f"{name!r} has {length}" for length, name in lengths.items())
        problems.append(Problem("", f"all columns should have the same length: {found}", ""))
    if problems:
        raise InvalidDatasetError(problems=problems)


def store_columns(columns: Mapping[str, da.Array], arrays: Mapping[str, zarr.Array[Any]]) -> None:
    """Compute columns and write them, block by block, where they are computed.

    Args:
        columns: Dask arrays.
        arrays: Where each of them is written to, of the same shape.
    """
    targets: list[Any] = [arrays[name] for name in columns]
    sources = [_aligned(columns[name], arrays[name]) for name in columns]
    # No lock: two blocks never share a chunk, or a shard, of the target.
    da.store(sources, targets, lock=False)


def _aligned(column: da.Array, array: zarr.Array[Any]) -> da.Array:
    """Return a column in blocks of whole chunks of the array that it is written to."""
    unit = (array.shards or array.chunks)[0]
    row_bytes = max(1, math.prod(column.shape[1:]) * column.dtype.itemsize)
    largest = max(column.chunks[0], default=1)
    rows = min(max(largest, 1), _BLOCK_BYTES // row_bytes) // unit * unit
    lengths = (max(unit, rows), *column.shape[1:])
    # Dask types a part of itself only.
    whole: da.Array = column.rechunk(lengths)  # type: ignore[no-untyped-call]
    return whole
