"""Which chunks hold the rows asked for, and how many of them to work on at once."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from polaris.errors import InvalidDatasetError

__all__ = ["RowBatch", "check_rows", "row_batches"]


@attrs.frozen(eq=False)
class RowBatch:
    """Rows that are decoded together, with all the chunks that hold them.

    Attributes:
        chunks: Numbers of the chunks along the first axis, ascending, each once; shape ``(c,)``.
        rows: The rows, ascending, repeats included; shape ``(n,)``.
        places: Their positions in the result, as an index of ``n`` positions.
    """

    chunks: NDArray[np.int64]
    rows: NDArray[np.int64]
    places: NDArray[np.int64] | slice


def check_rows(rows: Any, shape: tuple[int, ...], path: str) -> NDArray[np.int64]:
    """Return row numbers of an array, shape ``(n,)``.

    Raises:
        InvalidDatasetError: The array has no rows, or a number is not that of a row.
    """
    if not shape:
        raise InvalidDatasetError(
            f"The array {path!r} is a single value, it has no rows",
            hint="Point to an array with at least one axis.",
        )
    numbers = np.asarray(rows)
    if numbers.ndim != 1 or (numbers.size and not np.issubdtype(numbers.dtype, np.integer)):
        raise InvalidDatasetError(
            f"Rows of {path!r} cannot be taken by {numbers.dtype} of shape {numbers.shape}",
            hint="Give whole numbers in one dimension.",
        )
    if numbers.size and (numbers.min() < 0 or numbers.max() >= shape[0]):
        first = numbers[(numbers < 0) | (numbers >= shape[0])][0]
        raise InvalidDatasetError(
            f"The array {path!r} has {shape[0]} rows, there is no row {first}",
            hint="Rows count from 0; correct the pointer.",
        )
    return numbers.astype(np.int64, copy=False)


def row_batches(
    rows: NDArray[np.int64], *, chunk_rows: int, chunks_at_once: int
) -> Iterator[RowBatch]:
    """Yield batches that together hold all the rows, and no chunk twice.

    Args:
        rows: Row numbers in any order, at least one; shape ``(n,)``.
        chunk_rows: Rows in a chunk.
        chunks_at_once: Most chunks along the first axis in one batch.
    """
    order = None if (rows[1:] >= rows[:-1]).all() else np.argsort(rows, kind="stable")
    ordered = rows if order is None else rows[order]
    chunk_of = ordered // chunk_rows
    starts = np.flatnonzero(np.diff(chunk_of, prepend=-1))
    bounds = [*starts[::chunks_at_once].tolist(), len(rows)]
    for number, (start, stop) in enumerate(pairwise(bounds)):
        first = number * chunks_at_once
        yield RowBatch(
            chunks=chunk_of[starts[first : first + chunks_at_once]],
            rows=ordered[start:stop],
            places=slice(start, stop) if order is None else order[start:stop],
        )
