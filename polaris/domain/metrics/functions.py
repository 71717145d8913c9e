"""How each metric is computed: by scikit-learn and SciPy, imported at first use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polaris.errors import InvalidPredictionsError, MissingExtraError

__all__ = [
    "absolute_average_fold_error",
    "average_precision_score",
    "cohen_kappa_score",
    "pearsonr",
    "rmsd_coverage",
    "sklearn_metric",
    "spearmanr",
    "symmetric_rmsd",
]


def sklearn_metric(name: str) -> Callable[..., float]:
    """Return a function of ``sklearn.metrics`` that is imported when it is first called."""

    def metric(*args: Any, **kwargs: Any) -> float:
        from sklearn import metrics

        return float(getattr(metrics, name)(*args, **kwargs))

    metric.__name__ = metric.__qualname__ = name
    metric.__doc__ = f"Compute ``sklearn.metrics.{name}``."
    return metric


def cohen_kappa_score(y_true: Any, y_pred: Any) -> float:
    """Compute ``sklearn.metrics.cohen_kappa_score``."""
    from sklearn import metrics

    return float(metrics.cohen_kappa_score(y1=y_true, y2=y_pred))


def average_precision_score(y_true: Any, y_score: Any) -> float:
    """Compute ``sklearn.metrics.average_precision_score``.

    Raises:
        InvalidPredictionsError: No row is positive, for which it is not defined.
    """
    from sklearn import metrics

    if not np.asarray(y_true).any():
        raise InvalidPredictionsError(
            "pr_auc is not defined where no row is positive",
            hint="Leave the metric out for this target, or group it with on_error='ignore'.",
        )
    return float(metrics.average_precision_score(y_true, y_score))


def pearsonr(y_true: Any, y_pred: Any) -> float:
    """Compute Pearson's correlation by ``scipy.stats.pearsonr``; NaN where one side is constant."""
    from scipy import stats

    return float(stats.pearsonr(y_true, y_pred).statistic)


def spearmanr(y_true: Any, y_pred: Any) -> float:
    """Compute Spearman's rank correlation by ``scipy.stats.spearmanr``; NaN for constants."""
    from scipy import stats

    return float(stats.spearmanr(y_true, y_pred).statistic)


def absolute_average_fold_error(y_true: Any, y_pred: Any) -> float:
    """Compute the mean of ``|predicted| / |true|``; 1 is best.

    Args:
        y_true: Shape ``(n,)``, none of them zero.
        y_pred: Shape ``(n,)``.

    Raises:
        InvalidPredictionsError: The lengths differ, or a true value is zero.
    """
    true, predicted = np.asarray(y_true, dtype=float), np.asarray(y_pred, dtype=float)
    if len(true) != len(predicted):
        raise InvalidPredictionsError(
            f"There are {len(predicted)} predictions for {len(true)} true values",
            hint="Give one prediction a row.",
        )
    if (true == 0).any():
        raise InvalidPredictionsError(
            "absolute_average_fold_error is not defined where a true value is zero",
            hint="Choose another metric for this target.",
        )
    return float(np.mean(np.abs(predicted) / np.abs(true)))


def symmetric_rmsd(y_true: Sequence[Any], y_pred: Sequence[Any]) -> NDArray[np.float64]:
    """Compute how far each predicted molecule is from the reference, in ångström, shape ``(n,)``.

    The distance is RDKit's ``CalcRMS``: over heavy atoms, aware of symmetry, without alignment.

    Args:
        y_true: RDKit molecules with a conformer, ``n`` of them.
        y_pred: RDKit molecules with a conformer, ``n`` of them.

    Raises:
        InvalidPredictionsError: The lengths differ.
        MissingExtraError: RDKit is not installed.
    """
    try:
        from rdkit.Chem import RemoveHs, rdMolAlign
    except ImportError as cause:
        raise MissingExtraError("The metric rmsd_coverage", extra="chem") from cause
    if len(y_true) != len(y_pred):
        raise InvalidPredictionsError(
            f"There are {len(y_pred)} predicted molecules for {len(y_true)} true ones",
            hint="Give one molecule a row.",
        )
    distances = [
        rdMolAlign.CalcRMS(
            RemoveHs(predicted), RemoveHs(true), symmetrizeConjugatedTerminalGroups=True
        )
        for true, predicted in zip(y_true, y_pred, strict=True)
    ]
    return np.array(distances, dtype=float)


def rmsd_coverage(y_true: Sequence[Any], y_pred: Sequence[Any], max_rsmd: float = 2) -> float:
    """Compute the share of molecules that are predicted within some ångström of the reference.

    Args:
        y_true: RDKit molecules with a conformer, ``n`` of them.
        y_pred: RDKit molecules with a conformer, ``n`` of them.
        max_rsmd: Largest distance that counts, in ångström; see `symmetric_rmsd`.

    Raises:
        InvalidPredictionsError: The lengths differ.
        MissingExtraError: RDKit is not installed.
    """
    return float(np.mean(symmetric_rmsd(y_true, y_pred) <= max_rsmd))
