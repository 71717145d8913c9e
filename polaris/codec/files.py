"""JSON files on disk, as the newest released client writes them; those of the first are read too.

Paths inside a document are relative to the document, so that a folder can be moved as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from polaris.codec.documents import (
    benchmark_from_document,
    dataset_from_document,
    results_from_document,
)
from polaris.codec.unstructuring import fields_of, plain, snake, without_nulls
from polaris.domain.benchmark_v1 import BenchmarkV1Specification
from polaris.domain.dataset_v1 import DatasetV1
from polaris.domain.model import Model
from polaris.domain.results import BenchmarkResultsV1, records_of
from polaris.errors import DamagedFileError

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "benchmark_from_file",
    "benchmark_to_file",
    "dataset_from_file",
    "dataset_to_file",
    "generation_of",
    "model_to_file",
    "results_from_file",
    "results_to_file",
]

DatasetT = TypeVar("DatasetT", bound=DatasetV1)
BenchmarkT = TypeVar("BenchmarkT", bound=BenchmarkV1Specification)
ResultsT = TypeVar("ResultsT", bound=BenchmarkResultsV1)


def generation_of(document: Mapping[str, Any]) -> Literal["S", "N"]:
    """Tell which generation of clients wrote a file: the seed's (to 0.6) or a newer one.

    Checksums of the seed's datasets do not cover the Zarr archive.
    """
    return "N" if "version" in document else "S"


def _check_version(document: Mapping[str, Any], what: str) -> None:
    version = document.get("version", 1)
    if version != 1:
        raise DamagedFileError(
            f"The file describes a {what} of version {version!r}, which cannot be read here",
            hint="Version 1 can; a newer version of this library may read it.",
        )


def dataset_to_file(
    dataset: DatasetV1, *, table: str, zarr_root_path: str | None
) -> dict[str, Any]:
    """Return the JSON document of a dataset.

    Args:
        dataset: The dataset.
        table: Path of its parquet file, relative to the document.
        zarr_root_path: Path of its archive, relative to the document.
    """
    fields = fields_of(dataset, snake, without=("table", "zarr_root_path"))
    return without_nulls(
        fields
        | {
            "table": table,
            "zarr_root_path": zarr_root_path,
            "md5sum": dataset.md5sum,
            "artifact_id": dataset.artifact_id,
            "urn": dataset.urn,
            "version": dataset.version,
            "n_rows": dataset.n_rows,
            "n_columns": dataset.n_columns,
        }
    )


def dataset_from_file(
    document: Mapping[str, Any],
    *,
    table: pd.DataFrame,
    zarr_root_path: str | None,
    cls: type[DatasetT],
) -> DatasetT:
    """Return the dataset that a JSON document describes; its checksum is left to the caller.

    Raises:
        InvalidDatasetError: The document breaks a rule; all problems are reported.
        DamagedFileError: It is of a version that cannot be read.
    """
    _check_version(document, "dataset")
    ignored = {"md5sum", "md5Sum", "cache_dir", "cacheDir"}
    known = {key: value for key, value in document.items() if key not in ignored}
    return dataset_from_document(known, table=table, zarr_root_path=zarr_root_path, cls=cls)


def benchmark_to_file(benchmark: BenchmarkV1Specification, *, dataset: str) -> dict[str, Any]:
    """Return the JSON document of a benchmark.

    Args:
        benchmark: The benchmark.
        dataset: Path of its dataset's document, relative to the document.
    """
    fields = fields_of(benchmark, snake, without=("dataset",))
    return without_nulls(
        fields
        | {
            "dataset": dataset,
            "main_metric": benchmark.main_metric.name,
            "target_types": plain(benchmark.target_types, snake),
            "md5sum": benchmark.md5sum,
            "artifact_id": benchmark.artifact_id,
            "urn": benchmark.urn,
            "version": benchmark.version,
            "task_type": benchmark.task_type.value,
            "dataset_artifact_id": benchmark.dataset_artifact_id,
            "test_set_sizes": benchmark.test_set_sizes,
            "n_test_sets": benchmark.n_test_sets,
            "n_train_datapoints": benchmark.n_train_datapoints,
            "test_set_labels": benchmark.test_set_labels,
            "n_test_datapoints": benchmark.n_test_datapoints,
            "n_classes": benchmark.n_classes,
        }
    )


def benchmark_from_file(
    document: Mapping[str, Any], *, dataset: DatasetV1, cls: type[BenchmarkT]
) -> BenchmarkT:
    """Return the benchmark that a JSON document describes; its checksum is left to the caller.

    Raises:
        InvalidBenchmarkError: The document breaks a rule; all problems are reported.
        DamagedFileError: It is of a version that cannot be read.
    """
    _check_version(document, "benchmark")
    known = {key: value for key, value in document.items() if key not in ("md5sum", "md5Sum")}
    return benchmark_from_document(known, dataset=dataset, cls=cls)


def results_to_file(results: BenchmarkResultsV1) -> dict[str, Any]:
    """Return the JSON document of results."""
    without = ("results", "github_url", "paper_url", "model", "benchmark_owner")
    owner = results.benchmark_owner
    return without_nulls(
        fields_of(results, snake, without=without)
        | {
            "code_url": results.github_url,
            "report_url": results.paper_url,
            "model_artifact_id": results.model_artifact_id,
            "benchmark_owner": None if owner is None else {"slug": owner.slug},
            "results": plain(records_of(results.results), snake),
            "artifact_id": results.artifact_id,
            "urn": results.urn,
            "version": results.version,
        }
    )


def results_from_file(document: Mapping[str, Any], cls: type[ResultsT]) -> ResultsT:
    """Return the results that a JSON document describes.

    Raises:
        InvalidResultError: The document breaks a rule; all problems are reported.
    """
    return results_from_document(document, cls)


def model_to_file(model: Model) -> dict[str, Any]:
    """Return the JSON document of a model; `model_from_document` reads it."""
    derived = {"artifact_id": model.artifact_id, "urn": model.urn, "version": model.version}
    return without_nulls(fields_of(model, snake) | derived)
