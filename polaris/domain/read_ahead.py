"""How many rows are read at once, so that reading is fast and memory stays bounded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from polaris.domain.memory_sizes import memory_bytes
from polaris.domain.row_windows import WindowPlan

__all__ = ["HasWindows", "ReadAhead", "in_multiples", "rank_windows", "shuffled_ranks"]

# Before anything is known of the rows; few enough to hold if each of them is an image.
_FIRST_ROWS = 32
# Enough that the cost of a read is shared by many rows.
_MOST_ROWS = 1024
_MOST_BYTES = 16 * 2**20
_MEASURED_CELLS = 16


@runtime_checkable
class HasWindows(Protocol):
    """A dataset that knows how its rows are best walked."""

    def window_plan(self, columns: Sequence[str], /) -> WindowPlan:
        """Return how to walk the rows of some columns."""
        ...


class ReadAhead:
    """How many rows to read at once: as many as the size of those read before allows.

    Args:
        plan: How the dataset's rows are best walked, where it knows.
        converted: Whether cells are converted, so that the plan does not know their size.

    Attributes:
        rows: Rows of the next read.
    """

    def __init__(self, plan: WindowPlan | None = None, *, converted: bool = False) -> None:
        self._is_measured = plan is None or converted
        self.rows = _FIRST_ROWS if self._is_measured or plan is None else plan.rows

    def note(self, columns: Iterable[NDArray[Any]]) -> None:
        """Take note of what was read: the columns of some rows."""
        if self._is_measured:
            row_bytes = sum(_cell_bytes(values) for values in columns)
            self.rows = max(1, min(_MOST_ROWS, int(_MOST_BYTES // max(row_bytes, 1))))


def _cell_bytes(values: NDArray[Any]) -> float:
    """Return about how many bytes a cell takes in memory."""
    if len(values) == 0:
        return 0
    if values.dtype.kind != "O":
        return values.nbytes / len(values)
    some = values.ravel()[:: max(1, values.size // _MEASURED_CELLS)]
    return sum(map(memory_bytes, some)) / len(some) * values.size / len(values)


def rank_windows(length: int, ahead: ReadAhead, multiple: int = 1) -> Iterator[NDArray[np.int64]]:
    """Yield all ranks in order, as many at once as are to be read.

    Args:
        length: How many there are.
        ahead: Asked before each window.
        multiple: The length of every window but the last one is a multiple of it.
    """
    start = 0
    while start < length:
        stop = min(length, start + max(multiple, ahead.rows // multiple * multiple))
        yield np.arange(start, stop, dtype=np.int64)
        start = stop


def shuffled_ranks(
    length: int, seed: int | None, ahead: ReadAhead, plan: WindowPlan | None
) -> Iterator[NDArray[np.int64]]:
    """Yield all ranks in random order, as many at once as are to be read.

    Args:
        length: How many there are.
        seed: The same one gives the same order; None an order that is different every time.
        ahead: Asked before each window.
        plan: Where given, it draws the order, so that rows of one chunk are read together.
    """
    random = np.random.default_rng(seed)
    if plan is not None:
        drawn = WindowPlan(n_rows=length, row_bytes=plan.row_bytes, chunk_rows=plan.chunk_rows)
        yield from drawn.shuffled(int(random.integers(2**63)))
        return
    order = random.permutation(length).astype(np.int64, copy=False)
    for window in rank_windows(length, ahead):
        yield order[window]


def in_multiples(windows: Iterable[NDArray[np.int64]], size: int) -> Iterator[NDArray[np.int64]]:
    """Yield the same ranks in windows whose lengths, but for the last one, are multiples."""
    held = np.empty(0, dtype=np.int64)
    for window in windows:
        held = np.concatenate([held, window]) if held.size else window
        full = len(held) // size * size
        if full:
            yield held[:full]
            held = held[full:]
    if held.size:
        yield held
