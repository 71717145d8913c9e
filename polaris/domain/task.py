"""Which columns a benchmark reads and which it predicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from polaris.domain.task_types import TargetType
from polaris.errors import InvalidInputError, Problem

if TYPE_CHECKING:
    import pandas as pd

    from polaris.domain.metrics.metric import Metric

__all__ = ["ColumnNames", "infer_target_type", "parse_columns", "parse_target_types"]


class ColumnNames(tuple[str, ...]):
    """Column names: ordered, each once, and equal to any list or set of the same names."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        if isinstance(other, set | frozenset):
            return set(self) == other
        if isinstance(other, list):
            return list(self) == other
        return tuple.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return tuple.__hash__(self)


def parse_columns(value: Any) -> ColumnNames:
    """Return one or several column names; a single text is one name.

    Raises:
        InvalidInputError: There is none, or something is not a text.
    """
    names: Sequence[Any]
    if isinstance(value, str):
        names = [value]
    elif isinstance(value, set | frozenset):
        names = sorted(value, key=str)
    elif isinstance(value, Iterable):
        names = list(value)
    else:
        raise InvalidInputError(f"must be column names, not {type(value).__name__}")
    if not names:
        raise InvalidInputError("is empty", hint="Name at least one column.")
    wrong = [name for name in names if not isinstance(name, str)]
    if wrong:
        raise InvalidInputError(f"{wrong[0]!r} is not a column name", hint="Names are texts.")
    return ColumnNames(dict.fromkeys(names))


def parse_target_types(value: Any) -> dict[str, TargetType]:
    """Return the target types that are given; a column with None is left to be inferred.

    Raises:
        InvalidInputError: A type is not one; all of them are named.
    """
    if not isinstance(value, Mapping):
        raise InvalidInputError(f"must map columns to target types, not {type(value).__name__}")
    found: dict[str, TargetType] = {}
    problems: list[Problem] = []
    for column, kind in value.items():
        try:
            if kind is not None:
                found[str(column)] = TargetType(str(getattr(kind, "value", kind)))
        except ValueError:
            hint = f"Give one of {', '.join(TargetType)}."
            problems.append(Problem(str(column), f"{kind!r} is not a target type", hint))
    if problems:
        raise InvalidInputError(problems=problems)
    return found


def infer_target_type(cells: pd.Series[Any], metrics: Iterable[Metric]) -> TargetType | None:
    """Return what a target column holds, from its values; None where they do not tell.

    Whole numbers may be classes as well as measured values. They are taken for classes, unless all
    metrics are ones of regression.

    Source: ``type_of_target`` of scikit-learn.
    """
    if not _is_numeric(cells):
        return None
    values = cells.to_numpy(dtype=np.float64, na_value=np.nan)
    values = values[~np.isnan(values)]
    if not values.size:
        return None
    from sklearn.utils.multiclass import type_of_target

    if type_of_target(values) == "continuous":
        return TargetType.REGRESSION
    only = {TargetType.REGRESSION}
    kinds = [set(metric.target_types) for metric in metrics]
    return TargetType.REGRESSION if kinds and all(k == only for k in kinds) else (
        TargetType.CLASSIFICATION
    )


def _is_numeric(cells: pd.Series[Any]) -> bool:
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    return bool(is_numeric_dtype(cells.dtype) or is_bool_dtype(cells.dtype))
