"""What people ask of the columns of a dataset: numbers, pictures, arrays for a cluster."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from polaris.domain.column_summaries import DescribedDataset, describe_columns
from polaris.domain.dataset import DatasetMetadata

if TYPE_CHECKING:
    import dask.array as da
    import pandas as pd
    from matplotlib.figure import Figure

__all__ = ["ColumnViews"]


class ColumnViews:
    """Adds views of the columns to a dataset."""

    __slots__ = ()

    def describe_columns(self) -> pd.DataFrame:
        """Return what each column holds, a row a column; see `polaris.domain.column_summaries`.

        Returns:
            ``dtype``, ``modality``, ``shape`` of a cell, ``missing`` cells, ``distinct`` values
            (up to 100,000), and ``mean``, ``std``, ``min`` and ``max`` of numbers.
        """
        return describe_columns(cast("DescribedDataset", self))

    def plot_columns(self, columns: Sequence[str] | None = None) -> Figure:
        """Draw how often which values occur; a panel a column.

        Args:
            columns: Which ones; by default the first twelve whose cells are single values. Of a
                long dataset 100,000 rows are read, evenly spaced.

        Raises:
            InvalidDatasetError: A column does not exist, or none has single values.
            MissingExtraError: matplotlib is not installed.
        """
        from polaris.hub.artifacts.figures import columns_figure

        assert isinstance(self, DatasetMetadata)
        return columns_figure(cast("DescribedDataset", self), columns, self._title())

    def dask_array(self, column: str, *, rows: int | None = None) -> da.Array:
        """Return a column as a Dask array, which is read where and when it is computed.

        Args:
            column: Its name.
            rows: Rows of a block; by default so many that a block has about 64 MiB, in whole
                chunks of the archive where its layout is known.

        Returns:
            Shape ``(n, *element)``.

        Raises:
            InvalidDatasetError: There is no such column.
            MissingExtraError: Dask is not installed.
        """
        from polaris.bootstrap.clusters import column_array

        return column_array(cast("DescribedDataset", self), column, rows=rows)
