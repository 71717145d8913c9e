"""A benchmark: a dataset, a split of it, and the metrics by which predictions are judged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

import attrs

from polaris.domain.artifact import VersionedArtifact
from polaris.domain.checksums.benchmark import benchmark_checksum
from polaris.domain.checksums.md5 import check_md5
from polaris.domain.dataset_v1 import DatasetV1
from polaris.domain.evaluation import evaluate_benchmark
from polaris.domain.examples import kept_examples
from polaris.domain.fields import check_assignment, rule
from polaris.domain.ground_truth import GroundTruth
from polaris.domain.identity import ArtifactKind
from polaris.domain.metrics.metric import Metric
from polaris.domain.one_split import OneSplit
from polaris.domain.results import BenchmarkResultsV1
from polaris.domain.short_text import few
from polaris.domain.splits import SplitV1, parse_split
from polaris.domain.target_types import infer_target_type, misfits, possible_types
from polaris.domain.task import PredictiveTask
from polaris.domain.task_dataset import DatasetRules
from polaris.domain.task_types import TargetType
from polaris.errors import InvalidBenchmarkError, InvalidInputError, PolarisChecksumError, Problem

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "BenchmarkV1Specification",
    "MultiTaskBenchmarkSpecification",
    "SingleTaskBenchmarkSpecification",
]


def _dataset(value: Any) -> DatasetV1:
    if not isinstance(value, DatasetV1):
        raise InvalidInputError(f"must be a dataset, not {type(value).__name__}")
    return value


def _md5(value: Any) -> str | None:
    return None if value is None else check_md5(value)


@attrs.frozen(eq=False)
class _Covered:
    """What a benchmark's checksum covers."""

    dataset: DatasetV1
    table: pd.DataFrame
    split: SplitV1
    target_cols: tuple[str, ...]
    input_cols: tuple[str, ...]
    metrics: tuple[str, ...]

    def is_same_as(self, other: _Covered) -> bool:
        """Return whether nothing was replaced, without a look at rows or indices."""
        return (
            self.dataset is other.dataset
            and self.table is other.table
            and self.split is other.split
            and (self.target_cols, self.input_cols, self.metrics)
            == (other.target_cols, other.input_cols, other.metrics)
        )

    def md5sum(self) -> str:
        return benchmark_checksum(
            dataset_md5=self.dataset.md5sum,
            target_cols=self.target_cols,
            input_cols=self.input_cols,
            metrics=self.metrics,
            train=self.split.train,
            tests=self.split.tests,
        )


