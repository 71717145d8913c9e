"""Columns as Arrow has them, for programs that compute on tables."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from polaris.domain.subset_columns import stacked_array
from polaris.errors import InvalidDatasetError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["arrow_table"]


def arrow_table(columns: Mapping[str, NDArray[Any] | Sequence[Any]]) -> pa.Table:
    """Return columns as an Arrow table.

    Columns of numbers of shape ``(n, *element)`` become lists of fixed size, nested where an
    element has several axes; cells that are arrays of different lengths become lists. Missing
    values are nulls.

    Args:
        columns: Arrays, or sequences of cells, of equal lengths.

    Raises:
        InvalidDatasetError: A column holds what Arrow has no type for, such as molecules.
    """
    import pyarrow as pa

    found = {}
    for name, values in columns.items():
        try:
            found[name] = _array(_as_array(values))
        except (pa.ArrowException, TypeError, ValueError, OverflowError) as cause:
            raise InvalidDatasetError(
                f"The column {name!r} cannot be written as Arrow: {cause}",
                hint="Arrow has numbers, texts, bytes, and lists of them. Leave the column out, "
                "or read it without adapter.",
            ) from cause
    return pa.table(found)


def _as_array(values: NDArray[Any] | Sequence[Any]) -> NDArray[Any]:
    return values if isinstance(values, np.ndarray) else stacked_array(values)


def _array(values: NDArray[Any]) -> Any:
    import pyarrow as pa

    if values.dtype.kind != "O" and values.ndim > 1:
        return _fixed_size_lists(values)
    if values.dtype.kind == "O":
        try:
            return pa.array(values, from_pandas=True)
        except (pa.ArrowException, TypeError):
            # Cells that hold arrays of several axes, which Arrow takes as nested lists only.
            return pa.array([_plain(cell) for cell in values], from_pandas=True)
    return pa.array(values, from_pandas=True)


def _fixed_size_lists(values: NDArray[Any]) -> Any:
    import pyarrow as pa

    if values.size == 0 and math.prod(values.shape[1:]) == 0:
        kind = pa.from_numpy_dtype(values.dtype)
        for length in reversed(values.shape[1:]):
            kind = pa.list_(kind, length)
        return pa.array(values.tolist(), type=kind)
    # Numbers of an array are all there: no nulls, and no copy where they lie in order.
    found = pa.array(np.ascontiguousarray(values).reshape(-1))
    for length in reversed(values.shape[1:]):
        found = pa.FixedSizeListArray.from_arrays(found, length)
    return found


def _plain(cell: Any) -> Any:
    """Return a cell that holds arrays as nested lists, and any other one as it is."""
    if isinstance(cell, np.ndarray):
        return cell.tolist()
    if isinstance(cell, Mapping):
        return {str(key): _plain(value) for key, value in cell.items()}
    if isinstance(cell, (list, tuple)):
        return [_plain(value) for value in cell]
    return cell
