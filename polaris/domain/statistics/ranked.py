"""Scores that depend on the order of the rows: ranks, areas under curves, medians.

They are no sums over rows. Each is prepared once, by sorting, and then computed for many resamples
at once from how often each row is in them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

__all__ = ["RankedScore", "area_score", "median_score", "precision_score", "spearman_score"]

Floats = NDArray[np.float64]
# From weights of shape (b, units) to scores of shape (b,).
Compute = Callable[[Floats], Floats]


@attrs.frozen(eq=False)
class RankedScore:
    """A score of weighted units.

    Attributes:
        n_units: How many units there are.
        compute: From weights of shape ``(b, units)`` to scores of shape ``(b,)``.
    """

    n_units: int
    compute: Compute

    def values(self, weights: Floats) -> Floats:
        """Return the score of each resample; see `AdditiveScore.values`."""
        return self.compute(weights)

    def without(self, blocks: NDArray[np.int64], n_blocks: int) -> Floats:
        """Return the score without each block in turn; see `AdditiveScore.without`."""
        step = max(1, 4_000_000 // max(self.n_units, 1))
        parts = [
            self.compute((blocks != np.arange(first, min(first + step, n_blocks))[:, None]) * 1.0)
            for first in range(0, n_blocks, step)
        ]
        return np.concatenate(parts) if parts else np.empty(0)


def _ratio(above: Floats, below: Floats) -> Floats:
    quotient = np.full(np.shape(above), np.nan)
    return np.asarray(np.divide(above, below, out=quotient, where=below > 0))


class _Sorted:
    """Values in ascending order, equal ones together."""

    def __init__(self, values: Floats) -> None:
        self.order = np.argsort(values, kind="stable")
        ordered = values[self.order]
        new = np.ones(len(ordered), dtype=bool)
        new[1:] = ordered[1:] != ordered[:-1]
        self.starts = np.flatnonzero(new)
        # The place of each unit's value among the different ones.
        self.places = np.empty(len(ordered), dtype=np.int64)
        self.places[self.order] = np.cumsum(new) - 1

    def sums(self, in_order: Floats) -> Floats:
        """Return the summed weights of each different value, ``(b, different)``.

        Args:
            in_order: The units' weights in the order of their values, shape ``(b, units)``.
        """
        if len(self.starts) == in_order.shape[1]:
            return in_order
        return np.asarray(np.add.reduceat(in_order, self.starts, axis=1))

    def ranks(self, weights: Floats) -> tuple[Floats, Floats]:
        """Return the mean rank of each different value, centered, and how often it occurs."""
        sums = self.sums(np.take(weights, self.order, axis=1))
        middle = np.cumsum(sums, axis=1)
        middle -= (sums - 1) / 2
        middle -= (weights.sum(axis=1) + 1)[:, None] / 2
        return middle, sums


def spearman_score(y_true: Floats, y_pred: Floats, known: NDArray[np.bool_]) -> RankedScore:
    """Return Spearman's rank correlation, equal values at their mean rank.

    Args:
        y_true: True values, shape ``(units,)``; arbitrary where not known.
        y_pred: Predicted values, shape ``(units,)``.
        known: Which units count, shape ``(units,)``.
    """
    true, predicted = _Sorted(y_true[known]), _Sorted(y_pred[known])

    def compute(weights: Floats) -> Floats:
        counted = _of_known(weights, known)
        (a, a_sums), (b, b_sums) = true.ranks(counted), predicted.ranks(counted)
        a_rows, b_rows = np.take(a, true.places, axis=1), np.take(b, predicted.places, axis=1)
        above = np.einsum("ij,ij,ij->i", counted, a_rows, b_rows)
        below = np.einsum("ij,ij,ij->i", a_sums, a, a) * np.einsum("ij,ij,ij->i", b_sums, b, b)
        return _ratio(above, np.sqrt(below))

    return RankedScore(len(known), compute)


def _curve(scores: Floats, positive: NDArray[np.bool_], *, precision: bool) -> Compute:
    """Prepare the area under a ROC curve, or the average precision, of a class against another."""
    prepared = _Sorted(scores)
    positive = positive[prepared.order]

    def compute(weights: Floats) -> Floats:
        in_order = np.take(weights, prepared.order, axis=1)
        hits = prepared.sums(in_order * positive)
        others = prepared.sums(in_order) - hits
        if precision:
            hits, others = hits[:, ::-1], others[:, ::-1]
            so_far = np.cumsum(hits, axis=1)
            share = _ratio(so_far, so_far + np.cumsum(others, axis=1))
            return _ratio((hits * np.nan_to_num(share)).sum(axis=1), hits.sum(axis=1))
        below = np.cumsum(others, axis=1)
        pairs = hits.sum(axis=1) * below[:, -1]
        below -= others / 2
        return _ratio(np.einsum("ij,ij->i", hits, below), pairs)

    return compute


def _of_known(weights: Floats, known: NDArray[np.bool_]) -> Floats:
    return weights if known.all() else weights[:, known]


def area_score(
    y_true: NDArray[Any], y_score: Floats, known: NDArray[np.bool_], classes: str
) -> RankedScore:
    """Return the area under the ROC curve.

    Source: for several classes, Hand & Till, Machine Learning 45 (2001), 171-186 (``ovo``);
    Provost & Domingos (2000), unweighted (``ovr``).

    Args:
        y_true: True labels, shape ``(units,)``; arbitrary where not known.
        y_score: Scores, shape ``(units,)``, or ``(units, classes)`` in the order of sorted labels.
        known: Which units count, shape ``(units,)``.
        classes: ``ovr``, each class against the rest; or ``ovo``, each against each other one.
    """
    true, scores = y_true[known], y_score[known]
    labels = np.unique(true)
    if scores.ndim == 1:
        return _mean_of(known, [_curve(scores, true == labels[-1], precision=False)])
    if classes == "ovr":
        curves = [
            _curve(scores[:, column], true == label, precision=False)
            for column, label in enumerate(labels)
        ]
        return _mean_of(known, curves)
    curves = list[Compute]()
    for (i, a), (j, b) in combinations(enumerate(labels), 2):
        rows = np.flatnonzero((true == a) | (true == b))
        for column, label in ((i, a), (j, b)):
            curve = _curve(scores[rows, column], true[rows] == label, precision=False)
            curves.append(_over_rows(curve, rows))
    return _mean_of(known, curves)


def precision_score(y_true: NDArray[Any], y_score: Floats, known: NDArray[np.bool_]) -> RankedScore:
    """Return the average precision; of several classes the mean, each against the rest.

    Args:
        y_true: True labels, shape ``(units,)``; with one column of scores, 1 is positive.
        y_score: Scores, shape ``(units,)`` or ``(units, classes)``.
        known: Which units count, shape ``(units,)``.
    """
    true, scores = y_true[known], y_score[known]
    if scores.ndim == 1:
        return _mean_of(known, [_curve(scores, true == 1, precision=True)])
    curves = [
        _curve(scores[:, column], true == label, precision=True)
        for column, label in enumerate(np.unique(true))
    ]
    return _mean_of(known, curves)


def _over_rows(curve: Compute, rows: NDArray[np.int64]) -> Compute:
    return lambda weights: curve(weights[:, rows])


def _mean_of(known: NDArray[np.bool_], curves: Sequence[Compute]) -> RankedScore:
    def compute(weights: Floats) -> Floats:
        counted = _of_known(weights, known)
        return np.asarray(np.mean([curve(counted) for curve in curves], axis=0))

    return RankedScore(len(known), compute)


def median_score(contributions: Floats, known: NDArray[np.bool_]) -> RankedScore:
    """Return the median of the known units' contributions.

    Args:
        contributions: Shape ``(units,)``.
        known: Which units count, shape ``(units,)``.
    """
    order = np.flatnonzero(known)[np.argsort(contributions[known], kind="stable")]
    values = np.append(contributions[order], np.nan)
    if np.isnan(values[:-1]).any():
        values[:] = np.nan

    def compute(weights: Floats) -> Floats:
        upto = np.cumsum(weights[:, order], axis=1)
        total = upto[:, -1] if len(order) else np.zeros(len(weights))
        # The median of n values lies between the one at (n + 1) // 2 and the one at n // 2 + 1.
        low = (upto < ((total + 1) // 2)[:, None]).sum(axis=1)
        high = (upto < (total // 2 + 1)[:, None]).sum(axis=1)
        middle = (values[low] + values[high]) / 2
        return np.where(total > 0, middle, np.nan)

    return RankedScore(len(known), compute)
