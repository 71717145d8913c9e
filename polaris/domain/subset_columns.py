"""The columns of a subset, read for some rows and made into items or arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol, Self

import attrs
import numpy as np
from numpy.typing import NDArray

from polaris.domain.column_adapters import Adapter

__all__ = ["Featurize", "SubsetColumns", "TabularDataset", "Values", "stacked", "stacked_array"]

Values = NDArray[Any] | dict[str, NDArray[Any]]
Featurize = Callable[[Any], Any]
Read = Mapping[str, NDArray[Any]]


class TabularDataset(Protocol):
    """What a subset needs of a dataset."""

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        ...

    @property
    def n_rows(self) -> int:
        """How many rows there are."""
        ...

    def read_column(
        self,
        column: str,
        positions: NDArray[np.int64] | None = None,
        *,
        adapters: Mapping[str, Adapter] | None = None,
    ) -> NDArray[Any]:
        """Return a column's values at many positions."""
        ...

    def without_columns(self, names: Sequence[str]) -> Self:
        """Return a copy without some columns."""
        ...


@attrs.frozen(eq=False, kw_only=True)
class SubsetColumns:
    """Which columns of a dataset are inputs and which are targets, and how they are read.

    Attributes:
        dataset: Where the values come from.
        inputs: The input columns.
        targets: The target columns.
        adapters: Conversions that override the dataset's own.
        featurize: Applied to each input.
    """

    dataset: TabularDataset
    inputs: tuple[str, ...]
    targets: tuple[str, ...]
    adapters: Mapping[str, Adapter]
    featurize: Featurize | None

    def read(self, names: Iterable[str], positions: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
        """Return the values of columns at some positions; each column is read once."""
        return {
            name: self.dataset.read_column(name, positions, adapters=self.adapters)
            for name in dict.fromkeys(names)
        }

    def items(self, read: Read, *, hide_targets: bool) -> Iterator[Any]:
        """Yield the items of the rows that were read: inputs, or pairs of input and target."""
        inputs = self.features(read)
        return inputs if hide_targets else zip(inputs, _rows(self.targets, read), strict=True)

    def features(self, read: Read) -> Iterator[Any]:
        """Yield the inputs of the rows that were read; featurized one by one, as they are used."""
        rows = _rows(self.inputs, read)
        return iter(rows) if self.featurize is None else map(self.featurize, rows)

    def input_arrays(self, read: Read) -> Values:
        """Return the inputs of the rows that were read, as arrays."""
        if self.featurize is not None:
            return stacked(list(self.features(read)))
        return _arrays(self.inputs, read)

    def target_arrays(self, read: Read) -> Values:
        """Return the targets of the rows that were read, as arrays."""
        return _arrays(self.targets, read)


def _rows(columns: Sequence[str], read: Read) -> Iterable[Any]:
    if len(columns) == 1:
        return read[columns[0]]
    parts = [read[column] for column in columns]
    return (dict(zip(columns, row, strict=True)) for row in zip(*parts, strict=True))


def _arrays(columns: Sequence[str], read: Read) -> Values:
    if len(columns) == 1:
        return _plain(read[columns[0]])
    return {name: _plain(read[name]) for name in columns}


def _plain(values: NDArray[Any]) -> NDArray[Any]:
    """Return texts as a text array, as users of scikit-learn expect; all else as it is."""
    from pandas.api.types import infer_dtype

    is_text = values.dtype == object and infer_dtype(values, skipna=False) == "string"
    return values.astype(str) if is_text else values


def stacked(features: Sequence[Any]) -> Values:
    """Return featurized inputs as one array, or a dictionary of arrays."""
    if features and isinstance(features[0], Mapping):
        return {name: stacked_array([f[name] for f in features]) for name in features[0]}
    return stacked_array(features)


def stacked_array(features: Sequence[Any]) -> NDArray[Any]:
    """Return features as one array; of objects, shape ``(n,)``, where they differ in shape."""
    try:
        return np.array(features)
    except ValueError:
        # Features of different shapes: an array of objects keeps them apart.
        ragged = np.empty(len(features), dtype=object)
        for position, feature in enumerate(features):
            ragged[position] = feature
        return ragged
