"""A benchmark on a dataset that need not fit into memory: named splits, metrics if it has any."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import attrs

from polaris.domain.artifact import VersionedArtifact
from polaris.domain.dataset_v2 import DatasetV2
from polaris.domain.evaluation import evaluate_benchmark
from polaris.domain.examples import kept_examples
from polaris.domain.fields import check_assignment, rule
from polaris.domain.ground_truth import GroundTruth
from polaris.domain.identity import ArtifactKind
from polaris.domain.metrics.metric import Metric
from polaris.domain.metrics.parsing import parse_metrics
from polaris.domain.results import BenchmarkResultsV2
from polaris.domain.short_text import few
from polaris.domain.split_v2 import SplitV2, parse_splits
from polaris.domain.subset import Featurize, Subset
from polaris.domain.task import PredictiveTask, replace_metrics
from polaris.domain.task_dataset import DatasetRules
from polaris.errors import InvalidBenchmarkError, InvalidInputError, Problem

__all__ = ["BenchmarkV2Specification", "parse_dataset"]


def parse_dataset(value: Any) -> DatasetV2:
    """Return a dataset unchanged; refuse anything else."""
    if not isinstance(value, DatasetV2):
        raise InvalidInputError(
            f"must be a dataset of version 2, not {type(value).__name__}",
            hint="Use BenchmarkV1Specification for a dataset with a table.",
        )
    return value


def _metrics(value: Any) -> list[Metric]:
    """Return the metrics; none of them for a benchmark that only a hub judges."""
    is_empty = value is None or (isinstance(value, (list, tuple, set, frozenset)) and not value)
    return [] if is_empty else parse_metrics(value)


def _n_classes(value: Any) -> dict[str, int]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InvalidInputError(f"must map targets to numbers, not {type(value).__name__}")
    problems = [
        Problem(str(target), f"{count!r} is not a number of classes", "Give 1 or more.")
        for target, count in value.items()
        if isinstance(count, bool) or not hasattr(count, "__index__") or count < 1
    ]
    if problems:
        raise InvalidInputError(problems=problems)
    return {str(target): int(count) for target, count in value.items()}


@attrs.define(kw_only=True, eq=False, repr=False, on_setattr=check_assignment)
class BenchmarkV2Specification(DatasetRules, PredictiveTask):
    """A dataset and splits of it, each a training set and a test set of up to 2**32 rows.

    What is to be predicted is documented on `PredictiveTask`. Target types are not inferred, since
    that would read the whole dataset.

    Attributes:
        dataset: The dataset.
        splits: Label to split, which may be a pair of training and test set. A single split may be
            given as ``split=…`` and gets the label ``test``, as benchmarks of polaris-lib 0.13
            have it.
        metrics: Labels, mappings or metrics, in order; none where only a hub judges.
        n_classes: How many classes each classification target has, as far as declared.

    Raises:
        InvalidBenchmarkError: A field breaks a rule; all problems are reported together.
    """

    kind: ClassVar[ArtifactKind] = ArtifactKind.BENCHMARK
    version: ClassVar[int] = 2
    error_type: ClassVar[type[InvalidBenchmarkError]] = InvalidBenchmarkError
    results_type: ClassVar[type[BenchmarkResultsV2]] = BenchmarkResultsV2
    computed: ClassVar[frozenset[str]] = VersionedArtifact.computed | {
        "n_splits", "nSplits", "split_labels", "splitLabels", "max_index", "maxIndex",
        "n_train_datapoints", "nTrainDatapoints", "n_test_datapoints", "nTestDatapoints",
        "n_test_sets", "nTestSets", "test_set_sizes", "testSetSizes", "test_set_labels",
        "testSetLabels", "task_type", "taskType", "dataset_artifact_id", "datasetArtifactId",
    }  # fmt: skip

    dataset: DatasetV2 = attrs.field(converter=parse_dataset)
    splits: dict[str, SplitV2] = attrs.field(
        converter=parse_splits, metadata={"spellings": ("split",)}
    )
    metrics: list[Metric] = attrs.field(
        factory=list, converter=_metrics, on_setattr=replace_metrics
    )
    n_classes: dict[str, int] = attrs.field(factory=dict, converter=_n_classes)

    # -- rules --------------------------------------------------------------------------------

    @rule("dataset", "splits")
    def _splits_are_in_range(self) -> Iterator[Problem]:
        rows = self.dataset.n_rows
        for label, split in self.splits.items():
            for part, indices in (("training", split.training), ("test", split.test)):
                if indices.highest >= rows:
                    message = f"the index {indices.highest} is out of range"
                    hint = f"The dataset has {rows} rows, and rows are counted from 0."
                    yield Problem(f"splits.{label}.{part}", message, hint)

    @rule("n_classes", "target_cols")
    def _classes_are_of_targets(self) -> Iterator[Problem]:
        hint = f"The targets are {', '.join(self.target_cols)}."
        for column in self.n_classes:
            if column not in self.target_cols:
                yield Problem(f"n_classes.{column}", "is not a target column", hint)

    # -- what follows from its fields ---------------------------------------------------------

    @property
    def split(self) -> SplitV2:
        """The split, where there is just one.

        Raises:
            InvalidBenchmarkError: There are several.
        """
        if len(self.splits) > 1:
            raise InvalidBenchmarkError(
                f"The benchmark has {len(self.splits)} splits, not one",
                hint="Choose one: benchmark.splits[label].",
            )
        return next(iter(self.splits.values()))

    @property
    def n_splits(self) -> int:
        """How many splits there are."""
        return len(self.splits)

    @property
    def split_labels(self) -> list[str]:
        """The labels of the splits, in the given order."""
        return list(self.splits)

    @property
    def max_index(self) -> int:
        """The largest row position of all splits."""
        return max(split.max_index for split in self.splits.values())

    @property
    def n_train_datapoints(self) -> dict[str, int]:
        """Rows of each split's training set, by label."""
        return {label: split.n_train_datapoints for label, split in self.splits.items()}

    @property
    def n_test_datapoints(self) -> dict[str, int]:
        """Rows of each split's test set, by label."""
        return {label: split.n_test_datapoints for label, split in self.splits.items()}

    def split_items(self) -> Iterator[tuple[str, SplitV2]]:
        """Yield each label with its split, in the given order."""
        yield from self.splits.items()

    # A split has one test set, and predictions for it go by the split's label.

    @property
    def n_test_sets(self) -> int:
        """How many test sets there are: one a split."""
        return self.n_splits

    @property
    def test_set_labels(self) -> list[str]:
        """The names of the test sets, which are the labels of the splits."""
        return self.split_labels

    @property
    def test_set_sizes(self) -> dict[str, int]:
        """Rows of each test set, by the label of its split."""
        return self.n_test_datapoints

    # -- using it -----------------------------------------------------------------------------

    def get_train_test_split(
        self, featurization_fn: Featurize | None = None
    ) -> dict[str, tuple[Subset, Subset]]:
        """Return the training set and the test set of each split, by label.

        Args:
            featurization_fn: Applied to each input when it is read.

        Returns:
            Pairs: the training set, targets visible, and the test set, targets hidden. Both read
            from the index sets in pieces.
        """
        return {
            label: (
                self._subset(split.training, featurization_fn, hide=False),
                self._subset(split.test, featurization_fn, hide=True),
            )
            for label, split in self.splits.items()
        }

    def ground_truth(self) -> GroundTruth:
        """Return the true values of the test sets, by which predictions are judged.

        Raises:
            InvalidBenchmarkError: The benchmark has no metrics.
        """
        main = self.main_metric
        if main is None:
            raise InvalidBenchmarkError(
                f"{self!r} has no metrics to evaluate predictions with",
                hint="Set benchmark.metrics, or have its hub judge the predictions.",
            )
        truths = {
            label: self._subset(split.test, None, hide=False)
            for label, split in self.splits.items()
        }
        return GroundTruth(truths, tuple(self.target_cols), tuple(self.metrics), main)

    def evaluate(
        self, y_pred: Any = None, y_prob: Any = None, *, keep_examples: bool | None = None
    ) -> BenchmarkResultsV2:
        """Score predictions for the test sets, which are named by the labels of the splits.

        Args:
            y_pred: Predicted values or labels, in a shape that `BenchmarkPredictions` accepts.
            y_prob: Scores or probabilities, in such a shape.
            keep_examples: Whether the results keep the predictions, for statistics; by default if
                they are numbers, truth values or texts for at most 100000 rows.

        Raises:
            InvalidBenchmarkError: The benchmark has no metrics.
            InvalidPredictionsError: The shape is wrong, or a metric lacks what it judges.
        """
        truth = self.ground_truth()
        table = evaluate_benchmark(
            self.target_cols,
            self.test_set_labels,
            self.test_set_sizes,
            self.metrics,
            truth.subsets,
            y_pred,
            y_prob,
        )
        results = self.results_type(results=table, benchmark_artifact_id=self.artifact_id)
        results.examples = kept_examples(truth, y_pred, y_prob, keep_examples)
        return results

    # -- compared -----------------------------------------------------------------------------

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, BenchmarkV2Specification):
            return NotImplemented
        return self._judged() == other._judged() and self.dataset == other.dataset

    __hash__ = None  # type: ignore[assignment]

    def _judged(self) -> tuple[object, ...]:
        """Return what decides scores; as in version 1, the order of columns and metrics does not.

        Names and descriptions are no part of it.
        """
        return (
            self.splits,
            set(self.target_cols),
            set(self.input_cols),
            {metric.checksum_text for metric in self.metrics},
        )

    def _summary(self) -> str:
        return f"{self.n_splits} splits, targets {few(self.target_cols)}"
