"""Row positions as users write them, and questions about many of them at once."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from polaris.errors import InvalidInputError

__all__ = ["Occupancy", "parse_indices"]

# Up to this many marks an index, a table of marks takes no more memory than the indices themselves.
_MARKS_PER_INDEX = 8
_FEW_MARKS = 4096
_BEYOND_INT64 = 2.0**63


def parse_indices(value: Any) -> NDArray[np.int64]:
    """Return row positions as an array of their own, whatever they were written as.

    Lists, tuples, ranges, arrays, pandas columns and other collections of whole numbers are
    accepted, and so are whole numbers written as floats or as texts, since JSON and CSV readers
    produce them. A set, which has no order, is sorted.

    Args:
        value: The positions; sign, repeats and range are not judged here.

    Returns:
        Shape ``(n,)``, in the given order; nothing else refers to its memory.

    Raises:
        InvalidInputError: It is no collection, not one-dimensional, or holds something that is
            no whole number.
    """
    if isinstance(value, (set, frozenset)):
        return np.sort(parse_indices(list(value)))
    given = _as_array(value)
    if given.ndim != 1:
        raise InvalidInputError(
            f"must be one list of indices, not a {given.ndim}-dimensional array"
        )
    if given.dtype.kind == "b":
        raise InvalidInputError(
            "must be a list of indices, not a boolean mask",
            hint="Turn a mask into indices with numpy.flatnonzero.",
        )
    if given.dtype.kind == "i" or (given.dtype.kind == "u" and given.dtype.itemsize < 8):
        return np.array(given, dtype=np.int64)
    return _from_other_numbers(given)


def _as_array(value: Any) -> NDArray[Any]:
    if hasattr(value, "__array__"):
        return np.asarray(value)
    if isinstance(value, (str, bytes, bytearray, Mapping)) or not isinstance(value, Iterable):
        raise InvalidInputError(f"must be a list of indices, not {type(value).__name__}")
    items = value if isinstance(value, Sequence) else list(value)
    if len(items) and isinstance(items[0], (bool, np.bool_)):
        return np.asarray(items, dtype=np.bool_)
    try:
        # Takes whole numbers only, and is twice as fast as numpy on a list of them.
        return np.asarray(array("q", items))
    except (TypeError, OverflowError):
        pass
    try:
        return np.array(items, dtype=object)
    except ValueError as cause:
        raise InvalidInputError("must be one list of indices, not nested arrays") from cause


def _from_other_numbers(given: NDArray[Any]) -> NDArray[np.int64]:
    """Convert floats, texts and mixtures; 2**53 and more cannot be row positions anyway."""
    not_numbers = "must hold whole numbers only"
    if given.dtype.kind not in "ufOUST":
        raise InvalidInputError(f"{not_numbers}, not {given.dtype}")
    try:
        numbers = given.astype(np.float64)
    except (TypeError, ValueError, OverflowError) as cause:
        raise InvalidInputError(f"{not_numbers} ({cause})") from cause
    whole = (numbers == np.floor(numbers)) & (np.abs(numbers) < _BEYOND_INT64)
    if not whole.all():
        wrong = given[np.argmin(whole)]
        raise InvalidInputError(f"{not_numbers}, not {wrong.item() if _scalar(wrong) else wrong!r}")
    return numbers.astype(np.int64)


def _scalar(value: object) -> bool:
    return isinstance(value, np.generic)


@attrs.frozen(eq=False)
class Occupancy:
    """Which positions a list of indices names, and which of them more than once.

    Attributes:
        repeated: Positions that are named more than once, ascending.
    """

    repeated: NDArray[np.int64]
    _marks: NDArray[np.bool_]
    _sorted: NDArray[np.int64]

    @classmethod
    def of(cls, indices: NDArray[np.int64]) -> Occupancy:
        """Take stock of some indices, in linear time where they lie close together.

        A table of marks answers for those; far-flung ones, such as a mistyped 10**12, are sorted.
        """
        none = np.empty(0, np.int64)
        if indices.size == 0:
            return cls(none, np.empty(0, np.bool_), none)
        lowest, highest = int(indices.min()), int(indices.max())
        if lowest < 0 or highest >= _MARKS_PER_INDEX * indices.size + _FEW_MARKS:
            ordered = np.sort(indices)
            again = ordered[1:][ordered[1:] == ordered[:-1]]
            return cls(np.unique(again), np.empty(0, np.bool_), ordered)
        marks = np.zeros(highest + 1, np.bool_)
        marks[indices] = True
        if np.count_nonzero(marks) == indices.size:
            return cls(none, marks, none)
        return cls(np.flatnonzero(np.bincount(indices) > 1), marks, none)

    def contains(self, positions: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return for each position, shape ``(n,)``, whether it is named."""
        if self._marks.size:
            # Read as unsigned, a negative position is a huge one: one comparison finds both.
            inside = positions.view(np.uint64) < self._marks.size
            return inside & self._marks[np.where(inside, positions, 0)]
        if self._sorted.size:
            place = np.searchsorted(self._sorted, positions)
            return np.equal(self._sorted[np.minimum(place, self._sorted.size - 1)], positions)
        return np.zeros(positions.shape, np.bool_)
