"""Row numbers as users write them: from 0, from the end, as slices, or several at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polaris.errors import InvalidDatasetError, OutOfRangeError

__all__ = ["check_rows", "row_number", "row_numbers"]


def row_number(number: int, rows: int) -> int:
    """Return the number of a row from 0, for one that may count from the end.

    Raises:
        OutOfRangeError: There is no such row.
    """
    if not -rows <= number < rows:
        raise OutOfRangeError(
            f"The dataset has {rows} rows; there is no row {number}",
            hint="Rows count from 0, or from -1 at the end.",
        )
    return number + rows if number < 0 else number


def row_numbers(selected: Any, rows: int) -> NDArray[np.int64]:
    """Return row numbers from 0 for a slice, or for several numbers that may count from the end.

    Raises:
        InvalidDatasetError: It is neither.
        OutOfRangeError: There is no such row.
    """
    if isinstance(selected, slice):
        chosen = range(rows)[selected]
        return np.arange(chosen.start, chosen.stop, chosen.step, dtype=np.int64)
    if isinstance(selected, (str, bytes)) or not isinstance(selected, (Sequence, np.ndarray)):
        raise InvalidDatasetError(
            f"The dataset has no row {selected!r}", hint="Rows are numbered from 0."
        )
    try:
        numbers = np.asarray(selected)
    except ValueError as cause:
        raise InvalidDatasetError(
            "Rows are selected by nested lists of different lengths",
            hint="Give row numbers in one dimension.",
        ) from cause
    if numbers.dtype.kind in "iu" and numbers.ndim == 1:
        within = (numbers < 0) & (numbers >= -rows)
        numbers = np.where(within, numbers + rows, numbers)
    return check_rows(numbers, rows)


def check_rows(positions: NDArray[Any], rows: int) -> NDArray[np.int64]:
    """Return row numbers from 0 unchanged, shape ``(n,)``.

    Raises:
        InvalidDatasetError: They are no numbers.
        OutOfRangeError: There is no such row.
    """
    if positions.size == 0:
        return np.empty(0, dtype=np.int64)
    if positions.ndim != 1 or positions.dtype.kind not in "iu":
        raise InvalidDatasetError(
            f"Rows cannot be read by {positions.dtype} of shape {positions.shape}",
            hint="Give row numbers in one dimension.",
        )
    if positions.min() < 0 or positions.max() >= rows:
        wrong = positions[(positions < 0) | (positions >= rows)][0]
        raise OutOfRangeError(
            f"The dataset has {rows} rows; there is no row {wrong}",
            hint="Rows count from 0, or from -1 at the end.",
        )
    return positions.astype(np.int64, copy=False)
