"""A benchmark: a dataset, a split of it, and the metrics by which predictions are judged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import attrs
import numpy as np

from polaris.domain.artifact import VersionedArtifact, optional
from polaris.domain.checksums.benchmark import benchmark_checksum
from polaris.domain.checksums.md5 import check_md5
from polaris.domain.dataset_v1 import DatasetV1
from polaris.domain.evaluation import evaluate_benchmark
from polaris.domain.fields import check_assignment, rule
from polaris.domain.identity import ArtifactKind
from polaris.domain.metrics.metric import Metric
from polaris.domain.metrics.parsing import parse_metrics
from polaris.domain.results import BenchmarkResultsV1
from polaris.domain.splits import SplitV1, parse_split
from polaris.domain.subset import Featurize, Subset
from polaris.domain.task import (
    ColumnNames,
    infer_target_type,
    parse_columns,
    parse_target_types,
)
from polaris.domain.task_types import TargetType, TaskType
from polaris.errors import InvalidBenchmarkError, InvalidInputError, PolarisChecksumError, Problem

__all__ = [
    "BenchmarkV1Specification",
    "MultiTaskBenchmarkSpecification",
    "SingleTaskBenchmarkSpecification",
]


def _dataset(value: Any) -> DatasetV1:
    if not isinstance(value, DatasetV1):
        raise InvalidInputError(f"must be a dataset, not {type(value).__name__}")
    return value


def _main_metric(value: Any) -> str:
    """Return the name by which a main metric is looked up."""
    if isinstance(value, Metric):
        return value.name
    if not isinstance(value, str):
        raise InvalidInputError(f"must be the name of a metric, not {type(value).__name__}")
    return value


@attrs.define(kw_only=True, eq=False, repr=False, on_setattr=check_assignment)
class BenchmarkV1Specification(VersionedArtifact):
    """A dataset, a split of it, and the metrics by which predictions are judged.

    Attributes:
        dataset: The dataset.
        target_cols: The columns to predict; a single name is accepted.
        input_cols: The columns to predict from; a single name is accepted.
        split: ``(train, test)`` or ``(train, {name: test})``, row positions.
        metrics: Labels, mappings or metrics; a single one is accepted.
        target_types: What each target holds; inferred from its values where not given.
        md5sum: Checksum. Given to the constructor, it is compared with the content, and a difference
            is refused; otherwise it is computed when first asked for.

    Raises:
        InvalidBenchmarkError: A field breaks a rule; all problems are reported together.
        PolarisChecksumError: The content does not have the ``md5sum`` that was given.
    """

    kind: ClassVar[ArtifactKind] = ArtifactKind.BENCHMARK
    version: ClassVar[int] = 1
    error_type: ClassVar[type[InvalidBenchmarkError]] = InvalidBenchmarkError
    results_type: ClassVar[type[BenchmarkResultsV1]] = BenchmarkResultsV1
    computed: ClassVar[frozenset[str]] = VersionedArtifact.computed | {
        "n_train_datapoints", "nTrainDatapoints", "n_test_sets", "nTestSets", "n_test_datapoints",
        "nTestDatapoints", "test_set_sizes", "testSetSizes", "test_set_labels", "testSetLabels",
        "n_classes", "nClasses", "task_type", "taskType", "dataset_artifact_id", "datasetArtifactId",
    }  # fmt: skip

    dataset: DatasetV1 = attrs.field(converter=_dataset)
    target_cols: ColumnNames = attrs.field(converter=parse_columns)
    input_cols: ColumnNames = attrs.field(converter=parse_columns)
    split: SplitV1 = attrs.field(converter=parse_split)
    metrics: list[Metric] = attrs.field(converter=parse_metrics)
    _main_metric: str | None = attrs.field(
        default=None, alias="main_metric", converter=optional(_main_metric)
    )
    target_types: dict[str, TargetType] = attrs.field(factory=dict, converter=parse_target_types)
    _md5sum: str | None = attrs.field(default=None, alias="md5sum", converter=optional(check_md5))

    def __attrs_post_init__(self) -> None:
        if isinstance(getattr(self, "dataset", None), DatasetV1):
            object.__setattr__(self, "target_types", self._all_target_types())
        super().__attrs_post_init__()
        if self._md5sum is not None:
            self.verify_checksum(self._md5sum)

    def _all_target_types(self) -> dict[str, TargetType]:
        """Complete the target types that were given by what the values tell."""
        types = dict(self.target_types)
        for column in self.target_cols:
            known = column in self.dataset.annotations
            if column in types or not known or self.dataset.annotations[column].is_pointer:
                continue
            inferred = infer_target_type(self.dataset.table[column], self.metrics)
            if inferred is not None:
                types[column] = inferred
        named = {column: types[column] for column in self.target_cols if column in types}
        return named | types

    # -- rules --------------------------------------------------------------------------------

    @rule("dataset", "target_cols")
    def _targets_exist(self) -> Iterator[Problem]:
        yield from self._missing_columns("target_cols", self.target_cols)

    @rule("dataset", "input_cols")
    def _inputs_exist(self) -> Iterator[Problem]:
        yield from self._missing_columns("input_cols", self.input_cols)

    def _missing_columns(self, field: str, columns: ColumnNames) -> Iterator[Problem]:
        hint = f"Its columns are {', '.join(self.dataset.columns[:20])}."
        for column in columns:
            if column not in self.dataset.annotations:
                yield Problem(field, f"the dataset has no column {column!r}", hint)

    @rule("input_cols", "target_cols")
    def _inputs_are_no_targets(self) -> Iterator[Problem]:
        for column in self.input_cols:
            if column in tuple(self.target_cols):
                hint = "A model must not be given what it is to predict."
                yield Problem("input_cols", f"{column!r} is a target as well", hint)

    @rule("dataset", "split")
    def _split_is_in_range(self) -> Iterator[Problem]:
        rows = self.dataset.n_rows
        hint = f"The dataset has {rows} rows; positions are 0 to {rows - 1}."
        for path, part in self.split.parts():
            last = part.max(initial=-1)
            if last >= rows:
                yield Problem(f"split.{path}", f"the index {last} is out of range", hint)

    @rule("target_types", "target_cols")
    def _types_are_of_targets(self) -> Iterator[Problem]:
        for column in self.target_types:
            if column not in tuple(self.target_cols):
                hint = f"The targets are {', '.join(self.target_cols)}."
                yield Problem(f"target_types.{column}", "is not a target column", hint)

    @rule("metrics", "target_types")
    def _metrics_fit(self) -> Iterator[Problem]:
        for metric in self.metrics:
            for column, kind in self.target_types.items():
                if kind not in metric.target_types:
                    fitting = " or ".join(sorted(metric.target_types))
                    yield Problem(
                        "metrics",
                        f"{metric.name} does not fit the {kind} target {column!r}",
                        f"It is for {fitting}; choose another metric, or set target_types.",
                    )

    @rule("metrics", "dataset")
    def _groups_exist(self) -> Iterator[Problem]:
        for metric in self.metrics:
            column = None if metric.config is None else metric.config.group_by
            if column is not None and column not in self.dataset.annotations:
                hint = f"Its columns are {', '.join(self.dataset.columns[:20])}."
                yield Problem("metrics", f"the dataset has no column {column!r} to group by", hint)

    @rule("metrics", "_main_metric")
    def _main_metric_is_one(self) -> Iterator[Problem]:
        names = [metric.name for metric in self.metrics]
        if self._main_metric is not None and self._main_metric not in names:
            hint = f"Give one of {', '.join(names)}."
            yield Problem("main_metric", f"{self._main_metric!r} is not one of the metrics", hint)

    # -- what it consists of ------------------------------------------------------------------

    @property
    def main_metric(self) -> Metric:
        """The metric that ranks submissions; the first one unless another was named."""
        for metric in self.metrics:
            if metric.name == self._main_metric:
                return metric
        return self.metrics[0]

    @main_metric.setter
    def main_metric(self, value: Metric | str | None) -> None:
        self._main_metric = None if value is None else _main_metric(value)

    @property
    def dataset_artifact_id(self) -> str | None:
        """Id of the dataset, ``owner/slug``."""
        return self.dataset.artifact_id

    @property
    def task_type(self) -> TaskType:
        """Whether there is one target column or several."""
        return TaskType.MULTI_TASK if len(self.target_cols) > 1 else TaskType.SINGLE_TASK

    @property
    def n_train_datapoints(self) -> int:
        """Rows of the training set."""
        return len(self.split.train)

    @property
    def n_test_sets(self) -> int:
        """How many test sets there are."""
        return len(self.split.tests)

    @property
    def test_set_labels(self) -> list[str]:
        """The names of the test sets, sorted."""
        return sorted(self.split.tests)

    @property
    def test_set_sizes(self) -> dict[str, int]:
        """Rows of each test set, sorted by name."""
        return {name: len(self.split.tests[name]) for name in sorted(self.split.tests)}

    n_test_datapoints = test_set_sizes

    @property
    def n_classes(self) -> dict[str, int]:
        """Different values of each classification target, over the whole dataset."""
        return {
            column: int(self.dataset.table[column].nunique(dropna=True))
            for column, kind in self.target_types.items()
            if kind is TargetType.CLASSIFICATION and column in self.dataset.annotations
        }

    # -- using it -----------------------------------------------------------------------------

    def _subset(self, positions: Any, featurize: Featurize | None, *, hide: bool) -> Subset:
        return Subset(
            self.dataset,
            positions,
            self.input_cols,
            self.target_cols,
            featurization_fn=featurize,
            hide_targets=hide,
        )

    def get_train_test_split(
        self, featurization_fn: Featurize | None = None
    ) -> tuple[Subset, Subset | dict[str, Subset]]:
        """Return the training set and the test set, or test sets by name where there are several.

        Args:
            featurization_fn: Applied to each input when it is read.

        Returns:
            The training set, targets visible, and the test sets, targets hidden.
        """
        train = self._subset(self.split.train, featurization_fn, hide=False)
        tests = {
            name: self._subset(part, featurization_fn, hide=True)
            for name, part in self.split.tests.items()
        }
        return train, (next(iter(tests.values())) if len(tests) == 1 else tests)

    def evaluate(self, y_pred: Any = None, y_prob: Any = None) -> BenchmarkResultsV1:
        """Score predictions for the test sets.

        Args:
            y_pred: Predicted values or labels, in a shape that `BenchmarkPredictions` accepts.
            y_prob: Scores or probabilities, in such a shape.

        Raises:
            InvalidPredictionsError: The shape is wrong, or a metric lacks what it judges.
        """
        truths = {
            name: self._subset(part, None, hide=False) for name, part in self.split.tests.items()
        }
        table = evaluate_benchmark(
            self.target_cols,
            list(self.split.tests),
            self.test_set_sizes,
            self.metrics,
            truths,
            y_pred,
            y_prob,
        )
        return self.results_type(results=table, benchmark_artifact_id=self.artifact_id)

    # -- the checksum -------------------------------------------------------------------------

    def _computed_md5sum(self) -> str:
        return benchmark_checksum(
            dataset_md5=self.dataset.md5sum,
            target_cols=self.target_cols,
            input_cols=self.input_cols,
            metrics=[metric.checksum_text for metric in self.metrics],
            train=np.asarray(self.split.train),
            tests=self.split.tests,
        )

    @property
    def md5sum(self) -> str:
        """Checksum of dataset, columns, metrics and split; computed when first asked for."""
        if self._md5sum is None:
            object.__setattr__(self, "_md5sum", self._computed_md5sum())
        assert self._md5sum is not None  # noqa: S101  narrows the type
        return self._md5sum

    @md5sum.setter
    def md5sum(self, value: str) -> None:
        """Take a checksum as it is, without comparing it."""
        object.__setattr__(self, "_md5sum", check_md5(value))

    @property
    def has_md5sum(self) -> bool:
        """Whether the checksum was given or computed already."""
        return self._md5sum is not None

    def verify_checksum(self, md5sum: str | None = None) -> None:
        """Compute the checksum and compare it.

        Args:
            md5sum: What to compare it with; by default what was given or computed before.

        Raises:
            PolarisChecksumError: They differ.
        """
        expected = self._md5sum if md5sum is None else check_md5(md5sum)
        actual = self._computed_md5sum()
        if expected is not None and expected != actual:
            raise PolarisChecksumError(
                f"{self!r} has the checksum {actual}, not {expected}",
                hint="Its content was altered, or the checksum belongs to another benchmark.",
            )
        object.__setattr__(self, "_md5sum", actual)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, BenchmarkV1Specification):
            return NotImplemented
        return self.md5sum == other.md5sum

    __hash__ = None  # type: ignore[assignment]

    def _summary(self) -> str:
        rows = f"{self.n_train_datapoints} training and {sum(self.test_set_sizes.values())} test"
        return f"{rows} rows, targets {list(self.target_cols)}"


@attrs.define(kw_only=True, eq=False, repr=False, on_setattr=check_assignment)
class SingleTaskBenchmarkSpecification(BenchmarkV1Specification):
    """A benchmark with one target column."""

    @rule("target_cols")
    def _has_one_target(self) -> Iterator[Problem]:
        if len(self.target_cols) != 1:
            hint = "Use MultiTaskBenchmarkSpecification for several."
            yield Problem("target_cols", "a single-task benchmark has exactly one target", hint)


@attrs.define(kw_only=True, eq=False, repr=False, on_setattr=check_assignment)
class MultiTaskBenchmarkSpecification(BenchmarkV1Specification):
    """A benchmark with several target columns."""

    @rule("target_cols")
    def _has_several_targets(self) -> Iterator[Problem]:
        if len(self.target_cols) < 2:
            hint = "Use SingleTaskBenchmarkSpecification for one."
            yield Problem("target_cols", "a multi-task benchmark has at least two targets", hint)
