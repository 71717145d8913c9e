"""Benchmarks: a dataset, a split of it, and the metrics that judge predictions."""

from __future__ import annotations

from polaris.hub.artifacts.benchmark import (
    BenchmarkSpecification,
    BenchmarkV1Specification,
    MultiTaskBenchmarkSpecification,
    SingleTaskBenchmarkSpecification,
)

__all__ = [
    "BenchmarkSpecification",
    "BenchmarkV1Specification",
    "MultiTaskBenchmarkSpecification",
    "SingleTaskBenchmarkSpecification",
]
