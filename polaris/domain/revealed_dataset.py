"""A dataset whose hidden targets have been laid open, for those who judge predictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import attrs
import numpy as np
from numpy.typing import NDArray

from polaris.domain.column_adapters import Adapter
from polaris.domain.subset_columns import TabularDataset

__all__ = ["RevealedDataset"]


@attrs.frozen(eq=False, repr=False)
class RevealedDataset:
    """The public columns of a dataset, and its true targets in place of the masked ones.

    Attributes:
        public: The dataset as everybody sees it.
        truth: Holds the target columns, with the same rows.
        targets: Which columns those are.
    """

    public: TabularDataset
    truth: TabularDataset
    targets: frozenset[str]

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return self.public.columns

    @property
    def n_rows(self) -> int:
        """How many rows there are."""
        return self.public.n_rows

    def read_column(
        self,
        column: str,
        positions: NDArray[np.int64] | None = None,
        *,
        adapters: Mapping[str, Adapter] | None = None,
    ) -> NDArray[Any]:
        """Return a column's values at many positions; the true ones of a target."""
        source = self.truth if column in self.targets else self.public
        return source.read_column(column, positions, adapters=adapters)

    def without_columns(self, names: Sequence[str]) -> Self:
        """Return a copy without some columns."""
        left = self.targets - set(names)
        return attrs.evolve(self, public=self.public.without_columns(names), targets=left)
