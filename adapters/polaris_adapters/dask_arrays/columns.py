"""A dataset's column as a Dask array."""

from __future__ import annotations

import uuid
from typing import Any

import dask.array as da
import numpy as np
from dask.delayed import delayed
from numpy.typing import NDArray

from polaris.domain.read_ahead import HasWindows
from polaris.domain.subset_columns import TabularDataset
from polaris.errors import InvalidInputError

__all__ = ["column_array"]

_BLOCK_BYTES = 64 * 2**20
_MOST_ROWS = 2**20
# What a cell of objects, such as a text or a molecule, is taken for.
_OBJECT_BYTES = 512


def column_array(dataset: TabularDataset, column: str, *, rows: int | None) -> da.Array:
    """Return a column as a Dask array, of which nothing but the first cell has been read.

    Args:
        dataset: Where it is; goes to the workers without its other columns.
        column: Its name.
        rows: Rows of a block; about 64 MiB, in whole chunks where the dataset knows them, if None.

    Returns:
        Shape ``(n, *element)``, in blocks of rows.

    Raises:
        InvalidDatasetError: There is no such column.
        InvalidInputError: A block cannot have so many rows.
    """
    if rows is not None and (isinstance(rows, bool) or not isinstance(rows, int) or rows < 1):
        raise InvalidInputError(
            f"A block cannot have {rows!r} rows", hint="Give a whole number from 1 up."
        )
    first = dataset.read_column(column, np.arange(min(1, dataset.n_rows), dtype=np.int64))
    lean = dataset.without_columns([name for name in dataset.columns if name != column])
    # One task holds the dataset, and each worker is sent it once.
    source = delayed(lean, name=f"dataset-{uuid.uuid4().hex}", traverse=False)
    positions = da.arange(
        dataset.n_rows, chunks=rows or _block_rows(dataset, column, first), dtype=np.int64
    )
    element = first.shape[1:]
    # Dask types a part of itself only.
    found: da.Array = da.map_blocks(  # type: ignore[no-untyped-call]
        _read,
        positions,
        column=column,
        dataset=source,
        name=f"column-{uuid.uuid4().hex}",
        dtype=first.dtype,
        new_axis=list(range(1, 1 + len(element))) or None,
        chunks=(positions.chunks[0], *((length,) for length in element)),
        meta=np.empty((0,) * first.ndim, dtype=first.dtype),
    )
    return found


def _block_rows(dataset: TabularDataset, column: str, first: NDArray[Any]) -> int:
    if isinstance(dataset, HasWindows):
        plan = dataset.window_plan([column])
        # A multiple of the rows that are best read at once, and so of the chunks.
        return plan.rows * max(1, _BLOCK_BYTES // (plan.rows * plan.row_bytes))
    cell = first.nbytes if first.dtype.kind != "O" else first.size * _OBJECT_BYTES
    return max(1, min(_MOST_ROWS, _BLOCK_BYTES // max(cell, 1)))


def _read(positions: NDArray[np.int64], *, column: str, dataset: TabularDataset) -> NDArray[Any]:
    return dataset.read_column(column, positions)
