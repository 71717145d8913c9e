"""Competitions: a dataset and a task whose test targets stay with the hub."""

from __future__ import annotations

from polaris.hub.artifacts.competition import CompetitionSpecification

__all__ = ["CompetitionSpecification"]
