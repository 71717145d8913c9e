"""Some rows of a dataset, as inputs and targets for a model."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, Self, overload

import numpy as np
from numpy.typing import NDArray

from polaris.domain.column_adapters import Adapter
from polaris.errors import InvalidDatasetError, InvalidInputError, TestAccessError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Subset", "TabularDataset"]

# Rows read at once while iterating: large enough that reading costs little, small enough to hold.
_BLOCK = 1024

Values = NDArray[Any] | dict[str, NDArray[Any]]
Featurize = Callable[[Any], Any]


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


class Subset:
    """Some rows of a dataset, as inputs and targets for a model.

    Items are ``(input, target)`` pairs; where several columns are inputs, or targets, that part is
    a dictionary. The subset of a test set hides its targets: items are inputs alone, and whatever
    would reveal a target raises `TestAccessError`.

    Args:
        dataset: Where the rows come from.
        indices: Row positions, shape ``(n,)``; any sequence or array of whole numbers, or a bitmap.
        input_cols: The input column or columns.
        target_cols: The target column or columns.
        adapters: Conversions that override the dataset's own.
        featurization_fn: Applied to each input when it is read; gets the value, or the dictionary
            of values where there are several input columns.
        hide_targets: Hide the targets.

    Raises:
        InvalidDatasetError: A column does not exist, or an index is out of range.
        TestAccessError: A hidden target is asked for as an input.
    """

    def __init__(
        self,
        dataset: TabularDataset,
        indices: Any,
        input_cols: str | Iterable[str],
        target_cols: str | Iterable[str],
        adapters: Mapping[str, Adapter] | None = None,
        featurization_fn: Featurize | None = None,
        hide_targets: bool = False,
    ) -> None:
        self._dataset = dataset
        self._input_cols = _columns(input_cols)
        self._target_cols = _columns(target_cols)
        self._adapters = dict(adapters or {})
        self._featurize = featurization_fn
        self._hide_targets = hide_targets
        self._positions = _positions(indices, dataset.n_rows)
        self._cursor: Iterator[Any] | None = None
        self._visible: TabularDataset | None = None
        missing = [c for c in (*self._input_cols, *self._target_cols) if c not in dataset.columns]
        if missing:
            raise InvalidDatasetError(
                f"The dataset has no column {missing[0]!r}",
                hint=f"Its columns are {', '.join(dataset.columns[:20])}.",
            )
        self._refuse_hidden(self._input_cols)

    # -- what it consists of ------------------------------------------------------------------

    @property
    def dataset(self) -> Any:
        """The dataset; without its target columns where the targets are hidden."""
        if not self._hide_targets:
            return self._dataset
        if self._visible is None:
            self._visible = self._dataset.without_columns(self._target_cols)
        return self._visible

    @property
    def indices(self) -> NDArray[np.int64]:
        """Row positions in the dataset, shape ``(n,)``, read only."""
        return self._positions

    @property
    def input_cols(self) -> list[str]:
        """The input columns."""
        return list(self._input_cols)

    @property
    def target_cols(self) -> list[str]:
        """The target columns."""
        return list(self._target_cols)

    @property
    def is_multi_input(self) -> bool:
        """Whether there are several input columns."""
        return len(self._input_cols) > 1

    @property
    def is_multi_task(self) -> bool:
        """Whether there are several target columns."""
        return len(self._target_cols) > 1

    def __len__(self) -> int:
        return len(self._positions)

    # -- as arrays ----------------------------------------------------------------------------

    @property
    def inputs(self) -> Values:
        """The inputs as an array, or a dictionary of arrays; after featurization."""
        return self._inputs(self._positions)

    X = inputs

    @property
    def targets(self) -> Values:
        """The targets as an array, or a dictionary of arrays.

        Raises:
            TestAccessError: They are hidden.
        """
        return self._targets(self._positions)

    y = targets

    def as_array(self, data_type: str) -> Any:
        """Return inputs (``"x"``), targets (``"y"``), or the pair of both (``"xy"``) as arrays.

        Raises:
            TestAccessError: Targets are asked for, and they are hidden.
            InvalidInputError: Something else is asked for.
        """
        if data_type not in ("x", "y", "xy"):
            raise InvalidInputError(
                f"data_type cannot be {data_type!r}", hint="Give 'x', 'y' or 'xy'."
            )
        if data_type == "x":
            return self.inputs
        targets = self.targets
        return targets if data_type == "y" else (self.inputs, targets)

    def as_dataframe(self) -> pd.DataFrame:
        """Return a table of the inputs, featurized, then the targets unless they are hidden."""
        import pandas as pd

        shown = [*self._input_cols, *([] if self._hide_targets else self._target_cols)]
        columns = {name: list(self._read(name, self._positions)) for name in dict.fromkeys(shown)}
        if self._featurize is not None:
            features = self._featurized(self._positions)
            for name in self._input_cols:
                columns[name] = [f[name] if isinstance(f, Mapping) else f for f in features]
        return pd.DataFrame(columns)

    def column_values(self, column: str) -> NDArray[Any]:
        """Return the dataset's values of any column for these rows, shape ``(n, …)``.

        Raises:
            TestAccessError: The column is a hidden target.
            InvalidDatasetError: There is no such column.
        """
        self._refuse_hidden([column])
        return self._read(column, self._positions)

    # -- as items -----------------------------------------------------------------------------

    @overload
    def __getitem__(self, item: int) -> Any: ...
    @overload
    def __getitem__(self, item: slice) -> Self: ...
    def __getitem__(self, item: int | slice) -> Any:
        """Return one item, counted from the end if negative, or a subset of the items."""
        if isinstance(item, slice):
            return self._with(_positions=self._positions[item])
        try:
            position = self._positions[item]
        except (IndexError, TypeError, ValueError) as cause:
            # IndexError is what ends old-style iteration, so it has to be one.
            raise _OutOfRangeError(
                f"The subset has {len(self)} items; there is no item {item!r}",
                hint="Items count from 0.",
            ) from cause
        if np.ndim(position):
            raise InvalidInputError(
                "Items are read one by one or by slice", hint="Use subset.X and subset.y."
            )
        return next(self._items(np.array([position])))

    def __iter__(self) -> Iterator[Any]:
        for start in range(0, len(self), _BLOCK):
            yield from self._items(self._positions[start : start + _BLOCK])

    def __next__(self) -> Any:
        if self._cursor is None:
            self._cursor = iter(self)
        try:
            return next(self._cursor)
        except StopIteration:
            self._cursor = None
            raise

    def _items(self, positions: NDArray[np.int64]) -> Iterator[Any]:
        """Yield the items at some positions, whose columns are read once."""
        inputs = self._featurized(positions)
        if self._hide_targets:
            return iter(inputs)
        return iter(zip(inputs, self._rows(self._target_cols, positions), strict=True))

    # -- others like it -----------------------------------------------------------------------

    def copy(self) -> Self:
        """Return an independent copy; hidden targets stay hidden."""
        return self._with()

    def extend_inputs(self, input_cols: str | Iterable[str]) -> Self:
        """Return a copy with further input columns behind those there are.

        Raises:
            TestAccessError: One of them is a hidden target.
            InvalidDatasetError: One of them does not exist.
        """
        added = _columns(input_cols)
        self._refuse_hidden(added)
        for column in added:
            if column not in self._dataset.columns:
                raise InvalidDatasetError(
                    f"The dataset has no column {column!r}",
                    hint=f"Its columns are {', '.join(self.dataset.columns[:20])}.",
                )
        return self._with(_input_cols=tuple(dict.fromkeys((*self._input_cols, *added))))

    def filter_targets(self, target_cols: str | Iterable[str]) -> Self:
        """Return a copy with only some of the target columns, in the order they have.

        Raises:
            InvalidInputError: One of them is not a target column.
        """
        kept = _columns(target_cols)
        unknown = [column for column in kept if column not in self._target_cols]
        if unknown or not kept:
            raise InvalidInputError(
                f"{', '.join(unknown) or 'Nothing'} is not a target column",
                hint=f"The target columns are {', '.join(self._target_cols)}.",
            )
        reduced = self._with(_target_cols=tuple(c for c in self._target_cols if c in kept))
        if self._hide_targets:
            # Dropping a target from the list must not make it readable as something else.
            reduced._dataset = self._dataset.without_columns(
                [c for c in self._target_cols if c not in kept]
            )
        return reduced

    def __repr__(self) -> str:
        hidden = ", targets hidden" if self._hide_targets else ""
        return (
            f"Subset({len(self)} rows, inputs {list(self._input_cols)}, "
            f"targets {list(self._target_cols)}{hidden})"
        )

    # -- reading ------------------------------------------------------------------------------

    def _with(self, **changes: Any) -> Self:
        changed = copy.copy(self)
        changed._cursor = None
        changed._visible = None
        for name, value in changes.items():
            setattr(changed, name, value)
        return changed

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_cursor": None}

    def _refuse_hidden(self, columns: Iterable[str]) -> None:
        hidden = [c for c in columns if self._hide_targets and c in self._target_cols]
        if hidden:
            raise TestAccessError(
                f"The targets of a test set are hidden: {hidden[0]!r} cannot be read",
                hint="Pass your predictions to benchmark.evaluate().",
            )

    def _read(self, column: str, positions: NDArray[np.int64]) -> NDArray[Any]:
        return self._dataset.read_column(column, positions, adapters=self._adapters)

    def _rows(self, columns: Sequence[str], positions: NDArray[np.int64]) -> Iterable[Any]:
        if len(columns) == 1:
            return self._read(columns[0], positions)
        read = [self._read(column, positions) for column in columns]
        return (dict(zip(columns, row, strict=True)) for row in zip(*read, strict=True))

    def _featurized(self, positions: NDArray[np.int64]) -> Iterable[Any]:
        rows = self._rows(self._input_cols, positions)
        return rows if self._featurize is None else [self._featurize(row) for row in rows]

    def _inputs(self, positions: NDArray[np.int64]) -> Values:
        if self._featurize is not None:
            return _stacked(list(self._featurized(positions)))
        if self.is_multi_input:
            return {name: _plain(self._read(name, positions)) for name in self._input_cols}
        return _plain(self._read(self._input_cols[0], positions))

    def _targets(self, positions: NDArray[np.int64]) -> Values:
        self._refuse_hidden(self._target_cols)
        if self.is_multi_task:
            return {name: _plain(self._read(name, positions)) for name in self._target_cols}
        return _plain(self._read(self._target_cols[0], positions))


class _OutOfRangeError(InvalidInputError, IndexError):
    """An item is asked for that the subset does not have."""


def _columns(value: str | Iterable[str]) -> tuple[str, ...]:
    columns = (value,) if isinstance(value, str) else tuple(value)
    if not columns:
        raise InvalidInputError("No column is given", hint="Name at least one column.")
    return tuple(dict.fromkeys(columns))


def _positions(indices: Any, rows: int) -> NDArray[np.int64]:
    """Return row positions as an array that cannot be written to."""
    array = indices if isinstance(indices, np.ndarray) else np.array(list(indices))
    if array.size == 0:
        array = array.astype(np.int64)
    if array.ndim != 1 or array.dtype.kind not in "iu":
        raise InvalidInputError(
            "The indices of a subset are not whole numbers", hint="Give row positions from 0."
        )
    if array.size and (array.min() < 0 or array.max() >= rows):
        raise InvalidDatasetError(
            f"An index of the subset is out of range: the dataset has {rows} rows",
            hint="Indices are row positions from 0.",
        )
    positions = array.astype(np.int64)
    positions.flags.writeable = False
    return positions


def _plain(values: NDArray[Any]) -> NDArray[Any]:
    """Return texts as a text array, as users of scikit-learn expect; all else as it is."""
    from pandas.api.types import infer_dtype

    is_text = values.dtype == object and infer_dtype(values, skipna=False) == "string"
    return values.astype(str) if is_text else values


def _stacked(features: list[Any]) -> Values:
    """Return featurized inputs as one array, or a dictionary of arrays."""
    if features and isinstance(features[0], Mapping):
        return {name: _stacked_array([f[name] for f in features]) for name in features[0]}
    return _stacked_array(features)


def _stacked_array(features: list[Any]) -> NDArray[Any]:
    try:
        return np.array(features)
    except ValueError:
        # Features of different shapes: an array of objects keeps them apart.
        ragged = np.empty(len(features), dtype=object)
        for position, feature in enumerate(features):
            ragged[position] = feature
        return ragged
