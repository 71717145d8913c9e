"""Reading the rows of an archive's columns, in bulk and cell by cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polaris.domain.archive_columns import ArrayColumn, GroupColumn
from polaris.domain.arrays import ArraySource
from polaris.domain.row_windows import WindowPlan

__all__ = ["ArchiveReader"]

Column = ArrayColumn | GroupColumn


class _Window:
    """Rows of one column that were read ahead."""

    __slots__ = ("copies", "start", "stop", "values")

    def __init__(self, start: int, values: NDArray[Any]) -> None:
        self.start = start
        self.stop = start + len(values)
        self.values = values
        # What a caller changes must not show when the cell is read again.
        self.copies = values.ndim > 1 or values.dtype == object

    def cell(self, row: int) -> Any:
        value = self.values[row - self.start]
        return value.copy() if self.copies and isinstance(value, np.ndarray) else value


class ArchiveReader:
    """Reads columns of an archive.

    Rows or cells that are asked for one after the other are read ahead of by a window; the window
    of each column is kept until another one is read. Copies and pickles start without any.

    Args:
        source: The archive.
        columns: Its columns by name.

    Attributes:
        n_rows: How many rows there are.
    """

    def __init__(self, source: ArraySource, columns: Mapping[str, Column]) -> None:
        self.n_rows = next((column.length for column in columns.values()), 0)
        self._source = source
        self._columns = columns
        self._row_bytes: dict[str, int] = {}
        self._windows: dict[str, _Window] = {}
        # The last row of each column that was read by itself.
        self._last: dict[str, int] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self._source, self._columns))

    def read(self, name: str, positions: NDArray[np.int64]) -> NDArray[Any]:
        """Return a column's cells at some positions, shape ``(n, *element)``."""
        return self._columns[name].read(self._source, positions)

    def plan(self, names: Sequence[str]) -> WindowPlan:
        """Return how to walk the rows of some columns."""
        for name in names:
            if name not in self._row_bytes:
                self._row_bytes[name] = self._columns[name].row_bytes(self._source)
        return WindowPlan(
            n_rows=self.n_rows,
            row_bytes=max(1, sum(self._row_bytes[name] for name in names)),
            chunk_rows=tuple(self._columns[name].chunk_rows for name in names),
        )

    def windows(
        self, names: Sequence[str], order: Iterator[NDArray[np.int64]]
    ) -> Iterator[dict[str, NDArray[Any]]]:
        """Yield the cells of some columns, window by window."""
        for positions in order:
            yield {name: self.read(name, positions) for name in names}

    def row(self, number: int) -> dict[str, Any]:
        """Return one row; ``number`` is in range."""
        found: dict[str, Any] = {}
        windows = self._windows
        for name in self._columns:
            window = windows.get(name)
            # As in `cell`; a call for each would take as long as all the rest of a loop over rows.
            if window is not None and window.start <= number < window.stop and not window.copies:
                found[name] = window.values[number - window.start]
            else:
                found[name] = self.cell(name, number)
        return found

    def cell(self, name: str, row: int) -> Any:
        """Return one cell; ``row`` is in range."""
        window = self._windows.get(name)
        if window is not None and window.start <= row < window.stop:
            return window.cell(row) if window.copies else window.values[row - window.start]
        follows = row == self._last.get(name, -2) + 1 or (window is not None and row == window.stop)
        self._last[name] = row
        if not follows:
            return self.read(name, np.array([row], dtype=np.int64))[0]
        # Windows of all columns together take the memory of one.
        rows = self.plan(list(self._columns)).rows
        stop = min((row // rows + 1) * rows, self.n_rows)
        window = _Window(row, self.read(name, np.arange(row, stop, dtype=np.int64)))
        self._windows[name] = window
        return window.cell(row)
