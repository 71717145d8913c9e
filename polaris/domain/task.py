"""What is to be predicted from what, and how predictions are judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

import attrs

from polaris.domain.artifact import VersionedArtifact
from polaris.domain.column_names import ColumnNames, parse_columns
from polaris.domain.fields import check_assignment, rule
from polaris.domain.metrics.metric import Metric
from polaris.domain.metrics.parsing import parse_metric, parse_metrics
from polaris.domain.short_text import few
from polaris.domain.target_types import misfits, parse_target_types
from polaris.domain.task_types import TargetType, TaskType
from polaris.errors import InvalidInputError, Problem

__all__ = ["PredictiveTask", "TaskRules", "parse_main_metric", "replace_metrics"]


def parse_main_metric(value: Any) -> Metric | str | None:
    """Return what a main metric is looked up by: its name, or the metric itself."""
    if value is None or isinstance(value, (str, Metric)):
        return value
    if isinstance(value, Mapping):
        return parse_metric(value)
    raise InvalidInputError(f"must be a metric or its name, not {type(value).__name__}")


def _found(wanted: Metric | str | None, metrics: list[Metric]) -> Metric | None:
    """Return the metric that is meant; a name counts for more than a label."""
    named = [metric for metric in metrics if metric.name == wanted]
    return next(iter([*named, *(metric for metric in metrics if metric == wanted)]), None)


def replace_metrics(task: Any, attribute: attrs.Attribute[Any], new: Any) -> list[Metric]:
    """Check new metrics; a main metric that is not among them gives way to the first of them.

    An attrs ``on_setattr`` hook.
    """
    wanted = task._main_metric
    object.__setattr__(task, "_main_metric", None)
    try:
        metrics = cast("list[Metric]", check_assignment(task, attribute, new))
    except InvalidInputError:
        object.__setattr__(task, "_main_metric", wanted)
        raise
    if _found(wanted, metrics) is not None:
        object.__setattr__(task, "_main_metric", wanted)
    return metrics


class TaskRules:
    """What holds of a task, whatever else the artifact is; `PredictiveTask` tells of its fields."""

    __slots__ = ()

    if TYPE_CHECKING:
        target_cols: ColumnNames
        input_cols: ColumnNames
        metrics: list[Metric]
        _main_metric: Metric | str | None
        _target_types: dict[str, TargetType]

    @rule("input_cols", "target_cols")
    def _inputs_are_no_targets(self) -> Iterator[Problem]:
        for column in self.input_cols:
            if column in self.target_cols:
                hint = "A model must not be given what it is to predict."
                yield Problem("input_cols", f"{column!r} is a target as well", hint)

    @rule("_target_types", "target_cols")
    def _types_are_of_targets(self) -> Iterator[Problem]:
        hint = f"The targets are {', '.join(self.target_cols)}."
        for column in self._target_types:
            if column not in self.target_cols:
                yield Problem(f"target_types.{column}", "is not a target column", hint)

    @rule("metrics", "_main_metric")
    def _main_metric_is_a_metric(self) -> Iterator[Problem]:
        if self._main_metric is not None and _found(self._main_metric, self.metrics) is None:
            names = ", ".join(metric.name for metric in self.metrics)
            hint = f"Give one of {names}." if names else "Name it among the metrics."
            shown = getattr(self._main_metric, "name", self._main_metric)
            yield Problem("main_metric", f"{shown!r} is not one of the metrics", hint)

    @rule("metrics", "_target_types")
    def _metrics_fit_declared_types(self) -> Iterator[Problem]:
        for column, kind in self._target_types.items():
            yield from misfits(column, frozenset({kind}), self.metrics)

    @property
    def main_metric(self) -> Metric | None:
        """The metric that ranks submissions; one of ``metrics``, the first unless chosen.

        None where a task has no metrics, which only some kinds may.
        """
        return _found(self._main_metric, self.metrics) or next(iter(self.metrics), None)

    @main_metric.setter
    def main_metric(self, value: Metric | str | None) -> None:
        self._main_metric = parse_main_metric(value)  # type: ignore[misc]  # A slot of the class.

    @property
    def target_types(self) -> dict[str, TargetType]:
        """What each target holds, in the order of the targets; unknown ones are left out."""
        declared = self._target_types
        return {column: declared[column] for column in self.target_cols if column in declared}

    @target_types.setter
    def target_types(self, value: Mapping[str, TargetType | str | None]) -> None:
        self._target_types = parse_target_types(value)  # type: ignore[misc]  # As above.

    @property
    def task_type(self) -> TaskType:
        """Whether there is one target column or several."""
        return TaskType.MULTI_TASK if len(self.target_cols) > 1 else TaskType.SINGLE_TASK

    def _task_facts(self) -> dict[str, object]:
        return {
            "Inputs": few(self.input_cols),
            "Targets": few(self.target_cols),
            "Metrics": ", ".join(metric.name for metric in self.metrics),
        }


@attrs.define(kw_only=True, eq=False, repr=False, on_setattr=check_assignment)
class PredictiveTask(TaskRules, VersionedArtifact):
    """What is to be predicted from what, and how predictions are judged.

    Attributes:
        target_cols: The columns to predict, in order; a single name is accepted.
        input_cols: The columns to predict from, in order; a single name is accepted.
        metrics: Labels, mappings or metrics, in order; a single one is accepted.
        main_metric: The metric that ranks submissions, or its name; the first one unless given.
        target_types: What each target holds, where declared.
    """

    target_cols: ColumnNames = attrs.field(converter=parse_columns)
    input_cols: ColumnNames = attrs.field(converter=parse_columns)
    metrics: list[Metric] = attrs.field(converter=parse_metrics, on_setattr=replace_metrics)
    _main_metric: Metric | str | None = attrs.field(
        default=None, alias="main_metric", converter=parse_main_metric
    )
    _target_types: dict[str, TargetType] = attrs.field(
        factory=dict, alias="target_types", converter=parse_target_types
    )

    def _facts(self) -> dict[str, object]:
        return super()._facts() | self._task_facts()
