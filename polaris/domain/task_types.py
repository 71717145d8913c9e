"""Kinds of targets and tasks."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["TargetType", "TaskType"]


class TargetType(StrEnum):
    """What a target column holds, which decides the metrics that fit it."""

    REGRESSION = "regression"
    CLASSIFICATION = "classification"
    DOCKING = "docking"


class TaskType(StrEnum):
    """Whether a benchmark has one target column or several."""

    SINGLE_TASK = "single_task"
    MULTI_TASK = "multi_task"
