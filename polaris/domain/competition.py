"""A competition: a dataset, a task and a split, whose test targets stay with the hub."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar

import attrs
import numpy as np
from numpy.typing import NDArray

from polaris.domain.column_names import ColumnNames, parse_columns
from polaris.domain.dataset_v2 import DatasetV2
from polaris.domain.fields import check_assignment, rule
from polaris.domain.identity import ArtifactKind
from polaris.domain.metrics.metric import Metric
from polaris.domain.metrics.parsing import parse_metrics
from polaris.domain.one_split import OneSplit
from polaris.domain.splits import SplitV1, parse_split
from polaris.domain.subset import Featurize, Subset
from polaris.domain.target_types import parse_target_types
from polaris.domain.task import TaskRules, parse_main_metric, replace_metrics
from polaris.domain.task_types import TargetType
from polaris.errors import InvalidCompetitionError, InvalidInputError, Problem

__all__ = ["CompetitionSpecification"]


def _moment(value: Any) -> datetime:
    """Return a moment, given as one or as ISO 8601 text; it must say in which zone."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError as cause:
            raise InvalidInputError(
                f"{value!r} is not a date and time", hint="Write 2026-01-31T12:00:00+00:00."
            ) from cause
    if not isinstance(value, datetime):
        raise InvalidInputError(f"must be a date and time, not {type(value).__name__}")
    if value.utcoffset() is None:
        raise InvalidInputError(
            f"{value.isoformat()} does not say in which time zone",
            hint="Add the offset: 2026-01-31T12:00:00+00:00, or tzinfo=datetime.UTC.",
        )
    return value


def _metrics(value: Any) -> list[Metric]:
    """Return metrics; competitions of hubs that keep them to themselves have none."""
    if value is None or (isinstance(value, (list, tuple, set, frozenset)) and not value):
        return []
    return parse_metrics(value)


def _class_counts(value: Any) -> dict[str, int | None]:
    if not isinstance(value, Mapping):
        raise InvalidInputError(f"must map targets to numbers, not {type(value).__name__}")
    problems = [
        Problem(str(target), f"{count!r} is not a number of classes")
        for target, count in value.items()
        if count is not None and (isinstance(count, bool) or not isinstance(count, int))
    ]
    if problems:
        raise InvalidInputError(problems=problems)
    return {str(target): count for target, count in value.items()}


