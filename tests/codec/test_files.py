"""JSON files on disk, of this library and of older clients."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from polaris.codec.files import (
    benchmark_from_file,
    benchmark_to_file,
    dataset_from_file,
    dataset_to_file,
    generation_of,
    results_from_file,
    results_to_file,
)
from polaris.codec.json_text import dumps, loads
from polaris.domain.benchmark_v1 import BenchmarkV1Specification, SingleTaskBenchmarkSpecification
from polaris.domain.dataset_v1 import DatasetV1
from polaris.domain.fields import to_camel
from polaris.domain.results import BenchmarkResultsV1
from polaris.errors import DamagedFileError, InvalidBenchmarkError, InvalidDatasetError


def _again(document: dict[str, Any]) -> dict[str, Any]:
    return loads(dumps(document, indent=2), source="document")


def _dataset_of(document: dict[str, Any], table: pd.DataFrame) -> DatasetV1:
    return dataset_from_file(document, table=table, zarr_root_path=None, cls=DatasetV1)


def test_a_dataset_round_trips_through_its_file(dataset: DatasetV1, table: pd.DataFrame) -> None:
    document = _again(dataset_to_file(dataset, table="table.parquet", zarr_root_path=None))
    found = _dataset_of(document, table)
    assert found == dataset
    assert dataset_to_file(found, table="table.parquet", zarr_root_path=None) == document
    assert found.annotations == dataset.annotations
    assert (document["table"], document["md5sum"]) == ("table.parquet", dataset.md5sum)


def test_the_type_of_a_column_is_told_as_numpy_reads_it_or_not_at_all() -> None:
    # polaris-lib 0.13 gives it to numpy, and cannot load the dataset if numpy refuses.
    table = pd.DataFrame(
        {
            "x": [1.5],
            "text": ["é"],
            "n": pd.array([None], dtype="Int64"),
            "kind": pd.Categorical(["a"]),
            "at": pd.Series(pd.to_datetime(["2025-01-31T12:00Z"])),
        }
    )
    document = dataset_to_file(DatasetV1(table=table), table="t.parquet", zarr_root_path=None)
    found = {name: each.get("dtype") for name, each in document["annotations"].items()}
    assert found == {"x": "float64", "text": "str", "n": None, "kind": None, "at": None}
    again = _dataset_of(_again(document), table)
    assert str(again.annotations["n"].dtype) == "Int64"


def test_a_benchmark_round_trips_through_its_file(
    benchmark: BenchmarkV1Specification, dataset: DatasetV1
) -> None:
    document = _again(benchmark_to_file(benchmark, dataset="dataset.json"))
    found = benchmark_from_file(document, dataset=dataset, cls=BenchmarkV1Specification)
    assert found == benchmark
    assert benchmark_to_file(found, dataset="dataset.json") == document
    assert found.main_metric.name == "mine"


def test_results_round_trip_through_their_file(results: BenchmarkResultsV1) -> None:
    document = _again(results_to_file(results))
    found = results_from_file(document, BenchmarkResultsV1)
    pd.testing.assert_frame_equal(found.results, results.results)
    assert results_to_file(found) == document
    assert document["version"] == found.version == 1


def test_files_are_in_snake_case_and_without_nulls(
    dataset: DatasetV1, benchmark: BenchmarkV1Specification, results: BenchmarkResultsV1
) -> None:
    dataset.license = None
    for document in (
        dataset_to_file(dataset, table="t.parquet", zarr_root_path=None),
        benchmark_to_file(benchmark, dataset="d.json"),
        results_to_file(results),
    ):
        assert None not in document.values()
        assert all(key == key.lower() for key in document)


def test_paths_in_a_file_are_those_beside_it(table: pd.DataFrame) -> None:
    dataset = DatasetV1(
        table=table,
        annotations={"smiles": {"is_pointer": True}},
        zarr_root_path="/somewhere/else/x.zarr",
    )
    dataset.md5sum = "0" * 32
    document = dataset_to_file(dataset, table="table.parquet", zarr_root_path="x.zarr")
    assert (document["table"], document["zarr_root_path"]) == ("table.parquet", "x.zarr")
    found = dataset_from_file(document, table=table, zarr_root_path="/here/x.zarr", cls=DatasetV1)
    assert found.zarr_root_path == "/here/x.zarr"


@pytest.mark.parametrize("key", ["md5sum", "md5Sum"])
def test_the_recorded_checksum_is_left_to_the_caller(
    dataset: DatasetV1, benchmark: BenchmarkV1Specification, table: pd.DataFrame, key: str
) -> None:
    altered = table.assign(y=0.25)
    document = dataset_to_file(dataset, table="t", zarr_root_path=None) | {key: dataset.md5sum}
    found = _dataset_of(document, altered)
    assert found.md5sum != dataset.md5sum
    written = benchmark_to_file(benchmark, dataset="d.json") | {key: benchmark.md5sum}
    other = benchmark_from_file(written, dataset=found, cls=BenchmarkV1Specification)
    assert other.md5sum != benchmark.md5sum


# -- files of other clients ---------------------------------------------------------------------


def test_a_dataset_file_of_the_first_generation_is_read(table: pd.DataFrame) -> None:
    document: dict[str, Any] = {
        "name": "four_molecules",
        "description": "",
        "tags": [],
        "user_attributes": {},
        "owner": {"slug": "acme", "external_id": None, "type": "organization"},
        "polaris_version": "0.6.0",
        "default_adapters": {"smiles": "SMILES_TO_MOL"},
        "zarr_root_path": None,
        "md5sum": "0" * 32,
        "readme": "",
        "annotations": {
            "smiles": {
                "is_pointer": False,
                "modality": "MOLECULE",
                "user_attributes": {},
                "dtype": "object",
            }
        },
        "source": None,
        "license": None,
        "curation_reference": None,
        "cache_dir": "/home/me/.cache/polaris/datasets/x",
        "artifact_id": "acme/four-molecules",
        "n_rows": 4,
        "n_columns": 3,
        "table": "table.parquet",
    }
    assert generation_of(document) == "S"
    dataset = _dataset_of(document, table)
    assert dataset.artifact_id == "acme/four-molecules"
    assert dataset.polaris_version == "0.6.0"


def test_a_benchmark_file_of_the_first_generation_is_read(dataset: DatasetV1) -> None:
    document: dict[str, Any] = {
        "name": "first_one",
        "owner": {"slug": "acme"},
        "polaris_version": "0.6.0",
        "dataset": "dataset/dataset.json",
        "target_cols": ["y"],
        "input_cols": ["smiles"],
        "split": [[0, 1], [2, 3]],
        "metrics": ["mean_absolute_error"],
        "main_metric": "mean_absolute_error",
        "md5sum": "0" * 32,
        "target_types": {"y": "regression"},
        "n_train_datapoints": 2,
        "n_test_sets": 1,
        "n_test_datapoints": {"test": 2},
        "n_classes": {},
        "task_type": "single_task",
    }
    assert generation_of(document) == "S"
    found = benchmark_from_file(document, dataset=dataset, cls=SingleTaskBenchmarkSpecification)
    assert found.artifact_id == "acme/first-one"
    assert found.split.as_lists() == [[0, 1], {"test": [2, 3]}]


def test_a_results_file_of_the_first_generation_is_read() -> None:
    document: dict[str, Any] = {
        "name": "my_results",
        "benchmark_name": "first_one",
        "benchmark_owner": {"slug": "acme", "external_id": None, "type": None},
        "github_url": "https://a.org",
        "paper_url": None,
        "contributors": None,
        "results": [
            {"testSet": "test", "targetLabel": "y", "scores": {"mean_absolute_error": 0.5}}
        ],
        "benchmark_artifact_id": "acme/first-one",
    }
    results = results_from_file(document, BenchmarkResultsV1)
    assert results.benchmark_artifact_id == "acme/first-one"
    assert results.github_url == "https://a.org"
    assert results.results["Score"].tolist() == [0.5]


def test_files_with_a_version_are_of_the_newer_generation(
    dataset: DatasetV1, table: pd.DataFrame
) -> None:
    document = dataset_to_file(dataset, table="t", zarr_root_path=None)
    assert generation_of(document) == "N"
    spelt = {to_camel(key): value for key, value in document.items()}
    assert _dataset_of(spelt, table) == dataset


@pytest.mark.parametrize("version", [2, 0, "1", None, [1]])
def test_a_file_of_another_version_is_refused(
    dataset: DatasetV1, table: pd.DataFrame, version: Any
) -> None:
    with pytest.raises(DamagedFileError, match="a dataset of version"):
        _dataset_of({"version": version}, table)
    with pytest.raises(DamagedFileError, match="a benchmark of version"):
        benchmark_from_file({"version": version}, dataset=dataset, cls=BenchmarkV1Specification)


def test_all_problems_of_a_file_are_reported(dataset: DatasetV1, table: pd.DataFrame) -> None:
    with pytest.raises(InvalidDatasetError) as dataset_error:
        _dataset_of({"name": "x", "source": "nowhere", "tags": 5}, table)
    assert len(dataset_error.value.problems) == 3
    with pytest.raises(InvalidBenchmarkError) as benchmark_error:
        benchmark_from_file({"name": "x"}, dataset=dataset, cls=BenchmarkV1Specification)
    assert sorted(problem.path for problem in benchmark_error.value.problems) == [
        "input_cols",
        "metrics",
        "name",
        "split",
        "target_cols",
    ]
