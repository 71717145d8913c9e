"""A dataset whose hidden targets have been laid open, for those who judge predictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import attrs
import numpy as np
from numpy.typing import NDArray

from polaris.domain.column_adapters import Adapter
from polaris.domain.subset_columns import TabularDataset
from polaris.errors import TestAccessError

__all__ = ["RevealedDataset"]


@attrs.frozen(eq=False, repr=False)
class RevealedDataset:
    """The public columns of a dataset, and its true targets at the rows that were hidden.

    Attributes:
        public: The dataset as everybody sees it.
        rows: The rows whose targets are known, each once, in order.
        truth: The true targets at those rows, converted as the dataset converts them: by column,
            shape ``(len(rows), …)``.
    """

    public: TabularDataset
    rows: NDArray[np.int64]
    truth: Mapping[str, NDArray[Any]]

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
        """Return a column's values at many positions; the true ones of a target.

        Raises:
            TestAccessError: A target is wanted at a row at which it is not known.
        """
        if column not in self.truth:
            return self.public.read_column(column, positions, adapters=adapters)
        wanted = np.arange(self.n_rows) if positions is None else np.asarray(positions)
        if not np.isin(wanted, self.rows).all():
            raise TestAccessError(
                f"Targets of {column!r} are known for the rows of the test sets alone",
                hint="Read them by a test set.",
            )
        return self.truth[column][np.searchsorted(self.rows, wanted)]

    def without_columns(self, names: Sequence[str]) -> Self:
        """Return a copy without some columns."""
        left = {name: values for name, values in self.truth.items() if name not in names}
        return attrs.evolve(self, public=self.public.without_columns(names), truth=left)
