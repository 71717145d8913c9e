"""Columns and archives on Dask, for work that outgrows one machine.

What the tasks of a cluster are sent (datasets, stores) is pickled; nothing is read before a task
runs. The scheduler is whichever one Dask uses: threads of this process, or a cluster that a
``distributed.Client`` is connected to.
"""

from __future__ import annotations

from polaris_adapters.dask_arrays.columns import column_array
from polaris_adapters.dask_arrays.digesting import file_checksums
from polaris_adapters.dask_arrays.storing import check_columns, store_columns

__all__ = ["check_columns", "column_array", "file_checksums", "store_columns"]