@attrs.define(kw_only=True, eq=False, repr=False, on_setattr=check_assignment)
class CompetitionSpecification(TaskRules, OneSplit, DatasetV2):
    """A dataset, a task and a split in one, open for submissions during a time.

    The hub masks the test targets when the competition is published, keeps the true ones to itself,
    and scores what is submitted. So there is no ``evaluate`` here.

    Attributes:
        target_cols: The columns to predict, in order; a single name is accepted.
        input_cols: The columns to predict from, in order; a single name is accepted.
        metrics: Labels, mappings or metrics, in order; a single one is accepted. The hub needs at
            least one to score by.
        main_metric: The metric that ranks submissions, or its name; the first one unless given.
        target_types: What each target holds, where declared.
        split: ``(train, test)`` or ``(train, {name: test})``, row positions; see `SplitV1`.
        start_time: When submissions open; with time zone, ISO 8601 text is accepted.
        end_time: When they close; later than ``start_time``.
        n_classes: How many different values a target has, where that is told.

    Raises:
        InvalidCompetitionError: A field breaks a rule; all problems are reported together.
    """

    kind: ClassVar[ArtifactKind] = ArtifactKind.COMPETITION
    error_type: ClassVar[type[InvalidCompetitionError]] = InvalidCompetitionError
    computed: ClassVar[frozenset[str]] = DatasetV2.computed | {
        "dataset", "dataset_artifact_id", "datasetArtifactId", "task_type", "taskType",
        "n_train_datapoints", "nTrainDatapoints", "n_test_sets", "nTestSets",
        "n_test_datapoints", "nTestDatapoints", "test_set_sizes", "testSetSizes",
        "test_set_labels", "testSetLabels",
    }  # fmt: skip

    target_cols: ColumnNames = attrs.field(converter=parse_columns)
    input_cols: ColumnNames = attrs.field(converter=parse_columns)
    metrics: list[Metric] = attrs.field(
        factory=list, converter=_metrics, on_setattr=replace_metrics
    )
    _main_metric: Metric | str | None = attrs.field(
        default=None, alias="main_metric", converter=parse_main_metric
    )
    _target_types: dict[str, TargetType] = attrs.field(
        factory=dict, alias="target_types", converter=parse_target_types
    )
    split: SplitV1 = attrs.field(converter=parse_split)
    start_time: datetime = attrs.field(converter=_moment)
    end_time: datetime = attrs.field(converter=_moment)
    n_classes: dict[str, int | None] = attrs.field(factory=dict, converter=_class_counts)

    # -- rules --------------------------------------------------------------------------------

    @rule("start_time", "end_time")
    def _ends_after_it_starts(self) -> Iterator[Problem]:
        if self.end_time <= self.start_time:
            message = f"{self.end_time.isoformat()} is not after the start"
            yield Problem("end_time", message, f"It starts {self.start_time.isoformat()}.")

    @rule("n_classes", "target_cols")
    def _classes_are_of_targets(self) -> Iterator[Problem]:
        for column in self.n_classes:
            if column not in self.target_cols:
                hint = f"The targets are {', '.join(self.target_cols)}."
                yield Problem(f"n_classes.{column}", "is not a target column", hint)

    @rule("zarr_root_path", "_archive", "target_cols")
    def _targets_exist(self) -> Iterator[Problem]:
        yield from self._missing("target_cols", self.target_cols)

    @rule("zarr_root_path", "_archive", "input_cols")
    def _inputs_exist(self) -> Iterator[Problem]:
        yield from self._missing("input_cols", self.input_cols)

    @rule("zarr_root_path", "_archive", "metrics")
    def _groups_exist(self) -> Iterator[Problem]:
        groups = [metric.config.group_by for metric in self.metrics if metric.config is not None]
        yield from self._missing("metrics", groups)

    def _missing(self, field: str, columns: Any) -> Iterator[Problem]:
        if self._is_readable:
            for column in columns:
                if column not in self._structure.columns:
                    hint = f"Its columns are {', '.join(self.columns[:20])}."
                    yield Problem(field, f"the archive has no column {column!r}", hint)

    @rule("zarr_root_path", "_archive", "split")
    def _split_is_in_range(self) -> Iterator[Problem]:
        if not self._is_readable:
            return
        for path, indices in self.split.parts():
            highest = int(indices.max(initial=-1))
            if highest >= self.n_rows:
                hint = f"The archive has {self.n_rows} rows, and rows are counted from 0."
                yield Problem(f"split.{path}", f"the index {highest} is out of range", hint)

    @property
    def _is_readable(self) -> bool:
        has_one = self.zarr_root_path is not None or self._archive is not None
        return has_one and not self._structure.problems

    # -- what follows from its fields ---------------------------------------------------------

    @property
    def dataset_artifact_id(self) -> str | None:
        """Its own id: a competition is its dataset."""
        return self.artifact_id

    @property
    def test_rows(self) -> NDArray[np.int64]:
        """The rows of all test sets, each once, in order."""
        # Not `unique`: for integers it hashes, and takes many times as long.
        rows = np.sort(np.concatenate(list(self.split.tests.values())))
        return rows[np.flatnonzero(np.diff(rows, prepend=-1))]

    # -- using it -----------------------------------------------------------------------------

    def _subset(
        self, positions: NDArray[np.int64], featurize: Featurize | None, *, hide: bool
    ) -> Subset:
        return Subset(
            self,
            positions,
            self.input_cols,
            self.target_cols,
            featurization_fn=featurize,
            hide_targets=hide,
        )

    def _summary(self) -> str:
        rows = f"{self.n_train_datapoints} training and {sum(self.test_set_sizes.values())} test"
        return f"{rows} rows, targets {list(self.target_cols)}, ends {self.end_time.isoformat()}"

    def _facts(self) -> dict[str, object]:
        times = {"Starts": self.start_time.isoformat(), "Ends": self.end_time.isoformat()}
        return super()._facts() | self._task_facts() | times
