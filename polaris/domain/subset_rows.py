"""The rows of a subset, read as items, arrays, tables and batches."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
from numpy.typing import NDArray

from polaris.domain.index_arrays import parse_indices
from polaris.domain.positions import ArrayPositions, Positions
from polaris.domain.read_ahead import (
    HasWindows,
    ReadAhead,
    in_multiples,
    rank_windows,
    shuffled_ranks,
)
from polaris.domain.subset_columns import SubsetColumns, Values, stacked
from polaris.errors import InvalidDatasetError, InvalidInputError

if TYPE_CHECKING:
    from polaris.domain.row_windows import WindowPlan

__all__ = ["SubsetRows", "parse_batch_size", "parse_positions"]


@attrs.frozen(eq=False, kw_only=True)
class SubsetRows:
    """Which rows and columns of a dataset a subset consists of, and how they are read.

    Attributes:
        columns: Its columns.
        positions: Where in the dataset its rows are.
        hide_targets: Whether items and tables leave the targets out.
    """

    columns: SubsetColumns
    positions: Positions
    hide_targets: bool

    def __len__(self) -> int:
        return len(self.positions)

    @property
    def indices(self) -> NDArray[np.int64]:
        """All positions, as an array of 8 bytes a row."""
        return self.positions.positions(0, len(self))

    @property
    def shown(self) -> list[str]:
        """The columns that items and tables are made of, each once."""
        targets = () if self.hide_targets else self.columns.targets
        return list(dict.fromkeys((*self.columns.inputs, *targets)))

    def values(self, column: str) -> NDArray[Any]:
        """Return all values of any column of the dataset."""
        return self.columns.read([column], self.indices)[column]

    # -- as items -----------------------------------------------------------------------------

    def items(self, ranks: NDArray[np.int64]) -> Iterator[Any]:
        """Yield some items, whose columns are read once."""
        return self._items(self.columns.read(self.shown, self.positions.take(ranks)))

    def all_items(self) -> Iterator[Any]:
        """Yield all items, in blocks that fit memory."""
        for block in self._blocks(self.shown):
            yield from self._items(block)

    def _items(self, read: dict[str, NDArray[Any]]) -> Iterator[Any]:
        return self.columns.items(read, hide_targets=self.hide_targets)

    def _ahead(self) -> tuple[ReadAhead, WindowPlan | None]:
        dataset, names = self.columns.dataset, self.shown
        plan = dataset.window_plan(names) if isinstance(dataset, HasWindows) else None
        adapters = {**getattr(dataset, "default_adapters", {}), **self.columns.adapters}
        return ReadAhead(plan, converted=any(name in adapters for name in names)), plan

    def _blocks(self, columns: Iterable[str]) -> Iterator[dict[str, NDArray[Any]]]:
        ahead, _ = self._ahead()
        names = list(columns)
        for ranks in rank_windows(len(self), ahead):
            positions = self.positions.positions(int(ranks[0]), int(ranks[-1]) + 1)
            read = self.columns.read(names, positions)
            ahead.note(read.values())
            yield read
            # Not held while the next block is read.
            del read

    # -- as arrays ----------------------------------------------------------------------------

    def inputs(self) -> Values:
        """Return all inputs as arrays, after featurization."""
        if self.columns.featurize is not None:
            return stacked(self._features())
        return self.columns.input_arrays(self.columns.read(self.columns.inputs, self.indices))

    def targets(self) -> Values:
        """Return all targets as arrays; whether they are hidden is for the caller to ask."""
        return self.columns.target_arrays(self.columns.read(self.columns.targets, self.indices))

    def table(self) -> dict[str, NDArray[Any] | list[Any]]:
        """Return the inputs, then the targets unless they are hidden.

        Inputs are arrays, or after featurization lists of what it gave. Where that is a mapping,
        each of its keys is a column; else it stands in the place of each input.
        """
        if self.columns.featurize is None:
            return {**self.columns.read(self.shown, self.indices)}
        found: dict[str, NDArray[Any] | list[Any]] = {}
        features = self._features()
        if features and isinstance(features[0], Mapping):
            found |= {name: [feature[name] for feature in features] for name in features[0]}
        else:
            found |= dict.fromkeys(self.columns.inputs, features)
        targets = [name for name in self.shown if name not in self.columns.inputs]
        return {**found, **self.columns.read(targets, self.indices)}

    def _features(self) -> list[Any]:
        """Return all inputs after featurization; what they are made from is not held."""
        blocks = self._blocks(self.columns.inputs)
        return [feature for block in blocks for feature in self.columns.features(block)]

    # -- as batches ---------------------------------------------------------------------------

    def batches(
        self, size: int, *, shuffle: bool, seed: int | None, drop_last: bool
    ) -> Iterator[Any]:
        """Yield the rows in batches of arrays; see `Subset.batches`."""
        ahead, plan = self._ahead()
        windows = (
            in_multiples(shuffled_ranks(len(self), seed, ahead, plan), size)
            if shuffle
            else rank_windows(len(self), ahead, size)
        )
        for ranks in windows:
            yield from self._cut(ranks, ahead, size, drop_last=drop_last)

    def _cut(
        self, ranks: NDArray[np.int64], ahead: ReadAhead, size: int, *, drop_last: bool
    ) -> Iterator[Any]:
        """Yield the batches of a window; nothing of it is held when the next one is read."""
        read = self.columns.read(self.shown, self.positions.take(ranks))
        ahead.note(read.values())
        stop = len(ranks) // size * size if drop_last else len(ranks)
        for start in range(0, stop, size):
            # Copies, for a view of one batch would keep all that was read ahead alive.
            part = {name: v[start : start + size].copy() for name, v in read.items()}
            inputs = self.columns.input_arrays(part)
            yield inputs if self.hide_targets else (inputs, self.columns.target_arrays(part))


def parse_positions(indices: Any, rows: int) -> Positions:
    """Return row positions; refuse those that a dataset with so many rows does not have.

    Args:
        indices: `Positions`, or a sequence or collection of whole numbers.
        rows: How many rows the dataset has.

    Raises:
        InvalidInputError: They are not whole numbers.
        InvalidDatasetError: One is out of range.
    """
    found = _as_positions(indices)
    lowest = int(found.array.min(initial=0)) if isinstance(found, ArrayPositions) else 0
    if lowest < 0 or found.highest >= rows:
        raise InvalidDatasetError(
            f"An index of the subset is out of range: the dataset has {rows} rows",
            hint="Indices are row positions from 0.",
        )
    return found


def _as_positions(indices: Any) -> Positions:
    if hasattr(indices, "positions") and hasattr(indices, "take"):
        found: Positions = indices
        return found
    if getattr(indices, "dtype", None) == np.bool_:
        raise InvalidInputError(
            "A mask cannot be the indices of a subset", hint="Use np.flatnonzero(mask)."
        )
    return ArrayPositions(parse_indices(indices))


def parse_batch_size(size: Any) -> int:
    """Return the size of a batch; refuse what is not a whole number from 1 up."""
    try:
        count = operator.index(size)
    except TypeError:
        count = 0
    if isinstance(size, bool) or count < 1:
        raise InvalidInputError(
            f"The size of a batch cannot be {size!r}", hint="Give a whole number from 1 up."
        )
    return count
