"""Metrics of many confusion matrices at once, with the conventions of scikit-learn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["CONFUSION_METRICS"]

Counts = NDArray[Any]


def _over(above: Counts, below: Counts, otherwise: float) -> Counts:
    """Divide; what cannot be divided is replaced."""
    quotient = np.full(np.shape(above), otherwise)
    return np.asarray(np.divide(above, below, out=quotient, where=below != 0))


def _sides(counts: Counts) -> tuple[Counts, Counts, Counts]:
    """Return hits, true rows and predicted rows of each class, each of shape ``(b, classes)``."""
    return np.diagonal(counts, axis1=1, axis2=2), counts.sum(axis=2), counts.sum(axis=1)


def _balanced_accuracy(counts: Counts, _: NDArray[Any]) -> Counts:
    hits, true, _predicted = _sides(counts)
    # Classes without a true row have no recall, and are left out of the mean.
    return _over(_over(hits, true, 0.0).sum(axis=1), (true > 0).sum(axis=1), np.nan)


def _matthews(counts: Counts, _: NDArray[Any]) -> Counts:
    hits, true, predicted = _sides(counts)
    rows = true.sum(axis=1)
    together = hits.sum(axis=1) * rows - (true * predicted).sum(axis=1)
    spreads = (rows**2 - (true**2).sum(axis=1)) * (rows**2 - (predicted**2).sum(axis=1))
    return _over(together, np.sqrt(spreads), 0.0)


def _kappa(counts: Counts, _: NDArray[Any]) -> Counts:
    hits, true, predicted = _sides(counts)
    rows = true.sum(axis=1)
    expected = rows - _over((true * predicted).sum(axis=1), rows, np.nan)
    return 1 - _over(rows - hits.sum(axis=1), expected, np.nan)


def _f1_by_class(counts: Counts) -> tuple[Counts, Counts]:
    hits, true, predicted = _sides(counts)
    return _over(2 * hits, true + predicted, 0.0), true + predicted > 0


def _f1_macro(counts: Counts, _: NDArray[Any]) -> Counts:
    scores, present = _f1_by_class(counts)
    return _over(scores.sum(axis=1), present.sum(axis=1), np.nan)


def _f1_binary(counts: Counts, labels: NDArray[Any]) -> Counts:
    positive = np.flatnonzero(labels == 1)
    if not len(positive):
        return np.zeros(len(counts))
    return _f1_by_class(counts)[0][:, positive[0]]


# From counts of shape (b, true classes, predicted classes) and the labels to scores of shape (b,).
CONFUSION_METRICS: Mapping[str, Callable[[Counts, NDArray[Any]], Counts]] = MappingProxyType(
    {
        "balanced_accuracy": _balanced_accuracy,
        "mcc": _matthews,
        "cohen_kappa": _kappa,
        "f1": _f1_binary,
        "f1_macro": _f1_macro,
    }
)
