"""The shared engine of evaluation under a path that existing code imports."""

from __future__ import annotations

from polaris.domain.evaluation import evaluate_benchmark

__all__ = ["evaluate_benchmark"]
