"""What users copy from tutorials, as it is written there, on an embedded hub."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestRegressor

import polaris as po
from polaris.benchmark import SingleTaskBenchmarkSpecification
from polaris.dataset import ColumnAnnotation, Dataset, Modality, Subset
from polaris.errors import ClosedError
from polaris.hub.client import PolarisHubClient
from polaris.utils.types import HubOwner


@pytest.fixture(autouse=True)
def _hub_of_the_settings(
    client: PolarisHubClient, hub_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Name the hub in the environment, as a user does once; a hub in memory needs a client."""
    monkeypatch.setenv("POLARIS_HUB_URL", hub_url)


@pytest.fixture
def hello_world(dataset: Dataset, benchmark: SingleTaskBenchmarkSpecification) -> Dataset:
    """The dataset and the benchmark with which every tutorial begins, published."""
    dataset.owner, dataset.name = HubOwner("polaris"), "hello-world"
    benchmark.owner, benchmark.name = HubOwner("polaris"), "hello-world-benchmark"
    dataset.upload_to_hub(access="public")
    benchmark.upload_to_hub(access="public")
    return dataset


def test_artifacts_are_loaded_by_their_id(hello_world: Dataset) -> None:
    dataset = po.load_dataset("polaris/hello-world")
    benchmark = po.load_benchmark("polaris/hello-world-benchmark")
    assert isinstance(dataset, Dataset)
    assert isinstance(benchmark, SingleTaskBenchmarkSpecification)
    assert dataset == hello_world == benchmark.dataset
    assert po.load_dataset("polaris/hello-world", verify_checksum="verify") == dataset


def test_signing_in_works_with_and_without_a_context() -> None:
    client = PolarisHubClient()
    identity = client.login()
    client.close()
    with PolarisHubClient() as other:
        assert other.login(overwrite=True, auto_open_browser=False) == identity
    with pytest.raises(ClosedError):
        other.list_datasets()


def test_cells_are_read_in_every_way_there_was(hello_world: Dataset) -> None:
    dataset = po.load_dataset("polaris/hello-world")
    assert isinstance(dataset, Dataset)
    row, column = dataset.rows[0], dataset.columns[0]
    assert dataset.get_data(row=row, col=column) == dataset[row, column] == "C"
    assert dataset[0] == {"smiles": "C", "y": 0.5}
    assert len(dataset[:10]) == 10


def test_the_first_evaluation(hello_world: Dataset) -> None:
    benchmark = po.load_benchmark("polaris/hello-world-benchmark")
    assert isinstance(benchmark, SingleTaskBenchmarkSpecification)
    _, test = benchmark.get_train_test_split()
    predictions = [0.0 for x in test]  # As it is written there.
    results = benchmark.evaluate(predictions)
    results.name = "my-first-result"
    results.github_url = "https://github.com/polaris-hub/polaris-hub"
    results.paper_url = "https://polarishub.io/"
    results.description = "Hello, World!"
    results.tags = ["baseline"]
    results.user_attributes = {"Framework": "none"}
    record = results.upload_to_hub(owner="my-username")
    assert record.ref.artifact_id == "my-username/my-first-result"
    with PolarisHubClient() as client:
        loaded = client.get_results("my-username", "my-first-result")
    assert loaded.results.equals(results.results)
    fields = ("github_url", "paper_url", "description", "tags", "user_attributes")
    assert [getattr(loaded, f) for f in fields] == [getattr(results, f) for f in fields]


def test_a_model_is_fitted_on_fingerprints(hello_world: Dataset) -> None:
    datamol: Any = pytest.importorskip("datamol")
    benchmark = po.load_benchmark("polaris/hello-world-benchmark")
    assert isinstance(benchmark, SingleTaskBenchmarkSpecification)
    train, test = benchmark.get_train_test_split(featurization_fn=datamol.to_fp)
    assert isinstance(train.X, np.ndarray)
    assert isinstance(test, Subset)
    assert train.X.shape[0] == len(train)
    model = RandomForestRegressor(n_estimators=5, random_state=0)
    model.fit(train.X, train.y)
    table = benchmark.evaluate(model.predict(test.X)).results
    assert table["Score"].notna().all()


def test_a_dataset_and_a_benchmark_are_made_of_a_table() -> None:
    table = pd.DataFrame({"SMILES": ["C", "CC", "CCC", "CCO"], "pIC50": [5.1, 6.2, 7.3, 8.4]})
    owner = HubOwner(user_id="user_1", slug="my-username")  # type: ignore[call-arg]
    dataset = Dataset(
        table=table,
        name="my_dataset",
        owner=owner,
        license="CC-BY-4.0",
        source="https://example.org/assay",
        annotations={
            "SMILES": ColumnAnnotation(description="A molecule", modality="molecule"),
            "pIC50": ColumnAnnotation(user_attributes={"unit": "-log10(M)"}),
        },
    )
    benchmark = SingleTaskBenchmarkSpecification(
        name="my_benchmark",
        owner=owner,
        dataset=dataset,
        target_cols="pIC50",
        input_cols="SMILES",
        split=([0, 1], [2, 3]),
        metrics="mean_absolute_error",
    )
    assert benchmark.main_metric is not None
    assert benchmark.main_metric.label == "mean_absolute_error"
    assert dataset.annotations["SMILES"].modality is Modality.MOLECULE
    dataset.upload_to_hub()
    benchmark.upload_to_hub()
    assert po.load_benchmark("my-username/my-benchmark") == benchmark
