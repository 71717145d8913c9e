"""The canonical JSON document of an artifact: camelCase, complete, the same for the same artifact.

It is what catalogues keep and what the newer generation of the wire carries. Nulls are left out,
and values that can be derived are included for readers that want them. `protocol.md` calls it G2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from polaris.codec.benchmark_v2 import benchmark_v2_to_document
from polaris.codec.competitions import (
    competition_results_to_document,
    competition_to_document,
    submission_to_document,
)
from polaris.codec.dataset_v2 import dataset_v2_to_document
from polaris.codec.unstructuring import (
    camel,
    fields_of,
    known_annotations,
    known_only,
    plain,
    without_nulls,
)
from polaris.domain.artifact import Artifact
from polaris.domain.benchmark_v1 import BenchmarkV1Specification
from polaris.domain.benchmark_v2 import BenchmarkV2Specification
from polaris.domain.competition import CompetitionSpecification
from polaris.domain.dataset_v1 import DatasetV1
from polaris.domain.dataset_v2 import DatasetV2
from polaris.domain.metrics.parsing import parse_metrics
from polaris.domain.model import Model
from polaris.domain.results import BenchmarkResultsV1, CompetitionResults, records_of
from polaris.domain.submissions import Submission
from polaris.domain.task_types import TargetType
from polaris.errors import InvalidInputError

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "benchmark_from_document",
    "dataset_from_document",
    "model_from_document",
    "results_from_document",
    "to_document",
]

DatasetT = TypeVar("DatasetT", bound=DatasetV1)
BenchmarkT = TypeVar("BenchmarkT", bound=BenchmarkV1Specification)
ModelT = TypeVar("ModelT", bound=Model)
ResultsT = TypeVar("ResultsT", bound=BenchmarkResultsV1)

# Where a published dataset keeps its archive, relative to its other objects.
_ARCHIVE = "data.zarr"


def to_document(artifact: Artifact) -> dict[str, Any]:
    """Return the canonical document of a dataset, benchmark or results."""
    if isinstance(artifact, DatasetV1):
        fields = _dataset(artifact)
    elif isinstance(artifact, CompetitionSpecification):
        fields = competition_to_document(artifact)
    elif isinstance(artifact, DatasetV2):
        fields = dataset_v2_to_document(artifact)
    elif isinstance(artifact, BenchmarkV1Specification):
        fields = _benchmark(artifact)
    elif isinstance(artifact, BenchmarkV2Specification):
        fields = benchmark_v2_to_document(artifact)
    elif isinstance(artifact, BenchmarkResultsV1):
        fields = _results(artifact)
    elif isinstance(artifact, CompetitionResults):
        fields = competition_results_to_document(artifact)
    elif isinstance(artifact, Submission):
        fields = submission_to_document(artifact)
    elif isinstance(artifact, Model):
        fields = fields_of(artifact, camel)
    else:
        raise InvalidInputError(f"There is no document for a {type(artifact).__name__}")
    derived = {
        "artifactId": artifact.artifact_id, "urn": artifact.urn, "version": artifact.version,
    }  # fmt: skip
    return without_nulls(fields | derived)


def _dataset(dataset: DatasetV1) -> dict[str, Any]:
    return fields_of(dataset, camel, without=("table", "zarr_root_path")) | {
        "zarrRootPath": _ARCHIVE if dataset.uses_zarr else None,
        "md5Sum": dataset.md5sum,
        "nRows": dataset.n_rows,
        "nColumns": dataset.n_columns,
    }


def _benchmark(benchmark: BenchmarkV1Specification) -> dict[str, Any]:
    return fields_of(benchmark, camel, without=("dataset",)) | {
        "mainMetric": benchmark.main_metric.name,
        "targetTypes": plain(benchmark.target_types, camel),
        "datasetArtifactId": benchmark.dataset_artifact_id,
        "taskType": benchmark.task_type.value,
        "md5Sum": benchmark.md5sum,
        "testSetSizes": benchmark.test_set_sizes,
        "nTestSets": benchmark.n_test_sets,
        "nTrainDatapoints": benchmark.n_train_datapoints,
        "testSetLabels": benchmark.test_set_labels,
        "nTestDatapoints": benchmark.n_test_datapoints,
        "nClasses": benchmark.n_classes,
    }


def _results(results: BenchmarkResultsV1) -> dict[str, Any]:
    without = ("results", "benchmark_owner", "github_url", "paper_url", "model")
    owner = results.benchmark_owner
    return fields_of(results, camel, without=without) | {
        "benchmarkOwner": None if owner is None else {"slug": owner.slug},
        # Snake case on the wire, alone among all keys.
        "code_url": results.github_url,
        "report_url": results.paper_url,
        "modelArtifactId": results.model_artifact_id,
        "results": plain(records_of(results.results), camel),
    }


def dataset_from_document(
    document: Mapping[str, Any],
    *,
    table: pd.DataFrame,
    zarr_root_path: str | None,
    cls: type[DatasetT],
) -> DatasetT:
    """Return the dataset that a document describes.

    Args:
        document: In camelCase or snake_case; unknown keys are ignored.
        table: Its table.
        zarr_root_path: Where its archive lies, whatever the document says.
        cls: The class to construct.

    Raises:
        InvalidDatasetError: The document breaks a rule; all problems are reported.
    """
    known = known_only(document, cls) | known_annotations(document)
    for name in ("table", "zarrRootPath", "zarr_root_path"):
        known.pop(name, None)
    return cls(**known, table=table, zarr_root_path=zarr_root_path)


def benchmark_from_document(
    document: Mapping[str, Any], *, dataset: DatasetV1, cls: type[BenchmarkT]
) -> BenchmarkT:
    """Return the benchmark that a document describes.

    Args:
        document: In camelCase or snake_case; unknown keys are ignored.
        dataset: Its dataset.
        cls: The class to construct.

    Raises:
        InvalidBenchmarkError: The document breaks a rule; all problems are reported.
    """
    known = known_only(document, cls)
    known.pop("dataset", None)
    return cls(**_with_fitting_target_types(known), dataset=dataset)


def _with_fitting_target_types(known: dict[str, Any]) -> dict[str, Any]:
    """Drop target types that a metric does not fit; the values of the column decide instead.

    Other clients call a target of whole numbers a classification even where all metrics are ones of
    regression. Such documents have to load.
    """
    for key in ("targetTypes", "target_types"):
        types = known.get(key)
        if isinstance(types, Mapping):
            try:
                metrics = parse_metrics(known.get("metrics"))
            except InvalidInputError:
                return known  # The constructor reports it.
            known[key] = {
                column: kind
                for column, kind in types.items()
                if kind not in list(TargetType)
                or all(kind in metric.target_types for metric in metrics)
            }
    return known


def results_from_document(document: Mapping[str, Any], cls: type[ResultsT]) -> ResultsT:
    """Return the results that a document describes.

    Args:
        document: In camelCase or snake_case; unknown keys are ignored.
        cls: The class to construct.

    Raises:
        InvalidResultError: The document breaks a rule; all problems are reported.
    """
    return cls(**known_only(document, cls))


def model_from_document(document: Mapping[str, Any], cls: type[ModelT]) -> ModelT:
    """Return the model that a document describes.

    Args:
        document: In camelCase or snake_case; unknown keys are ignored.
        cls: The class to construct.

    Raises:
        InvalidInputError: The document breaks a rule; all problems are reported.
    """
    return cls(**known_only(document, cls))
