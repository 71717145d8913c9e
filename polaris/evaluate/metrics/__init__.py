"""The functions behind the metrics that are not simply scikit-learn's."""

from __future__ import annotations

from polaris.domain.metrics.functions import (
    absolute_average_fold_error,
    average_precision_score,
    cohen_kappa_score,
    pearsonr,
    rmsd_coverage,
    spearmanr,
)

__all__ = [
    "absolute_average_fold_error",
    "average_precision_score",
    "cohen_kappa_score",
    "pearsonr",
    "rmsd_coverage",
    "spearmanr",
]
