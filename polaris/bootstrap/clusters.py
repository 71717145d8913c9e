"""What computes on Dask, which is an extra: loaded when it is first asked for."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

from polaris.errors import MissingExtraError

if TYPE_CHECKING:
    import dask.array as da

    from polaris.domain.subset_columns import TabularDataset

__all__ = ["column_array", "dask_arrays"]


def dask_arrays() -> ModuleType:
    """Return the adapter, `polaris_adapters.dask_arrays`.

    Raises:
        MissingExtraError: Dask is not installed.
    """
    try:
        import dask.array  # noqa: F401  # Asked for first, so that no other error is taken for it.
    except ImportError as cause:
        raise MissingExtraError("Computing on Dask", extra="dask") from cause
    from polaris_adapters import dask_arrays as adapter

    return adapter


def column_array(dataset: TabularDataset, column: str, *, rows: int | None = None) -> da.Array:
    """Return a dataset's column as a Dask array; see `polaris_adapters.dask_arrays`.

    Raises:
        MissingExtraError: Dask is not installed.
        InvalidDatasetError: There is no such column.
    """
    found: da.Array = dask_arrays().column_array(dataset, column, rows=rows)
    return found
