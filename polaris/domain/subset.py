"""Some rows of a dataset, as inputs and targets for a model."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self, overload

import attrs
import numpy as np
from numpy.typing import NDArray

from polaris.domain.arrow_columns import arrow_table
from polaris.domain.column_adapters import Adapter
from polaris.domain.html import card
from polaris.domain.index_arrays import parse_indices
from polaris.domain.position_slices import sliced
from polaris.domain.short_text import few
from polaris.domain.subset_columns import Featurize, SubsetColumns, TabularDataset, Values
from polaris.domain.subset_rows import SubsetRows, parse_batch_size, parse_positions
from polaris.errors import (
    InvalidDatasetError,
    InvalidInputError,
    MissingExtraError,
    OutOfRangeError,
    TestAccessError,
)

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

__all__ = ["Featurize", "Subset", "TabularDataset"]


class Subset:
    """Some rows of a dataset, as inputs and targets for a model.

    Items are ``(input, target)`` pairs; where several columns are inputs, or targets, that part is
    a dictionary. The subset of a test set hides its targets: items are inputs alone, and whatever
    would reveal a target raises `TestAccessError`. The targets do not go along when such a subset
    is pickled, either.

    It is a map-style dataset for PyTorch's ``DataLoader``, which reads each batch in one call.
    For workers that are spawned ``featurization_fn`` has to be a function of a module.

    Args:
        dataset: Where the rows come from.
        indices: Row positions, shape ``(n,)``; any sequence or array of whole numbers, a bitmap,
            or `Positions`, which are not held in memory.
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
        columns = SubsetColumns(
            dataset=dataset,
            inputs=_names(input_cols),
            targets=_names(target_cols),
            adapters=dict(adapters or {}),
            featurize=featurization_fn,
        )
        positions = parse_positions(indices, dataset.n_rows)
        self._rows = SubsetRows(columns=columns, positions=positions, hide_targets=hide_targets)
        self._cursor: Iterator[Any] | None = None
        self._visible: TabularDataset | None = None
        self._refuse_missing((*columns.inputs, *columns.targets))
        self._refuse_hidden(columns.inputs)

    # -- what it consists of ------------------------------------------------------------------

    @property
    def _columns(self) -> SubsetColumns:
        return self._rows.columns

    @property
    def dataset(self) -> Any:
        """The dataset; without its target columns where the targets are hidden."""
        if not self._rows.hide_targets:
            return self._columns.dataset
        if self._visible is None:
            self._visible = self._columns.dataset.without_columns(self._columns.targets)
        return self._visible

    @property
    def indices(self) -> NDArray[np.int64]:
        """Row positions in the dataset, shape ``(n,)``, read only; 8 bytes a row."""
        return self._rows.indices

    @property
    def input_cols(self) -> list[str]:
        """The input columns."""
        return list(self._columns.inputs)

    @property
    def target_cols(self) -> list[str]:
        """The target columns."""
        return list(self._columns.targets)

    @property
    def is_multi_input(self) -> bool:
        """Whether there are several input columns."""
        return len(self._columns.inputs) > 1

    @property
    def is_multi_task(self) -> bool:
        """Whether there are several target columns."""
        return len(self._columns.targets) > 1

    def __len__(self) -> int:
        return len(self._rows)

    # -- as arrays ----------------------------------------------------------------------------

    @property
    def inputs(self) -> Values:
        """The inputs as an array, or a dictionary of arrays; after featurization."""
        return self._rows.inputs()

    X = inputs

    @property
    def targets(self) -> Values:
        """The targets as an array, or a dictionary of arrays.

        Raises:
            TestAccessError: They are hidden.
        """
        self._refuse_hidden(self._columns.targets)
        return self._rows.targets()

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

    def batches(
        self, size: int, *, shuffle: bool = False, seed: int | None = None, drop_last: bool = False
    ) -> Iterator[Any]:
        """Yield the subset in batches of arrays; what is in memory does not grow with the subset.

        Rows are read ahead, so that a chunk of an archive serves several batches. A shuffled
        archive that is too large to hold is read in pieces of 64 MiB that are shuffled each.

        Args:
            size: Items in a batch; the last one may have fewer.
            shuffle: Yield the items in random order.
            seed: The same one gives the same order; by default it is different every time.
            drop_last: Leave out a last batch that has fewer items.

        Yields:
            ``(inputs, targets)``, or the inputs alone where the targets are hidden; each an array
            of shape ``(size, …)``, or a dictionary of arrays.

        Raises:
            InvalidInputError: The size is not a whole number from 1 up.
        """
        count = parse_batch_size(size)
        return self._rows.batches(count, shuffle=shuffle, seed=seed, drop_last=drop_last)

    # -- as tables ----------------------------------------------------------------------------

    def as_dataframe(self) -> pd.DataFrame:
        """Return a table of the inputs, featurized, then the targets unless they are hidden."""
        import pandas as pd

        return pd.DataFrame(
            {
                name: values if getattr(values, "ndim", 0) == 1 else list(values)
                for name, values in self._rows.table().items()
            }
        )

    def to_arrow(self) -> pa.Table:
        """Return an Arrow table of the inputs, featurized, then the targets unless hidden.

        Arrays that a column points to are lists of fixed size; missing values are nulls.

        Raises:
            InvalidDatasetError: A column holds what Arrow has no type for, such as molecules.
        """
        return arrow_table(self._rows.table())

    def to_polars(self) -> pl.DataFrame:
        """Return a polars table; see `to_arrow`.

        Raises:
            MissingExtraError: polars is not installed.
            InvalidDatasetError: As for `to_arrow`.
        """
        try:
            import polars as pl
        except ImportError as cause:
            raise MissingExtraError("Making polars tables", extra="polars") from cause
        table = pl.from_arrow(self.to_arrow())
        assert isinstance(table, pl.DataFrame)
        return table

    def column_values(self, column: str) -> NDArray[Any]:
        """Return the dataset's values of any column for these rows, shape ``(n, …)``.

        Raises:
            TestAccessError: The column is a hidden target.
            InvalidDatasetError: There is no such column.
        """
        self._refuse_hidden([column])
        return self._rows.values(column)

    # -- as items -----------------------------------------------------------------------------

    @overload
    def __getitem__(self, item: slice) -> Self: ...
    @overload
    def __getitem__(self, item: int) -> Any: ...
    def __getitem__(self, item: int | slice) -> Any:
        """Return one item, counted from the end if negative, or a subset of the items."""
        if isinstance(item, slice):
            return self._with(positions=sliced(self._rows.positions, item))
        try:
            rank = operator.index(item)
        except TypeError as cause:
            raise InvalidInputError(
                f"Items are read one by one or by slice, not by {few([item])}",
                hint="Use subset.X and subset.y, or subset.batches(size).",
            ) from cause
        return self.__getitems__([rank])[0]

    def __getitems__(self, items: Sequence[int]) -> list[Any]:
        """Return many items, whose columns are read once; as PyTorch's ``DataLoader`` asks."""
        ranks = parse_indices(items)
        ranks[ranks < 0] += len(self)
        wrong = (ranks < 0) | (ranks >= len(self))
        if wrong.any():
            # IndexError is what ends old-style iteration, so it has to be one.
            raise OutOfRangeError(
                f"The subset has {len(self)} items; there is no item {items[int(wrong.argmax())]}",
                hint="Items count from 0.",
            )
        return list(self._rows.items(ranks))

    def __iter__(self) -> Iterator[Any]:
        return self._rows.all_items()

    def __next__(self) -> Any:
        if self._cursor is None:
            self._cursor = iter(self)
        try:
            return next(self._cursor)
        except StopIteration:
            self._cursor = None
            raise

    # -- others like it -----------------------------------------------------------------------

    def copy(self) -> Self:
        """Return an independent copy; hidden targets stay hidden."""
        return self._with()

    __copy__ = copy

    def extend_inputs(self, input_cols: str | Iterable[str]) -> Self:
        """Return a copy with further input columns behind those there are.

        Raises:
            TestAccessError: One of them is a hidden target.
            InvalidDatasetError: One of them does not exist.
        """
        added = _names(input_cols)
        self._refuse_hidden(added)
        self._refuse_missing(added)
        inputs = tuple(dict.fromkeys((*self._columns.inputs, *added)))
        return self._with(columns=attrs.evolve(self._columns, inputs=inputs))

    def filter_targets(self, target_cols: str | Iterable[str]) -> Self:
        """Return a copy with only some of the target columns, in the order they have.

        Raises:
            InvalidInputError: One of them is not a target column.
        """
        kept = _names(target_cols)
        unknown = [column for column in kept if column not in self._columns.targets]
        if unknown:
            raise InvalidInputError(
                f"{few(unknown)} is not a target column",
                hint=f"The target columns are {few(self._columns.targets)}.",
            )
        dropped = [column for column in self._columns.targets if column not in kept]
        dataset = self._columns.dataset
        if self._rows.hide_targets and dropped:
            # Dropping a target from the list must not make it readable as something else.
            dataset = dataset.without_columns(dropped)
        targets = tuple(column for column in self._columns.targets if column in kept)
        return self._with(columns=attrs.evolve(self._columns, dataset=dataset, targets=targets))

    def __repr__(self) -> str:
        hidden = ", targets hidden" if self._rows.hide_targets else ""
        return (
            f"Subset({len(self)} rows, inputs {few(self._columns.inputs)}, "
            f"targets {few(self._columns.targets)}{hidden})"
        )

    def _repr_html_(self) -> str:
        targets = few(self._columns.targets) + (" (hidden)" if self._rows.hide_targets else "")
        facts = {
            "Rows": len(self),
            "Inputs": few(self._columns.inputs),
            "Targets": targets,
            "Featurization": getattr(self._columns.featurize, "__name__", None),
        }
        return card("Subset", facts)

    # -- how it is copied, and what it refuses ---------------------------------------------------

    def _with(self, **changes: Any) -> Self:
        changed = object.__new__(type(self))
        rows = attrs.evolve(self._rows, **changes)
        changed.__dict__.update(self.__dict__, _rows=rows, _cursor=None, _visible=None)
        return changed

    def __getstate__(self) -> dict[str, Any]:
        # Workers and other machines have no need of the hidden targets.
        columns = attrs.evolve(self._columns, dataset=self.dataset)
        rows = attrs.evolve(self._rows, columns=columns)
        return {**self.__dict__, "_rows": rows, "_cursor": None, "_visible": None}

    def _refuse_missing(self, columns: Iterable[str]) -> None:
        known = self._columns.dataset.columns
        missing = [column for column in columns if column not in known]
        if missing:
            raise InvalidDatasetError(
                f"The dataset has no column {missing[0]!r}",
                hint=f"Its columns are {', '.join(self.dataset.columns[:20])}.",
            )

    def _refuse_hidden(self, columns: Iterable[str]) -> None:
        hidden = [c for c in columns if self._rows.hide_targets and c in self._columns.targets]
        if hidden:
            raise TestAccessError(
                f"The targets of a test set are hidden: {hidden[0]!r} cannot be read",
                hint="Pass your predictions to benchmark.evaluate().",
            )


def _names(value: str | Iterable[str]) -> tuple[str, ...]:
    columns = (value,) if isinstance(value, str) else tuple(value)
    if not columns:
        raise InvalidInputError("No column is given", hint="Name at least one column.")
    return tuple(dict.fromkeys(columns))
