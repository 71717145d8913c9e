"""Predictions of equally good methods, for every metric."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from polaris.domain.metrics.metric import Metric
from polaris.domain.statistics.scores import weighted_scores
from polaris.domain.statistics.study import Stratum, Study

Draw = Callable[..., tuple[NDArray[Any], list[NDArray[Any]]]]

_MEASURED = {
    "mean_absolute_error", "mean_squared_error", "r2", "pearsonr", "spearmanr", "explained_var",
    "absolute_average_fold_error",
}  # fmt: skip


def draw_rows(
    label: str, rows: int, methods: int, random: np.random.Generator, decimals: int | None = None
) -> tuple[NDArray[Any], list[NDArray[Any]]]:
    """Draw true values, and what equally good methods predict; all err alike to some degree."""
    shared = 0.5 * random.normal(size=rows)
    if label in _MEASURED:
        true = random.normal(size=rows) + (9 if label == "absolute_average_fold_error" else 0)
        values = [true + shared + 0.7 * random.normal(size=rows) for _ in range(methods)]
        if decimals is not None:
            true, values = true.round(decimals), [one.round(decimals) for one in values]
        return true, values
    if label in ("roc_auc_ovr", "roc_auc_ovo"):
        classes = random.integers(0, 3, rows)
        raw = [0.4 * np.eye(3)[classes] + random.random((rows, 3)) for _ in range(methods)]
        return classes, [one / one.sum(axis=1, keepdims=True) for one in raw]
    kinds = 2 if label in ("f1", "roc_auc", "pr_auc", "mcc") else 4
    classes = random.integers(0, kinds, rows)
    if label in ("roc_auc", "pr_auc"):
        scores = [1.2 * classes + shared + random.normal(size=rows) for _ in range(methods)]
        return classes, scores if decimals is None else [one.round(decimals) for one in scores]
    return classes, [
        np.where(random.random(rows) < 0.7, classes, random.integers(0, kinds, rows))
        for _ in range(methods)
    ]


def make_study(label: str, true: NDArray[Any], predictions: list[NDArray[Any]]) -> Study:
    """Return the scores of methods on one test set."""
    return Study((Stratum(tuple(weighted_scores(Metric(label), true, predictions))),))


def widened(rows: int, effects: NDArray[Any] | None = None, confidence: float = 0.95) -> float:
    """Return the confidence that SciPy needs to be as wide as we are, for few rows.

    Args:
        rows: How many there are.
        effects: What each of them does to the statistic.
        confidence: What is wanted.
    """
    freedom = float(rows - 1)
    if effects is not None:
        kurtosis = float(stats.kurtosis(effects, fisher=False))
        freedom = min(max(2 * rows / (kurtosis - 1), 4), rows - 1)
    wide = np.sqrt(rows / (rows - 1)) * stats.t.ppf((1 + confidence) / 2, freedom)
    return float(2 * stats.norm.cdf(wide) - 1)


@pytest.fixture
def scipy_confidence() -> Callable[..., float]:
    """Returns the confidence that SciPy needs to be as wide as we are, for few rows."""
    return widened


@pytest.fixture
def draw() -> Draw:
    """Draws true values and predictions of equally good methods."""
    return draw_rows


@pytest.fixture
def study() -> Callable[..., Study]:
    """Returns the scores of methods on one test set."""
    return make_study
