"""What a dataset's columns hold, in a few numbers each."""

from __future__ import annotations

import copy
import datetime
import math
from collections.abc import Iterator
from numbers import Number
from types import NoneType
from typing import TYPE_CHECKING, Any, Protocol

import attrs
import numpy as np
from numpy.typing import NDArray

from polaris.domain.columns import ColumnAnnotation
from polaris.domain.read_ahead import HasWindows
from polaris.domain.subset_columns import TabularDataset

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "DescribedDataset",
    "describe_columns",
    "first_cells",
    "plain_cells",
    "without_adapters",
]

# Different values that are counted; more of them than that need not be told apart.
MOST_DISTINCT = 100_000
_BLOCK = 2**16
_TRIED_ROWS = 64
# Others may not be hashable, and to hold many of them takes memory.
_PLAIN = (
    str,
    bytes,
    Number,
    np.generic,
    datetime.date,
    datetime.time,
    datetime.timedelta,
    NoneType,
)


class DescribedDataset(TabularDataset, Protocol):
    """What a summary needs of a dataset."""

    @property
    def annotations(self) -> dict[str, ColumnAnnotation]:
        """What each column means."""
        ...


@attrs.define
class _Summary:
    """The numbers of one column, gathered block by block."""

    count: int = 0
    missing: int = 0
    mean: float = math.nan
    squares: float = 0.0
    lowest: Any = None
    highest: Any = None
    distinct: set[Any] | None = attrs.field(factory=set)

    def add(self, values: NDArray[Any]) -> None:
        import pandas as pd

        there = values[~pd.isna(values)]
        self.missing += len(values) - len(there)
        if self.distinct is not None:
            self.distinct.update(there.tolist())
            if len(self.distinct) > MOST_DISTINCT:
                self.distinct = None
        if len(there) and values.dtype.kind in "biufmM":
            low, high = _scalar(there.min()), _scalar(there.max())
            self.lowest = low if self.lowest is None else min(self.lowest, low)
            self.highest = high if self.highest is None else max(self.highest, high)
            if values.dtype.kind in "biuf":
                self._add_moments(there.astype(np.float64))
        self.count += len(there)

    def _add_moments(self, there: NDArray[np.float64]) -> None:
        """Join the moments of a block with those before it.

        Source: Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing
        sample variances" (1979).
        """
        mean = float(there.mean())
        squares = float(((there - mean) ** 2).sum())
        if self.count == 0:
            self.mean, self.squares = mean, squares
            return
        total = self.count + len(there)
        apart = mean - self.mean
        self.mean += apart * len(there) / total
        self.squares += squares + apart**2 * self.count * len(there) / total

    @property
    def deviation(self) -> float:
        known = self.count > 1 and not math.isnan(self.mean)
        return math.sqrt(self.squares / (self.count - 1)) if known else math.nan


def _scalar(value: Any) -> Any:
    """Return a value as tables show it."""
    import pandas as pd

    return pd.Timestamp(value) if value.dtype.kind == "M" else value.item()


def describe_columns(dataset: DescribedDataset) -> pd.DataFrame:
    """Return what each column holds: a row a column, labelled by its name.

    Columns are read in blocks, so that memory stays bounded. Columns of arrays, those that point
    to them included, of molecules and of structures are not read but for one row or a few.

    Returns:
        ``dtype`` and ``modality`` of the column; ``shape`` of a cell, None for single values and
        for arrays that differ; ``missing`` cells; ``distinct`` values, missing where there are
        more than 100,000; ``mean``, ``std`` (of a sample), ``min`` and ``max`` of numbers.
    """
    import pandas as pd

    raw = without_adapters(dataset)
    described = [_described(raw, name) for name in dataset.columns]
    table = pd.DataFrame(described, index=pd.Index(dataset.columns, name="column"))
    counts = {"missing": "Int64", "distinct": "Int64"}
    return table.astype({name: kind for name, kind in counts.items() if name in table})


def without_adapters(dataset: DescribedDataset) -> DescribedDataset:
    """Return a copy of a dataset whose cells are read as they are stored."""
    raw = copy.copy(dataset)
    object.__setattr__(raw, "default_adapters", {})
    return raw


def _described(dataset: DescribedDataset, name: str) -> dict[str, Any]:
    annotation = dataset.annotations[name]
    first = first_cells(dataset, name)
    found = {
        "dtype": str(annotation.dtype),
        "modality": annotation.modality.value,
        "shape": first.shape[1:] if first.ndim > 1 else None,
    }
    summary = _Summary()
    is_plain = plain_cells(first)
    for values in _blocks(dataset, name) if is_plain else ():
        summary.add(values)
    return found | {
        "missing": summary.missing if is_plain else None,
        "distinct": len(summary.distinct) if is_plain and summary.distinct is not None else None,
        "mean": summary.mean,
        "std": summary.deviation,
        "min": summary.lowest,
        "max": summary.highest,
    }


def first_cells(dataset: DescribedDataset, name: str) -> NDArray[Any]:
    """Return as few of the first cells of a column as tell what it holds."""
    first = dataset.read_column(name, np.arange(min(1, dataset.n_rows), dtype=np.int64))
    if first.dtype.kind == "O" and first.ndim == 1 and all(cell is None for cell in first):
        # The first ones may be missing.
        some = np.arange(min(_TRIED_ROWS, dataset.n_rows), dtype=np.int64)
        return dataset.read_column(name, some)
    return first


def plain_cells(values: NDArray[Any]) -> bool:
    """Tell whether cells are single values, judged by some that `first_cells` gives."""
    if values.ndim > 1:
        return False
    return values.dtype.kind != "O" or all(isinstance(cell, _PLAIN) for cell in values)


def _blocks(dataset: DescribedDataset, name: str) -> Iterator[NDArray[Any]]:
    rows = dataset.window_plan([name]).rows if isinstance(dataset, HasWindows) else _BLOCK
    for start in range(0, dataset.n_rows, rows):
        stop = min(start + rows, dataset.n_rows)
        yield dataset.read_column(name, np.arange(start, stop, dtype=np.int64))
