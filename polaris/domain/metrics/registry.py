"""The 19 metrics."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from polaris.domain.metrics.functions import (
    absolute_average_fold_error,
    average_precision_score,
    cohen_kappa_score,
    pearsonr,
    rmsd_coverage,
    sklearn_metric,
    spearmanr,
)
from polaris.domain.metrics.info import Direction, MetricInfo
from polaris.domain.task_types import TargetType

__all__ = ["METRICS"]

_REGRESSION = frozenset({TargetType.REGRESSION})
_CLASSES = frozenset({TargetType.CLASSIFICATION})


def _regression(fn: Any, direction: Direction) -> MetricInfo:
    return MetricInfo(fn, direction, _REGRESSION)


def _labels(fn: Any, **kwargs: Any) -> MetricInfo:
    return MetricInfo(fn, "max", _CLASSES, kwargs=kwargs)


def _scores(fn: Any, **kwargs: Any) -> MetricInfo:
    return MetricInfo(fn, "max", _CLASSES, kwargs=kwargs, y_type="y_score")


METRICS: Mapping[str, MetricInfo] = MappingProxyType(
    {
        "mean_absolute_error": _regression(sklearn_metric("mean_absolute_error"), "min"),
        "mean_squared_error": _regression(sklearn_metric("mean_squared_error"), "min"),
        "r2": _regression(sklearn_metric("r2_score"), "max"),
        "pearsonr": _regression(pearsonr, "max"),
        "spearmanr": _regression(spearmanr, "max"),
        "explained_var": _regression(sklearn_metric("explained_variance_score"), "max"),
        "absolute_average_fold_error": _regression(absolute_average_fold_error, 1),
        "accuracy": _labels(sklearn_metric("accuracy_score")),
        "balanced_accuracy": _labels(sklearn_metric("balanced_accuracy_score")),
        "mcc": _labels(sklearn_metric("matthews_corrcoef")),
        "cohen_kappa": _labels(cohen_kappa_score),
        "pr_auc": _scores(average_precision_score),
        "f1": _labels(sklearn_metric("f1_score"), average="binary"),
        "roc_auc": _scores(sklearn_metric("roc_auc_score")),
        "f1_macro": _labels(sklearn_metric("f1_score"), average="macro"),
        "f1_micro": _labels(sklearn_metric("f1_score"), average="micro"),
        "roc_auc_ovr": _scores(sklearn_metric("roc_auc_score"), multi_class="ovr"),
        "roc_auc_ovo": _scores(sklearn_metric("roc_auc_score"), multi_class="ovo"),
        "rmsd_coverage": MetricInfo(rmsd_coverage, "max", frozenset({TargetType.DOCKING})),
    }
)
