"""Predictions: what is judged, by yourself or by a hub."""

from __future__ import annotations

from polaris.domain.predictions import BenchmarkPredictions
from polaris.hub.artifacts.submissions import BenchmarkPredictionsV2, CompetitionPredictions

__all__ = ["BenchmarkPredictions", "BenchmarkPredictionsV2", "CompetitionPredictions"]
