"""The public benchmark classes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, ClassVar, Self, cast

import attrs

from polaris.application.benchmark_classes import BenchmarkClasses
from polaris.domain import benchmark_v1 as domain
from polaris.domain import dataset_v1 as domain_dataset
from polaris.domain.fields import check_assignment, keywords
from polaris.domain.locations import location_text
from polaris.errors import InvalidBenchmarkError
from polaris.hub.artifacts.benchmark_files import BenchmarkFiles
from polaris.hub.artifacts.benchmark_v2 import BenchmarkV2Specification
from polaris.hub.artifacts.dataset import DatasetV1
from polaris.hub.artifacts.dataset_v2 import DatasetV2
from polaris.hub.artifacts.dumping import Dumping
from polaris.hub.artifacts.results import BenchmarkResultsV1
from polaris.hub.artifacts.submitting import Submitting
from polaris.hub.local_services import local_services, wait

__all__ = [
    "BENCHMARK_CLASSES",
    "BenchmarkSpecification",
    "BenchmarkV1Specification",
    "BenchmarkV2Specification",
    "MultiTaskBenchmarkSpecification",
    "SingleTaskBenchmarkSpecification",
]


def _dataset(
    value: domain_dataset.DatasetV1 | Mapping[str, Any] | str | os.PathLike[str],
) -> domain_dataset.DatasetV1:
    """Return a dataset, made from its fields or loaded from its JSON document if need be."""
    if isinstance(value, domain_dataset.DatasetV1):
        return value
    if isinstance(value, (str, os.PathLike)):
        return DatasetV1.from_json(value)
    if isinstance(value, Mapping):
        return DatasetV1(**keywords(value))
    raise InvalidBenchmarkError(
        f"must be a dataset, its fields or its JSON file, not {type(value).__name__}"
    )


@attrs.define(kw_only=True, eq=False, repr=False, on_setattr=check_assignment)
class BenchmarkV1Specification(
    Submitting, BenchmarkFiles, Dumping, domain.BenchmarkV1Specification
):
    """A dataset, a split of it, and the metrics by which predictions are judged.

    Everything about the task is documented on the domain class; this one adds files and hubs.

    Attributes:
        dataset: A dataset, a mapping of its fields, or the path of its JSON document.
    """

    results_type: ClassVar[type[BenchmarkResultsV1]] = BenchmarkResultsV1

    dataset: domain_dataset.DatasetV1 = attrs.field(converter=_dataset)

    def evaluate(
        self, y_pred: Any = None, y_prob: Any = None, *, keep_examples: bool | None = None
    ) -> BenchmarkResultsV1:
        """Score predictions for the test sets; results can be saved and published.

        Args:
            y_pred: Predicted values or labels, in a shape that `BenchmarkPredictions` accepts.
            y_prob: Scores or probabilities, in such a shape.
            keep_examples: Whether the results keep the predictions, for statistics; by default if
                they are numbers, truth values or texts for at most 100000 rows. They are saved and
                published with the results.

        Raises:
            InvalidPredictionsError: The shape is wrong, or a metric lacks what it judges.
        """
        results = super().evaluate(y_pred, y_prob, keep_examples=keep_examples)
        return cast("BenchmarkResultsV1", results)

    @classmethod
    def from_json(cls, path: str | os.PathLike[str], verify_checksum: bool | str = True) -> Self:
        """Load a benchmark and its dataset from the benchmark's JSON document.

        Args:
            path: Path or URL of the document that `to_json` wrote.
            verify_checksum: As for `PolarisHubClient.get_benchmark`.

        Raises:
            ObjectNotFoundError: The document or a file that it names is missing.
            InvalidBenchmarkError: It describes a benchmark of version 2, or breaks a rule.
            PolarisChecksumError: A file was altered.
        """
        classes = BenchmarkClasses(
            single_task=cls,
            multi_task=cls,
            v2=BenchmarkV2Specification,
            dataset=DatasetV1,
            dataset_v2=DatasetV2,
        )
        load = local_services().load_benchmark
        benchmark = wait(load(location_text(path), classes, verify_checksum=verify_checksum))
        if not isinstance(benchmark, cls):
            raise InvalidBenchmarkError(
                f"{location_text(path)} describes a benchmark of version 2",
                hint="Load it with load_benchmark or BenchmarkV2Specification.from_json.",
            )
        return benchmark


@attrs.define(kw_only=True, eq=False, repr=False, on_setattr=check_assignment)
class SingleTaskBenchmarkSpecification(
    BenchmarkV1Specification, domain.SingleTaskBenchmarkSpecification
):
    """A benchmark with one target column."""


@attrs.define(kw_only=True, eq=False, repr=False, on_setattr=check_assignment)
class MultiTaskBenchmarkSpecification(
    BenchmarkV1Specification, domain.MultiTaskBenchmarkSpecification
):
    """A benchmark with several target columns."""


BenchmarkSpecification = BenchmarkV1Specification

BENCHMARK_CLASSES = BenchmarkClasses(
    single_task=SingleTaskBenchmarkSpecification,
    multi_task=MultiTaskBenchmarkSpecification,
    v2=BenchmarkV2Specification,
    dataset=DatasetV1,
    dataset_v2=DatasetV2,
)
"""What a benchmark is loaded as, whatever its kind."""
