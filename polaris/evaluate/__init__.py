"""Evaluation: metrics, predictions and results."""

from __future__ import annotations

from polaris.domain.evaluation import evaluate_benchmark
from polaris.domain.examples import Examples
from polaris.domain.metrics.grouped import GroupedMetricConfig
from polaris.domain.metrics.info import MetricInfo
from polaris.domain.metrics.metric import Metric
from polaris.domain.predictions import BenchmarkPredictions
from polaris.domain.results import EvaluationResult, ResultRecords
from polaris.domain.statistics.comparison import Comparison
from polaris.domain.statistics.interval import Interval
from polaris.domain.statistics.of_results import (
    compare,
    confidence_interval,
    example_scores,
    smallest_detectable_difference,
)
from polaris.domain.statistics.power import DetectableDifference
from polaris.hub.artifacts.results import (
    BenchmarkResults,
    BenchmarkResultsV1,
    BenchmarkResultsV2,
    CompetitionResults,
)
from polaris.hub.artifacts.submissions import BenchmarkPredictionsV2, CompetitionPredictions

__all__ = [
    "BenchmarkPredictions",
    "BenchmarkPredictionsV2",
    "BenchmarkResults",
    "BenchmarkResultsV1",
    "BenchmarkResultsV2",
    "Comparison",
    "CompetitionPredictions",
    "CompetitionResults",
    "DetectableDifference",
    "EvaluationResult",
    "EvaluationResultV1",
    "EvaluationResultV2",
    "Examples",
    "GroupedMetricConfig",
    "Interval",
    "Metric",
    "MetricInfo",
    "ResultRecords",
    "compare",
    "confidence_interval",
    "evaluate_benchmark",
    "example_scores",
    "smallest_detectable_difference",
]

# Results of both versions have the same fields, so what they share is one class.
EvaluationResultV1 = EvaluationResultV2 = EvaluationResult
