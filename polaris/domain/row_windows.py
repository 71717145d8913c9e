"""The order in which rows of an archive are read: in windows that fit memory, whole chunks first.

Reading by window decodes a chunk once, whatever the number of rows. A random order is drawn so that
this still holds: runs of rows that lie in one chunk are shuffled, several of them make a window,
and the rows of a window are shuffled among each other. An archive that fits one window is shuffled
like a deck of cards; a larger one is as random as a window is large.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import attrs
import numpy as np
from numpy.typing import NDArray

__all__ = ["WindowPlan", "rebatched"]

# Decoded bytes of all columns together that a window holds, for reading in order and at random.
ORDERED_BYTES = 16 * 2**20
SHUFFLED_BYTES = 64 * 2**20
_MOST_ROWS = 2**16
# Rows of a few bytes take less than what says in which order they come.
_MOST_SHUFFLED_ROWS = 2**21


@attrs.frozen
class WindowPlan:
    """How to walk the rows of some columns.

    Attributes:
        n_rows: How many rows there are.
        row_bytes: About how many bytes a row of all the columns takes in memory.
        chunk_rows: Rows in a chunk of each column.
    """

    n_rows: int
    row_bytes: int
    chunk_rows: tuple[int, ...]

    @property
    def rows(self) -> int:
        """Rows that are read at once: whole chunks of as many columns as possible."""
        return self._aligned(min(_MOST_ROWS, ORDERED_BYTES // self.row_bytes))

    def _aligned(self, rows: int) -> int:
        fitting = [length for length in self.chunk_rows if length <= rows]
        unit = max(fitting, default=1)
        return max(1, rows // unit * unit)

    def ordered(self) -> Iterator[NDArray[np.int64]]:
        """Yield the rows in their order, by window."""
        for start in range(0, self.n_rows, self.rows):
            yield np.arange(start, min(start + self.rows, self.n_rows), dtype=np.int64)

    def of(self, positions: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
        """Yield given positions, by window."""
        for start in range(0, len(positions), self.rows):
            yield positions[start : start + self.rows]

    def shuffled(self, seed: int) -> Iterator[NDArray[np.int64]]:
        """Yield all rows in a random order, by window; see above for how random it is."""
        random = np.random.default_rng(seed)
        window = max(1, min(_MOST_SHUFFLED_ROWS, SHUFFLED_BYTES // self.row_bytes))
        # Eight runs or more a window, so that neighbours come from different places.
        unit = self._run(max(1, window // 8))
        runs = random.permutation(-(-self.n_rows // unit))
        largest = max(self.chunk_rows, default=1)
        if largest > unit:
            # Chunks that are larger than a window stay decoded while their runs are read.
            chunks = runs * unit // largest
            rank = random.permutation(-(-self.n_rows // largest))
            runs = runs[np.argsort(rank[chunks], kind="stable")]
        at_once = max(1, window // unit)
        for first in range(0, len(runs), at_once):
            starts = runs[first : first + at_once] * unit
            rows = (starts[:, None] + np.arange(unit)).ravel()
            yield random.permutation(rows[rows < self.n_rows]).astype(np.int64)

    def _run(self, rows: int) -> int:
        fitting = [length for length in self.chunk_rows if length <= rows]
        return max(fitting, default=rows)


def rebatched(
    windows: Iterable[Mapping[str, NDArray[np.generic]]], size: int
) -> Iterator[dict[str, NDArray[np.generic]]]:
    """Yield batches of ``size`` rows from windows of other lengths; the last one may be shorter."""
    held: list[Mapping[str, NDArray[np.generic]]] = []
    count = 0
    for window in windows:
        held.append(window)
        count += len(next(iter(window.values())))
        if count < size:
            continue
        joined = _joined(held)
        full = count // size * size
        for start in range(0, full, size):
            yield {name: values[start : start + size] for name, values in joined.items()}
        # A copy, for a view would keep the whole window alive.
        count -= full
        held = [{name: values[full:].copy() for name, values in joined.items()}] if count else []
    if count:
        yield _joined(held)


def _joined(parts: list[Mapping[str, NDArray[np.generic]]]) -> dict[str, NDArray[np.generic]]:
    if len(parts) == 1:
        return dict(parts[0])
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
