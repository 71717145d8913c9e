"""Benchmarks: a dataset, splits of it, and the metrics that judge predictions."""

from __future__ import annotations

from polaris.domain.index_set import IndexSet
from polaris.domain.split_v2 import SplitV2
from polaris.hub.artifacts.benchmark import (
    BenchmarkSpecification,
    BenchmarkV1Specification,
    BenchmarkV2Specification,
    MultiTaskBenchmarkSpecification,
    SingleTaskBenchmarkSpecification,
)

__all__ = [
    "BenchmarkSpecification",
    "BenchmarkV1Specification",
    "BenchmarkV2Specification",
    "IndexSet",
    "MultiTaskBenchmarkSpecification",
    "SingleTaskBenchmarkSpecification",
    "SplitV2",
]
