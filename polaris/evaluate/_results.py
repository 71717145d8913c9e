"""Results under a path that existing code imports."""

from __future__ import annotations

from polaris.domain.results import ResultRecords
from polaris.hub.artifacts.results import BenchmarkResults, BenchmarkResultsV1

__all__ = ["BenchmarkResults", "BenchmarkResultsV1", "ResultRecords"]
