"""Scores that are a function of sums over the rows.

Most metrics are: a mean is one sum over another, R² and Pearson's correlation come from moments,
and all that judges labels comes from the counts of a confusion matrix. The score of any resample
then takes one product of matrices, and leaving out each row in turn takes one subtraction.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from polaris.domain.statistics.confusion import CONFUSION_METRICS

__all__ = [
    "AdditiveScore", "label_score", "mean_score_of", "mirrored_mean", "moment_score",
]  # fmt: skip

Finish = Callable[[NDArray[np.float64]], NDArray[np.float64]]


@attrs.frozen(eq=False)
class AdditiveScore:
    """A score that is a function of sums over units (rows, or groups of rows).

    Attributes:
        features: What is summed, shape ``(units, k)``; dense, or sparse in the CSR form.
        finish: From sums of shape ``(b, k)`` to scores of shape ``(b,)``.
    """

    features: Any
    finish: Finish

    @property
    def n_units(self) -> int:
        """How many units there are."""
        return int(self.features.shape[0])

    @property
    def totals(self) -> NDArray[np.float64]:
        """The sums over all units, shape ``(1, k)``."""
        return np.asarray(self.features.sum(axis=0), dtype=float).reshape(1, -1)

    def values(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the score of each resample.

        Args:
            weights: How often each unit is in each resample, shape ``(b, units)``.
        """
        return self.finish(np.asarray(weights @ self.features))

    def without(self, blocks: NDArray[np.int64], n_blocks: int) -> NDArray[np.float64]:
        """Return the score without each block of units in turn, shape ``(n_blocks,)``.

        Args:
            blocks: The block of each unit, shape ``(units,)``.
            n_blocks: How many blocks there are.
        """
        if n_blocks == self.n_units:
            sums = self.features
        else:
            from scipy import sparse

            ones = np.ones(len(blocks))
            shape = (n_blocks, len(blocks))
            sums = sparse.csr_array((ones, (blocks, np.arange(len(blocks)))), shape) @ self.features
        dense = sums.toarray() if hasattr(sums, "toarray") else np.asarray(sums)
        return self.finish(self.totals - dense)


def mean_score_of(contributions: NDArray[np.float64], known: NDArray[np.bool_]) -> AdditiveScore:
    """Return the score that is the mean of the known units' contributions.

    Args:
        contributions: Shape ``(units,)``.
        known: Which units count, shape ``(units,)``.
    """
    features = np.stack([np.where(known, contributions, 0.0), known], axis=1).astype(float)
    return AdditiveScore(features, lambda sums: _ratio(sums[:, 0], sums[:, 1]))


def mirrored_mean(score: AdditiveScore, best: float) -> AdditiveScore:
    """Return a mean that is as far below a value as another is above it.

    Args:
        score: From `mean_score_of`.
        best: The value.
    """
    features = np.array(score.features, dtype=float)
    features[:, 0] = 2 * best * features[:, 1] - features[:, 0]
    return AdditiveScore(features, score.finish)


def moment_score(
    label: str, y_true: NDArray[np.float64], y_pred: NDArray[np.float64], known: NDArray[np.bool_]
) -> AdditiveScore:
    """Return R², the explained variance or Pearson's correlation as a score of moments.

    Args:
        label: ``r2``, ``explained_var`` or ``pearsonr``.
        y_true: True values, shape ``(units,)``; arbitrary where not known.
        y_pred: Predicted values, shape ``(units,)``.
        known: Which units count, shape ``(units,)``.
    """
    true = np.where(known, y_true, 0.0)
    predicted = np.where(known, y_pred, 0.0)
    # Around their means, for the difference of two large sums would lose all digits.
    count = max(int(known.sum()), 1)
    centered = np.where(known, true - true.sum() / count, 0.0)
    if label == "pearsonr":
        # Of unit spread, so that two methods on different scales can be exchanged row by row: the
        # correlation does not depend on the scale.
        other = np.where(known, predicted - predicted.sum() / count, 0.0)
        spread = float(np.sqrt((other**2).sum() / count))
        other = other / spread if spread > 0 else other
        columns = [known, centered, centered**2, other, other**2, centered * other]
    else:
        error = true - predicted
        columns = [known, centered, centered**2, error, error**2]
    return AdditiveScore(np.stack(columns, axis=1).astype(float), _MOMENTS[label])


def label_score(
    label: str,
    y_true: NDArray[Any],
    y_pred: NDArray[Any],
    known: NDArray[np.bool_],
    labels: NDArray[Any],
) -> AdditiveScore:
    """Return a score that follows from the confusion matrix.

    Args:
        label: The metric's label.
        y_true: True labels, shape ``(units,)``; arbitrary where not known.
        y_pred: Predicted labels, shape ``(units,)``.
        known: Which units count, shape ``(units,)``.
        labels: All labels, sorted; those of every method that is compared.
    """
    from scipy import sparse

    kinds = len(labels)
    rows = np.flatnonzero(known)
    cells = np.searchsorted(labels, y_true[rows]) * kinds + np.searchsorted(labels, y_pred[rows])
    shape = (len(known), kinds * kinds)
    features = sparse.csr_array((np.ones(len(rows)), (rows, cells)), shape=shape)
    compute = CONFUSION_METRICS[label]
    return AdditiveScore(
        features, lambda sums: compute(sums.reshape(len(sums), kinds, kinds), labels)
    )


def _ratio(above: NDArray[Any], below: NDArray[Any]) -> NDArray[np.float64]:
    """Divide; NaN where that is not possible."""
    missing = np.full(np.broadcast_shapes(above.shape, below.shape), np.nan)
    return np.asarray(np.divide(above, below, out=missing, where=below != 0))


def _spread(
    total: NDArray[np.float64], squares: NDArray[np.float64], count: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the sum of squares around the mean; exactly 0 where only rounding is left of it."""
    around = squares - _ratio(total**2, count)
    return np.where(around <= 1e-13 * squares, 0.0, around)


def _share_explained(
    unexplained: NDArray[np.float64], spread: NDArray[np.float64], count: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return 1 - a / b as scikit-learn does: 1 for 0 / 0, and 0 for anything else over 0."""
    constant = np.where(unexplained == 0, 1.0, 0.0)
    share = np.where(spread == 0, constant, 1.0 - _ratio(unexplained, spread))
    return np.where(count < 2, np.nan, share)


def _r2(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    count, total, squares, _, errors = sums.T
    return _share_explained(errors, _spread(total, squares, count), count)


def _explained_variance(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    count, total, squares, error, errors = sums.T
    return _share_explained(
        _spread(error, errors, count), _spread(total, squares, count), np.where(count < 1, 0, 2)
    )


def _pearson(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    count, total, squares, other, others, products = sums.T
    together = products - _ratio(total * other, count)
    spreads = np.sqrt(_spread(total, squares, count) * _spread(other, others, count))
    return np.clip(_ratio(together, spreads), -1, 1)


_MOMENTS: dict[str, Finish] = {
    "r2": _r2,
    "explained_var": _explained_variance,
    "pearsonr": _pearson,
}