@attrs.define(kw_only=True, eq=False, repr=False, on_setattr=check_assignment)
class BenchmarkV1Specification(DatasetRules, OneSplit, PredictiveTask):
    """A dataset, a split of it, and the metrics by which predictions are judged.

    What is to be predicted, and the metrics, are documented on `PredictiveTask`.

    Attributes:
        dataset: The dataset.
        split: ``(train, test)`` or ``(train, {name: test})``, row positions; see `SplitV1`.
        target_types: What each target holds; inferred from its values where not declared.
        md5sum: Checksum. Given to the constructor, it is compared with the content, and a
            difference is refused; otherwise it is computed when first asked for.

    Raises:
        InvalidBenchmarkError: A field breaks a rule; all problems are reported together.
        PolarisChecksumError: The content does not have the ``md5sum`` that was given.
    """

    kind: ClassVar[ArtifactKind] = ArtifactKind.BENCHMARK
    version: ClassVar[int] = 1
    error_type: ClassVar[type[InvalidBenchmarkError]] = InvalidBenchmarkError
    results_type: ClassVar[type[BenchmarkResultsV1]] = BenchmarkResultsV1
    computed: ClassVar[frozenset[str]] = VersionedArtifact.computed | {
        "n_train_datapoints", "nTrainDatapoints", "n_test_sets", "nTestSets",
        "n_test_datapoints", "nTestDatapoints", "test_set_sizes", "testSetSizes",
        "test_set_labels", "testSetLabels", "n_classes", "nClasses", "task_type", "taskType",
        "dataset_artifact_id", "datasetArtifactId",
    }  # fmt: skip

    dataset: DatasetV1 = attrs.field(converter=_dataset)
    split: SplitV1 = attrs.field(converter=parse_split)
    _md5sum: str | None = attrs.field(default=None, alias="md5sum", converter=_md5)
    _md5sum_of: _Covered | None = attrs.field(
        default=None, init=False, on_setattr=attrs.setters.NO_OP
    )

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if self._md5sum is not None:
            self.verify_checksum(self._md5sum)

    # -- rules --------------------------------------------------------------------------------

    @rule("dataset", "split")
    def _split_is_in_range(self) -> Iterator[Problem]:
        rows = self.dataset.n_rows
        for path, indices in self.split.parts():
            highest = int(indices.max(initial=-1))
            if highest >= rows:
                hint = f"The dataset has {rows} rows, and rows are counted from 0."
                yield Problem(f"split.{path}", f"the index {highest} is out of range", hint)

    @rule("dataset", "target_cols", "metrics", "_target_types")
    def _metrics_fit_undeclared_targets(self) -> Iterator[Problem]:
        for column in self.target_cols:
            if column not in self._target_types:
                yield from misfits(column, self._possible_types(column), self.metrics)

    def _possible_types(self, column: str) -> frozenset[TargetType]:
        """Return what the cells tell of a target; nothing if something else stands behind them."""
        annotation = self.dataset.annotations.get(column)
        if annotation is None or annotation.is_pointer or column in self.dataset.default_adapters:
            return frozenset()
        return possible_types(self.dataset.table[column])

    # -- what follows from its fields ---------------------------------------------------------

    @property
    def main_metric(self) -> Metric:
        """The metric that ranks submissions; one of ``metrics``, the first unless chosen."""
        return super().main_metric or self.metrics[0]

    @main_metric.setter
    def main_metric(self, value: Metric | str | None) -> None:
        self._main_metric = value

    @property
    def target_types(self) -> dict[str, TargetType]:
        """What each target holds, as declared or as its values tell; unknown ones are left out."""
        found = {
            column: self._target_types.get(column)
            or infer_target_type(self._possible_types(column), self.metrics)
            for column in self.target_cols
        }
        return {column: kind for column, kind in found.items() if kind is not None}

    @target_types.setter
    def target_types(self, value: Any) -> None:
        self._target_types = value

    @property
    def n_classes(self) -> dict[str, int]:
        """Different values of each classification target, over the whole dataset."""
        return {
            column: int(self.dataset.table[column].nunique())
            for column, kind in self.target_types.items()
            if kind is TargetType.CLASSIFICATION and not self.dataset.annotations[column].is_pointer
        }

    # -- using it -----------------------------------------------------------------------------

    def ground_truth(self) -> GroundTruth:
        """Return the true values of the test sets, by which predictions are judged."""
        truths = {
            name: self._subset(part, None, hide=False) for name, part in self.split.tests.items()
        }
        return GroundTruth(truths, tuple(self.target_cols), tuple(self.metrics), self.main_metric)

    def evaluate(
        self, y_pred: Any = None, y_prob: Any = None, *, keep_examples: bool | None = None
    ) -> BenchmarkResultsV1:
        """Score predictions for the test sets.

        Args:
            y_pred: Predicted values or labels, in a shape that `BenchmarkPredictions` accepts.
            y_prob: Scores or probabilities, in such a shape.
            keep_examples: Whether the results keep the predictions, for statistics; by default if
                they are numbers, truth values or texts for at most 100000 rows.

        Raises:
            InvalidPredictionsError: The shape is wrong, or a metric lacks what it judges.
        """
        truth = self.ground_truth()
        table = evaluate_benchmark(
            self.target_cols,
            list(self.split.tests),
            self.test_set_sizes,
            self.metrics,
            truth.subsets,
            y_pred,
            y_prob,
        )
        results = self.results_type(results=table, benchmark_artifact_id=self.artifact_id)
        results.examples = kept_examples(truth, y_pred, y_prob, keep_examples)
        return results

    # -- the checksum -------------------------------------------------------------------------

    def _covered(self) -> _Covered:
        return _Covered(
            self.dataset,
            self.dataset.table,
            self.split,
            tuple(self.target_cols),
            tuple(self.input_cols),
            tuple(metric.checksum_text for metric in self.metrics),
        )

    def _known_md5sum(self) -> str | None:
        """Return the checksum that was given or computed, unless what it covers was replaced."""
        known = self._md5sum_of is None or self._md5sum_of.is_same_as(self._covered())
        return self._md5sum if known else None

    def _remember(self, md5sum: str) -> None:
        object.__setattr__(self, "_md5sum", md5sum)
        object.__setattr__(self, "_md5sum_of", self._covered())

    @property
    def md5sum(self) -> str:
        """Checksum of dataset, columns, metrics and split; computed when first asked for."""
        known = self._known_md5sum()
        if known is None:
            known = self._covered().md5sum()
            self._remember(known)
        return known

    @md5sum.setter
    def md5sum(self, value: str) -> None:
        """Take a checksum as it is, without comparing it."""
        self._remember(check_md5(value))

    @property
    def has_md5sum(self) -> bool:
        """Whether the checksum was given or computed already."""
        return self._known_md5sum() is not None

    def verify_checksum(self, md5sum: str | None = None) -> None:
        """Compute the checksum and compare it.

        Args:
            md5sum: What to compare it with; by default what was given or computed before.

        Raises:
            PolarisChecksumError: They differ.
        """
        expected = self._known_md5sum() if md5sum is None else check_md5(md5sum)
        actual = self._covered().md5sum()
        if expected is not None and expected != actual:
            raise PolarisChecksumError(
                f"{self!r} has the checksum {actual}, not {expected}",
                hint="Its content was altered, or the checksum belongs to another benchmark.",
            )
        self._remember(actual)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, BenchmarkV1Specification):
            return NotImplemented
        return self.md5sum == other.md5sum

    __hash__ = None  # type: ignore[assignment]

    def _summary(self) -> str:
        rows = f"{self.n_train_datapoints} training and {sum(self.test_set_sizes.values())} test"
        return f"{rows} rows, targets {few(self.target_cols)}"


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
