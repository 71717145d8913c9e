"""The public class of benchmarks on datasets that are archives."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, ClassVar, Self, cast

import attrs

from polaris.application.benchmark_classes import BenchmarkClasses
from polaris.domain import benchmark_v1
from polaris.domain import benchmark_v2 as domain
from polaris.domain import dataset_v2 as domain_dataset
from polaris.domain.fields import check_assignment, keywords
from polaris.domain.locations import location_text
from polaris.errors import InvalidBenchmarkError
from polaris.hub.artifacts.benchmark_files import BenchmarkFiles
from polaris.hub.artifacts.dataset import DatasetV1
from polaris.hub.artifacts.dataset_v2 import DatasetV2
from polaris.hub.artifacts.dumping import Dumping
from polaris.hub.artifacts.results import BenchmarkResultsV2
from polaris.hub.artifacts.submitting import Submitting
from polaris.hub.local_services import local_services, wait

__all__ = ["BenchmarkV2Specification"]


def _dataset(
    value: domain_dataset.DatasetV2 | Mapping[str, Any] | str | os.PathLike[str],
) -> domain_dataset.DatasetV2:
    """Return a dataset, made from its fields or loaded from its JSON document if need be."""
    if isinstance(value, (str, os.PathLike)):
        return DatasetV2.from_json(value)
    if isinstance(value, Mapping):
        return DatasetV2(**keywords(value))
    return domain.parse_dataset(value)


@attrs.define(kw_only=True, eq=False, repr=False, on_setattr=check_assignment)
class BenchmarkV2Specification(
    Submitting, BenchmarkFiles, Dumping, domain.BenchmarkV2Specification
):
    """A dataset and splits of it, each a training set and a test set of up to 2**32 rows.

    Everything about the task is documented on the domain class; this one adds files and hubs.

    Attributes:
        dataset: A dataset, a mapping of its fields, or the path of its JSON document.
    """

    results_type: ClassVar[type[BenchmarkResultsV2]] = BenchmarkResultsV2

    dataset: domain_dataset.DatasetV2 = attrs.field(converter=_dataset)

    def evaluate(
        self, y_pred: Any = None, y_prob: Any = None, *, keep_examples: bool | None = None
    ) -> BenchmarkResultsV2:
        """Score predictions for the test sets; results can be saved and published.

        Args:
            y_pred: Predicted values or labels, in a shape that `BenchmarkPredictions` accepts; the
                test sets are named by the labels of the splits.
            y_prob: Scores or probabilities, in such a shape.
            keep_examples: Whether the results keep the predictions; as for version 1.

        Raises:
            InvalidBenchmarkError: The benchmark has no metrics.
            InvalidPredictionsError: The shape is wrong, or a metric lacks what it judges.
        """
        results = super().evaluate(y_pred, y_prob, keep_examples=keep_examples)
        return cast("BenchmarkResultsV2", results)

    @classmethod
    def from_json(cls, path: str | os.PathLike[str], verify_checksum: bool | str = True) -> Self:
        """Load a benchmark and its dataset from the benchmark's JSON document.

        Args:
            path: Path or URL of the document that `to_json` wrote.
            verify_checksum: As for `PolarisHubClient.get_benchmark`.

        Raises:
            ObjectNotFoundError: The document or a file that it names is missing.
            InvalidBenchmarkError: It describes a benchmark of version 1, or breaks a rule.
            PolarisChecksumError: A file was altered.
        """
        classes = BenchmarkClasses(
            single_task=benchmark_v1.BenchmarkV1Specification,
            multi_task=benchmark_v1.BenchmarkV1Specification,
            v2=cls,
            dataset=DatasetV1,
            dataset_v2=DatasetV2,
        )
        load = local_services().load_benchmark
        benchmark = wait(load(location_text(path), classes, verify_checksum=verify_checksum))
        if not isinstance(benchmark, cls):
            raise InvalidBenchmarkError(
                f"{location_text(path)} describes a benchmark of version 1",
                hint="Load it with load_benchmark or BenchmarkSpecification.from_json.",
            )
        return benchmark
