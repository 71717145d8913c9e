"""What is known of a metric."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import attrs

from polaris.domain.task_types import TargetType

__all__ = ["Direction", "MetricInfo", "YType"]

# Which scores are better: smaller ones, larger ones, or those near a value.
Direction = Literal["min", "max"] | float
# What a metric judges: predicted values or labels, or scores such as probabilities.
YType = Literal["y_pred", "y_prob", "y_score"]


@attrs.frozen
class MetricInfo:
    """What is known of a metric.

    Attributes:
        fn: Computes it: ``fn(y_true, y_pred)``, or ``fn(y_true, y_score)`` where ``y_type`` says
            so.
        direction: Which scores are better.
        target_types: Which targets it fits.
        is_multitask: Whether it judges all targets at once.
        kwargs: Fixed keyword arguments of ``fn``.
        y_type: What it judges.
    """

    fn: Callable[..., float]
    direction: Direction
    target_types: frozenset[TargetType] = frozenset(TargetType)
    is_multitask: bool = False
    kwargs: Mapping[str, Any] = attrs.field(factory=dict)
    y_type: YType = "y_pred"
