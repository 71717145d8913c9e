"""Evaluation: metrics, predictions and results."""

from __future__ import annotations

from polaris.domain.evaluation import evaluate_benchmark
from polaris.domain.metrics.grouped import GroupedMetricConfig
from polaris.domain.metrics.info import MetricInfo
from polaris.domain.metrics.metric import Metric
from polaris.domain.predictions import BenchmarkPredictions
from polaris.domain.results import ResultRecords
from polaris.hub.artifacts.results import BenchmarkResults, BenchmarkResultsV1

__all__ = [
    "BenchmarkPredictions",
    "BenchmarkResults",
    "BenchmarkResultsV1",
    "GroupedMetricConfig",
    "Metric",
    "MetricInfo",
    "ResultRecords",
    "evaluate_benchmark",
]
