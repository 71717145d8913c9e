"""Results under a path that existing code imports."""

from __future__ import annotations

from polaris.domain.results import ResultRecords
from polaris.hub.artifacts.results import (
    BenchmarkResults,
    BenchmarkResultsV1,
    BenchmarkResultsV2,
    CompetitionResults,
)

__all__ = [
    "BenchmarkResults",
    "BenchmarkResultsV1",
    "BenchmarkResultsV2",
    "CompetitionResults",
    "ResultRecords",
]
