"""Tables: what a DataFrame must satisfy, and its columns as arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from polaris.domain.column_adapters import Adapter
from polaris.errors import InvalidDatasetError, Problem

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["adapted", "check_table", "column_values"]


def check_table(value: Any) -> pd.DataFrame:
    """Return a table unchanged; refuse what is none, or has columns without distinct text names.

    Raises:
        InvalidDatasetError: It is not a table, or its column names break a rule.
    """
    import pandas as pd

    if not isinstance(value, pd.DataFrame):
        raise InvalidDatasetError(
            f"must be a pandas DataFrame, not {type(value).__name__}",
            hint="Give a DataFrame or the path of a parquet file.",
        )
    problems = [
        Problem("", f"the column name {name!r} is not a text", "Name columns with texts.")
        for name in value.columns
        if not isinstance(name, str)
    ]
    repeated = value.columns[value.columns.duplicated()].unique()
    problems += [
        Problem("", f"there are several columns {name!r}", "Give each column a name of its own.")
        for name in repeated
    ]
    if problems:
        raise InvalidDatasetError(problems=problems)
    return value


def column_values(cells: pd.Series[Any]) -> NDArray[Any]:
    """Return a column as numpy has it, shape ``(n,)``; texts and mixed values are objects."""
    return np.asarray(cells.to_numpy())


def adapted(values: NDArray[Any], adapter: Adapter) -> NDArray[Any]:
    """Return converted cells, shape ``(n,)`` of objects."""
    converted = np.empty(len(values), dtype=object)
    for position, value in enumerate(values):
        converted[position] = adapter(value)
    return converted
