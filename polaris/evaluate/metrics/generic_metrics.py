"""Metrics of numbers and labels under a path that existing code imports."""

from __future__ import annotations

from polaris.domain.metrics.functions import (
    absolute_average_fold_error,
    average_precision_score,
    cohen_kappa_score,
    pearsonr,
    spearmanr,
)

__all__ = [
    "absolute_average_fold_error",
    "average_precision_score",
    "cohen_kappa_score",
    "pearsonr",
    "spearman",
    "spearmanr",
]

# The function has this name in polaris-lib, the metric the other.
spearman = spearmanr
