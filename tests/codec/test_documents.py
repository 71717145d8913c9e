"""The canonical JSON document of an artifact."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polaris.codec.documents import (
    benchmark_from_document,
    dataset_from_document,
    results_from_document,
    to_document,
)
from polaris.codec.json_text import dumps, loads
from polaris.domain.artifact import Artifact
from polaris.domain.benchmark_v1 import (
    BenchmarkV1Specification,
    MultiTaskBenchmarkSpecification,
    SingleTaskBenchmarkSpecification,
)
from polaris.domain.column_adapters import Adapter
from polaris.domain.columns import Modality
from polaris.domain.dataset_v1 import DatasetV1
from polaris.domain.identity import HubOwner
from polaris.domain.results import BenchmarkResultsV1
from polaris.domain.task_types import TargetType
from polaris.errors import (
    InvalidBenchmarkError,
    InvalidDatasetError,
    InvalidInputError,
    InvalidResultError,
)

# What the newest released clients send, but for what lies in files and for nulls.
DATASET_KEYS = {
    "name", "description", "tags", "userAttributes", "owner", "polarisVersion", "slug",
    "defaultAdapters", "readme", "annotations", "source", "license", "curationReference",
    "artifactVersion", "artifactChangelog", "md5Sum", "artifactId", "urn", "version", "nRows",
    "nColumns",
}  # fmt: skip
BENCHMARK_KEYS = {
    "split", "name", "description", "tags", "userAttributes", "owner", "polarisVersion", "slug",
    "targetCols", "inputCols", "metrics", "mainMetric", "targetTypes", "readme", "artifactVersion",
    "artifactId", "urn", "version", "taskType", "datasetArtifactId", "md5Sum", "testSetSizes",
    "nTestSets", "nTrainDatapoints", "testSetLabels", "nTestDatapoints", "nClasses",
}  # fmt: skip
RESULTS_KEYS = {
    "name", "description", "tags", "userAttributes", "owner", "polarisVersion", "slug", "code_url",
    "report_url", "contributors", "results", "benchmarkArtifactId", "modelArtifactId",
    "artifactId", "urn", "version",
}  # fmt: skip


def _assert_plain(value: Any) -> None:
    """Check that a value has types of JSON only, and not subclasses of them."""
    assert type(value) in (dict, list, str, int, float, bool), repr(value)
    if isinstance(value, dict):
        assert all(type(key) is str for key in value)
        for item in value.values():
            _assert_plain(item)
    elif isinstance(value, list):
        for item in value:
            _assert_plain(item)


def _again(document: dict[str, Any]) -> dict[str, Any]:
    return loads(dumps(document), source="document")


def test_documents_hold_nothing_but_plain_json(
    dataset: DatasetV1, benchmark: BenchmarkV1Specification, results: BenchmarkResultsV1
) -> None:
    for artifact in (dataset, benchmark, results):
        document = to_document(artifact)
        _assert_plain(document)
        assert json.loads(json.dumps(document)) == document
        assert dumps(to_document(artifact)) == dumps(document)


def test_documents_have_the_keys_of_the_released_clients(
    dataset: DatasetV1, benchmark: BenchmarkV1Specification, results: BenchmarkResultsV1
) -> None:
    assert set(to_document(dataset)) == DATASET_KEYS
    assert set(to_document(benchmark)) == BENCHMARK_KEYS
    assert set(to_document(results)) == RESULTS_KEYS


def test_only_datasets_benchmarks_and_results_have_documents() -> None:
    with pytest.raises(InvalidInputError, match="no document for a Artifact"):
        to_document(Artifact(name="other_one"))


# -- datasets -----------------------------------------------------------------------------------


def test_a_dataset_round_trips_through_its_document(
    dataset: DatasetV1, table: pd.DataFrame
) -> None:
    document = _again(to_document(dataset))
    found = dataset_from_document(document, table=table, zarr_root_path=None, cls=DatasetV1)
    assert found == dataset
    assert to_document(found) == document
    assert found.owner == HubOwner("acme")
    assert found.default_adapters == {"smiles": Adapter.SMILES_TO_MOL}
    assert found.annotations == dataset.annotations
    assert found.annotations["smiles"].modality is Modality.MOLECULE


def test_annotations_are_written_by_the_names_of_modality_and_type(dataset: DatasetV1) -> None:
    assert to_document(dataset)["annotations"]["smiles"] == {
        "isPointer": False,
        "modality": "MOLECULE",
        "description": "a structure",
        "userAttributes": {"unit": "none"},
        "dtype": str(dataset.table["smiles"].dtype),
        "contentType": "chemical/x-smiles",
    }
    assert to_document(dataset)["annotations"]["y"]["dtype"] == "float64"


def test_a_document_names_the_archive_by_its_published_place(table: pd.DataFrame) -> None:
    fields = {"annotations": {"smiles": {"isPointer": True}}, "zarrRootPath": "/home/me/x.zarr"}
    dataset = dataset_from_document(
        fields, table=table, zarr_root_path="local/x.zarr", cls=DatasetV1
    )
    assert dataset.zarr_root_path == "local/x.zarr"
    dataset.md5sum = "0" * 32
    assert to_document(dataset)["zarrRootPath"] == "data.zarr"


def test_unknown_keys_nulls_and_snake_case_do_not_get_in_the_way(table: pd.DataFrame) -> None:
    document = {
        "name": "four_molecules",
        "user_attributes": {"a": "b"},
        "owner": {"slug": "acme", "type": "organization", "externalId": "x", "newKey": 1},
        "annotations": {"y": {"is_pointer": False, "modality": None, "unit": "nM"}},
        "isCertified": True,
        "createdAt": "2024-01-01",
        "license": None,
        "table": "ignored.parquet",
    }
    dataset = dataset_from_document(document, table=table, zarr_root_path=None, cls=DatasetV1)
    assert dataset.artifact_id == "acme/four-molecules"
    assert dataset.user_attributes == {"a": "b"}
    assert dataset.annotations["y"].modality is Modality.UNKNOWN


def test_all_problems_of_a_dataset_document_are_reported(table: pd.DataFrame) -> None:
    document = {
        "name": "x",
        "license": "GPL",
        "annotations": {"gone": {}, "y": {"modality": "smell"}},
        "tags": "one",
        "md5Sum": "short",
    }
    with pytest.raises(InvalidDatasetError) as caught:
        dataset_from_document(document, table=table, zarr_root_path=None, cls=DatasetV1)
    assert sorted(problem.path for problem in caught.value.problems) == [
        "annotations.y.modality",
        "license",
        "md5sum",
        "name",
        "tags",
    ]
    with pytest.raises(InvalidDatasetError) as caught:
        dataset_from_document(
            {"annotations": "text"}, table=table, zarr_root_path=None, cls=DatasetV1
        )
    assert caught.value.problems[0].path == "annotations"


# -- benchmarks ---------------------------------------------------------------------------------


def test_a_benchmark_round_trips_through_its_document(
    benchmark: BenchmarkV1Specification, dataset: DatasetV1
) -> None:
    document = _again(to_document(benchmark))
    for cls in (BenchmarkV1Specification, MultiTaskBenchmarkSpecification):
        found = benchmark_from_document(document, dataset=dataset, cls=cls)
        assert type(found) is cls
        assert found == benchmark
        assert to_document(found) == document
    assert found.main_metric.name == "mine"
    assert found.split == benchmark.split
    assert found.metrics == benchmark.metrics


def test_lists_in_a_document_keep_their_order(benchmark: BenchmarkV1Specification) -> None:  # W5
    document = to_document(benchmark)
    assert document["targetCols"] == ["y", "active"]
    assert [metric["name"] for metric in document["metrics"]] == ["r2", "mine"]
    assert document["split"] == [[1, 0], {"ood": [3], "iid": [2, 3]}]
    assert document["testSetLabels"] == ["iid", "ood"]
    assert document["nTestDatapoints"] == {"iid": 2, "ood": 1}


def test_all_problems_of_a_benchmark_document_are_reported(dataset: DatasetV1) -> None:
    document = {
        "name": "x",
        "targetCols": ["gone"],
        "inputCols": [],
        "metrics": ["nonsense"],
        "split": [[0], {"a": [0], "b": []}],
        "targetTypes": {"y": "colour"},
    }
    with pytest.raises(InvalidBenchmarkError) as caught:
        benchmark_from_document(document, dataset=dataset, cls=BenchmarkV1Specification)
    assert sorted(problem.path for problem in caught.value.problems) == [
        "input_cols",
        "metrics.0.label",
        "name",
        "split.test.a",
        "split.test.b",
        "target_cols",
        "target_types.y",
    ]


def test_a_document_of_the_wrong_task_is_refused(
    benchmark: BenchmarkV1Specification, dataset: DatasetV1
) -> None:
    with pytest.raises(InvalidBenchmarkError, match="exactly one target"):
        benchmark_from_document(
            to_document(benchmark), dataset=dataset, cls=SingleTaskBenchmarkSpecification
        )


def test_whole_numbers_that_another_client_took_for_classes_load(dataset: DatasetV1) -> None:
    # W15: the released clients write such types of their own accord.
    document = {
        "targetCols": ["active"],
        "inputCols": ["smiles"],
        "metrics": ["r2"],
        "split": [[0, 1], {"test": [2, 3]}],
        "targetTypes": {"active": "classification"},
    }
    found = benchmark_from_document(document, dataset=dataset, cls=BenchmarkV1Specification)
    assert found.target_types == {"active": TargetType.REGRESSION}
    document["targetTypes"] = {"active": "colour"}
    with pytest.raises(InvalidBenchmarkError, match="colour"):
        benchmark_from_document(document, dataset=dataset, cls=BenchmarkV1Specification)


@given(st.data())
def test_any_split_and_metrics_round_trip(data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(12)))
    cut = data.draw(st.integers(0, 10))
    tests = data.draw(
        st.dictionaries(
            st.text(st.characters(codec="utf-8"), max_size=4),
            st.lists(st.sampled_from(order[cut:]), min_size=1, unique=True),
            min_size=1,
            max_size=3,
        )
    )
    metrics = data.draw(
        st.lists(
            st.sampled_from(["r2", "mean_absolute_error", "pearsonr"]), min_size=1, unique=True
        )
    )
    table = pd.DataFrame({"x": np.arange(12), "y": np.arange(12) + 0.5})
    dataset = DatasetV1(table=table)
    benchmark = BenchmarkV1Specification(
        dataset=dataset,
        input_cols="x",
        target_cols="y",
        split=(order[:cut], tests),
        metrics=metrics,
        main_metric=data.draw(st.sampled_from(metrics)),
    )
    document = _again(to_document(benchmark))
    found = benchmark_from_document(document, dataset=dataset, cls=BenchmarkV1Specification)
    assert to_document(found) == document
    assert found.split == benchmark.split
    assert found.main_metric == benchmark.main_metric


def test_parts_of_a_benchmark_document_may_have_unknown_keys(dataset: DatasetV1) -> None:
    document = {
        "targetCols": ["y"],
        "inputCols": ["smiles"],
        "metrics": [
            {
                "label": "r2",
                "isNew": 1,
                "config": {"group_by": "active", "default": None, "seed": 7},
            }
        ],
        "split": [[0, 1], {"test": [2, 3]}],
        "owner": {"slug": "acme", "avatar": "https://a.org/x.png"},
    }
    found = benchmark_from_document(document, dataset=dataset, cls=BenchmarkV1Specification)
    assert found.metrics[0].config is not None
    assert found.metrics[0].config.group_by == "active"
    assert found.owner == HubOwner("acme")


# -- results ------------------------------------------------------------------------------------


def test_parts_of_a_results_document_may_have_unknown_keys() -> None:
    document = {
        "benchmarkName": "task_one",
        "benchmarkOwner": {"slug": "acme", "avatar": "https://a.org/x.png"},
        "results": [{"testSet": "a", "targetLabel": "y", "scores": {"r2": 1}, "rank": 5}],
    }
    results = results_from_document(document, BenchmarkResultsV1)
    assert results.benchmark_artifact_id == "acme/task-one"
    assert results.results["Score"].tolist() == [1.0]


def test_results_round_trip_through_their_document(results: BenchmarkResultsV1) -> None:
    document = _again(to_document(results))
    found = results_from_document(document, BenchmarkResultsV1)
    pd.testing.assert_frame_equal(found.results, results.results)
    assert to_document(found) == document
    assert found.github_url == "https://a.org/code"
    assert found.model == "acme/model-one"


def test_records_of_results_are_spelt_as_on_the_wire(results: BenchmarkResultsV1) -> None:
    document = to_document(results)
    assert document["results"][1] == {
        "testSet": "iid",
        "targetLabel": "y",
        "scores": {"r2": -0.5},
    }
    assert (document["code_url"], document["report_url"]) == (
        "https://a.org/code",
        "https://a.org/paper",
    )


def test_all_problems_of_a_results_document_are_reported() -> None:
    document = {"name": "x", "code_url": "nowhere", "results": [{"testSet": "a", "scores": {}}]}
    with pytest.raises(InvalidResultError) as caught:
        results_from_document(document, BenchmarkResultsV1)
    assert sorted(problem.path for problem in caught.value.problems) == [
        "github_url",
        "name",
        "results.0.scores",
        "results.0.target_label",
    ]
    with pytest.raises(InvalidResultError, match="results: is required"):
        results_from_document({}, BenchmarkResultsV1)
