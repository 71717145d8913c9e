"""Metrics of docked molecules under a path that existing code imports."""

from __future__ import annotations

from polaris.domain.metrics.functions import rmsd_coverage

__all__ = ["rmsd_coverage"]
