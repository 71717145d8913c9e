"""From a metric and arrays to a score that can be computed for many resamples at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from polaris.domain.metrics.functions import symmetric_rmsd
from polaris.domain.metrics.grouped import group_scores
from polaris.domain.metrics.metric import Metric, missing
from polaris.domain.statistics.additive import (
    AdditiveScore,
    label_score,
    mean_score_of,
    mirrored_mean,
    moment_score,
)
from polaris.domain.statistics.confusion import CONFUSION_METRICS
from polaris.domain.statistics.ranked import (
    RankedScore,
    area_score,
    median_score,
    precision_score,
    spearman_score,
)
from polaris.errors import InvalidInputError

__all__ = ["WeightedScore", "contributions", "mirrored", "on_units", "weighted_scores"]


class WeightedScore(Protocol):
    """A score of units (rows, or groups of rows) that may count several times, or not at all."""

    @property
    def n_units(self) -> int:
        """How many units there are."""
        ...

    def values(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the scores, shape ``(b,)``, given each unit's weight, shape ``(b, units)``."""
        ...

    def without(self, blocks: NDArray[np.int64], n_blocks: int) -> NDArray[np.float64]:
        """Return the score without each block of units in turn, shape ``(n_blocks,)``."""
        ...


def contributions(metric: Metric, y_true: NDArray[Any], judged: NDArray[Any]) -> Any:
    """Return what each row adds to a metric that is a mean over rows; None for other metrics.

    Args:
        metric: The metric; its grouping is not looked at.
        y_true: True values, shape ``(n,)``, none missing.
        judged: Predictions, shape ``(n,)`` or ``(n, 1)``.

    Returns:
        Shape ``(n,)``: absolute errors, squared errors, fold errors, or 1 for a hit and 0 for a
        miss.
    """
    if judged.ndim == 2 and judged.shape[1] == 1:
        judged = judged[:, 0]
    if metric.label in ("accuracy", "f1_micro"):
        # With one label a row, micro-averaged F1 is the accuracy.
        return np.asarray(y_true == judged, dtype=float)
    if metric.label == "rmsd_coverage":
        threshold = metric.kwargs.get("max_rsmd", 2)
        return np.asarray(symmetric_rmsd(list(y_true), list(judged)) <= threshold, dtype=float)
    if metric.label not in _LOSSES:
        return None
    true, predicted = np.asarray(y_true, dtype=float), np.asarray(judged, dtype=float)
    return _LOSSES[metric.label](true, predicted)


def _fold(true: NDArray[np.float64], predicted: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.abs(predicted) / np.abs(true)


_LOSSES = {
    "mean_absolute_error": lambda true, predicted: np.abs(true - predicted),
    "mean_squared_error": lambda true, predicted: (true - predicted) ** 2,
    "absolute_average_fold_error": _fold,
}


def weighted_scores(
    metric: Metric,
    y_true: NDArray[Any],
    judged: Sequence[NDArray[Any]],
    groups: NDArray[Any] | None = None,
) -> list[WeightedScore]:
    """Return the score of each of several predictions for the same rows, ready to be resampled.

    The units are the rows; those of a grouped metric are its groups, for the rows of one group say
    much the same. Units without a true value count nowhere.

    Args:
        metric: The metric.
        y_true: True values, shape ``(n,)``.
        judged: What the metric judges, by method, each of shape ``(n,)`` or ``(n, classes)``.
        groups: Each row's group, shape ``(n,)``, for a grouped metric.

    Raises:
        InvalidPredictionsError: The metric cannot be computed.
    """
    if metric.config is not None:
        return [_grouped(metric, y_true, one, groups) for one in judged]
    known = ~missing(y_true)
    flat = [one[:, 0] if one.ndim == 2 and one.shape[1] == 1 else one for one in judged]
    if metric.label in CONFUSION_METRICS:
        labels = np.unique(np.concatenate([y_true[known], *(one[known] for one in flat)]))
        return [label_score(metric.label, y_true, one, known, labels) for one in flat]
    return [_score(metric, y_true, one, known) for one in flat]


def mirrored(score: WeightedScore, best: float) -> WeightedScore:
    """Return a score that is as far below a value as another is above it.

    Args:
        score: A mean or median, as all metrics are that are best at a value.
        best: The value.
    """
    if isinstance(score, AdditiveScore):
        return mirrored_mean(score, best)
    return RankedScore(score.n_units, lambda weights: 2 * best - score.values(weights))


def on_units(score: WeightedScore, places: NDArray[np.int64], n_units: int) -> WeightedScore:
    """Return a score of some units as a score of more of them, where the others count nowhere.

    Args:
        score: The score.
        places: Where its units are among all, shape ``(score.n_units,)``, none twice.
        n_units: How many units there are in all.
    """
    if isinstance(score, AdditiveScore):
        from scipy import sparse

        shape = (n_units, score.n_units)
        moved = sparse.csr_array((np.ones(len(places)), (places, np.arange(len(places)))), shape)
        return AdditiveScore(moved @ score.features, score.finish)
    return RankedScore(n_units, lambda weights: score.values(weights[:, places]))


def _score(
    metric: Metric, y_true: NDArray[Any], judged: NDArray[Any], known: NDArray[np.bool_]
) -> WeightedScore:
    label = metric.label
    means = contributions(metric, y_true[known], judged[known])
    if means is not None:
        spread = np.zeros(len(known))
        spread[known] = means
        return mean_score_of(spread, known)
    if label in ("roc_auc", "roc_auc_ovr", "roc_auc_ovo"):
        classes = metric.kwargs.get("multi_class", "ovr")
        return area_score(y_true, np.asarray(judged, dtype=float), known, classes)
    if label == "pr_auc":
        return precision_score(y_true, np.asarray(judged, dtype=float), known)
    true = np.zeros(len(known))
    true[known] = np.asarray(y_true[known], dtype=float)
    predicted = np.asarray(judged, dtype=float)
    if label == "spearmanr":
        return spearman_score(true, predicted, known)
    if label in ("r2", "explained_var", "pearsonr"):
        return moment_score(label, true, predicted, known)
    raise InvalidInputError(
        f"There are no statistics for the metric {label}",
        hint="Choose another metric of the benchmark with metric=….",
    )


def _grouped(
    metric: Metric, y_true: NDArray[Any], judged: NDArray[Any], groups: NDArray[Any] | None
) -> WeightedScore:
    assert metric.config is not None
    if groups is None:
        raise InvalidInputError(
            f"{metric.name} is grouped by {metric.config.group_by!r}, and there are no groups",
            hint="Give groups=, a value a row.",
        )
    single = Metric(metric.label)
    argument = "y_pred" if metric.y_type == "y_pred" else "y_prob"
    scores, counts = group_scores(
        metric.config,
        groups,
        lambda rows: single.score_arrays(y_true[rows], **{argument: judged[rows]}),
    )
    if metric.config.aggregation == "median":
        return median_score(scores, counts)
    return mean_score_of(scores, counts)
