"""What target columns hold: as declared, or as their values tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from polaris.domain.metrics.metric import Metric
from polaris.domain.task_types import TargetType
from polaris.errors import InvalidInputError, Problem

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["infer_target_type", "misfits", "parse_target_types", "possible_types"]

_UNKNOWN: frozenset[TargetType] = frozenset()
_VALUES = frozenset({TargetType.REGRESSION})
_CLASSES = frozenset({TargetType.CLASSIFICATION})


def parse_target_types(value: Any) -> dict[str, TargetType]:
    """Return the target types that are given; a column with None is left to be inferred.

    Raises:
        InvalidInputError: It is no mapping of columns to target types; every bad one is named.
    """
    if not isinstance(value, Mapping):
        raise InvalidInputError(f"must map columns to target types, not {type(value).__name__}")
    found: dict[str, TargetType] = {}
    problems: list[Problem] = []
    for column, kind in value.items():
        try:
            if kind is not None:
                found[str(column)] = TargetType(kind)
        except ValueError:
            hint = f"Give one of {', '.join(TargetType)}."
            problems.append(Problem(str(column), f"{kind!r} is not a target type", hint))
    if problems:
        raise InvalidInputError(problems=problems)
    return found


def possible_types(cells: pd.Series[Any]) -> frozenset[TargetType]:
    """Return what a target column can hold, judging by its values; empty if they do not tell.

    Fractions are measured values; truth values and texts are classes; whole numbers can be either.

    Args:
        cells: The column; missing cells are passed over.

    Source: numbers are told apart as by ``sklearn.utils.multiclass.type_of_target``, which is not
    called because it takes a second to import, warns of many classes and refuses infinity.
    """
    import pandas as pd
    from pandas.api import types

    if isinstance(cells.dtype, pd.CategoricalDtype):
        cells = cells.astype(cells.cat.categories.dtype)
    if types.is_object_dtype(cells.dtype) or types.is_string_dtype(cells.dtype):
        cells = cells.dropna().infer_objects()
        if not cells.empty and types.infer_dtype(cells) == "string":
            return _CLASSES
    if types.is_bool_dtype(cells.dtype):
        return _CLASSES
    if types.is_integer_dtype(cells.dtype):
        return _VALUES | _CLASSES
    if not types.is_float_dtype(cells.dtype):
        return _UNKNOWN
    values = cells.to_numpy(dtype=np.float64, na_value=np.nan)
    values = values[~np.isnan(values)]
    if not values.size:
        return _UNKNOWN
    whole = bool(np.all((values == np.rint(values)) & np.isfinite(values)))
    return _VALUES | _CLASSES if whole else _VALUES


def infer_target_type(
    possible: frozenset[TargetType], metrics: Iterable[Metric]
) -> TargetType | None:
    """Return the one type that a target can have and that all metrics fit; None if there is none.

    Whole numbers are thus measured values where all metrics are ones of regression, and classes
    where all are ones of classification.
    """
    if len(possible) == 1:
        return next(iter(possible))
    fitting = reduce(lambda left, metric: left & metric.target_types, metrics, possible)
    return next(iter(fitting)) if len(fitting) == 1 else None


def misfits(
    column: str, types: frozenset[TargetType], metrics: Iterable[Metric]
) -> Iterable[Problem]:
    """Yield a problem for each metric that fits none of the types that a target can have."""
    for metric in metrics:
        if types and not types & metric.target_types:
            fitting = " or ".join(sorted(metric.target_types))
            yield Problem(
                "metrics",
                f"{metric.name!r} does not fit the {next(iter(types))} target {column!r}",
                f"It is for {fitting}; choose another metric, or set target_types.",
            )
