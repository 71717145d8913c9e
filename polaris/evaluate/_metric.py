"""Metrics under a path that existing code imports."""

from __future__ import annotations

from polaris.domain.metrics.grouped import GroupedMetricConfig
from polaris.domain.metrics.info import MetricInfo
from polaris.domain.metrics.metric import Metric
from polaris.domain.metrics.registry import METRICS

__all__ = ["DEFAULT_METRICS", "GroupedMetricConfig", "Metric", "MetricInfo"]

DEFAULT_METRICS = METRICS
