"""Metrics that are computed group by group and then averaged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, ClassVar, Literal, cast, get_args

import attrs
import numpy as np
from numpy.typing import NDArray

from polaris.domain.artifact import text
from polaris.domain.fields import Validated, rule
from polaris.errors import InvalidInputError, InvalidMetricError, PolarisError, Problem

__all__ = ["GroupedMetricConfig", "group_scores", "grouped_score"]

OnError = Literal["ignore", "raise", "default"]
Aggregation = Literal["mean", "median"]


def _one_of(choices: Any, value: Any) -> Any:
    if value not in get_args(choices):
        raise InvalidInputError(
            f"cannot be {value!r}", hint=f"Give one of {', '.join(get_args(choices))}."
        )
    return value


def _on_error(value: Any) -> OnError:
    return cast("OnError", _one_of(OnError, value))


def _aggregation(value: Any) -> Aggregation:
    return cast("Aggregation", _one_of(Aggregation, value))


@attrs.frozen(kw_only=True)
class GroupedMetricConfig(Validated):
    """How a metric is computed group by group.

    Attributes:
        group_by: Column of the dataset whose values make the groups; rows without one are left out.
        on_error: What to do where a group has no score: ``raise``, ``ignore`` the group, or take
            the ``default``.
        default: Score of such a group; required with ``on_error="default"``.
        aggregation: ``mean`` or ``median`` of the groups' scores.
    """

    error_type: ClassVar[type[InvalidMetricError]] = InvalidMetricError

    group_by: str = attrs.field(converter=text)
    on_error: OnError = attrs.field(default="raise", converter=_on_error)
    default: float | None = attrs.field(default=None)
    aggregation: Aggregation = attrs.field(default="mean", converter=_aggregation)

    @rule("on_error", "default")
    def _default_is_given(self) -> Iterator[Problem]:
        if self.on_error == "default" and self.default is None:
            yield Problem(
                "default", "is required with on_error='default'", "Give the score of such groups."
            )


def group_scores(
    config: GroupedMetricConfig,
    groups: NDArray[Any],
    score: Callable[[NDArray[np.bool_] | NDArray[np.int64]], float],
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the score of each group in the order of their sorted values, and which ones count.

    Args:
        config: How to group.
        groups: Each row's group, shape ``(n,)``.
        score: Computes the score over some rows, given their positions.

    Raises:
        PolarisError: A group has no score, and ``on_error`` is ``raise``.
    """
    import pandas as pd

    codes, found = pd.factorize(cast("Any", groups), sort=True)
    order = np.argsort(codes, kind="stable")
    bounds = np.searchsorted(codes[order], np.arange(len(found) + 1))
    scores = np.full(len(found), np.nan)
    counts = np.ones(len(found), dtype=bool)
    for group, (first, stop) in enumerate(pairwise(bounds)):
        try:
            scores[group] = score(order[first:stop])
        except PolarisError:
            if config.on_error == "raise":
                raise
            if config.on_error == "default":
                scores[group] = cast("float", config.default)
            else:
                counts[group] = False
    return scores, counts


def grouped_score(
    config: GroupedMetricConfig,
    groups: NDArray[Any],
    score: Callable[[NDArray[np.bool_] | NDArray[np.int64]], float],
) -> float:
    """Return the mean or median of the groups' scores; NaN if every group was ignored.

    Args:
        config: How to group.
        groups: Each row's group, shape ``(n,)``.
        score: Computes the score over some rows, given their positions.

    Raises:
        PolarisError: A group has no score, and ``on_error`` is ``raise``.
    """
    scores, counts = group_scores(config, groups, score)
    if not counts.any():
        return float("nan")
    aggregate = np.mean if config.aggregation == "mean" else np.median
    return float(aggregate(scores[counts]))
