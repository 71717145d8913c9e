"""What released hubs cannot be told is refused, before anything is sent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pandas as pd
import pytest
import zarr

from polaris.benchmark import SingleTaskBenchmarkSpecification
from polaris.dataset import Dataset, DatasetV2
from polaris.errors import PolarisError
from polaris.evaluate import BenchmarkResultsV1
from polaris.hub.client import PolarisHubClient
from polaris.model import Model
from polaris.prediction import BenchmarkPredictionsV2, CompetitionPredictions

OpenClient = Callable[..., PolarisHubClient]
Call = Callable[[PolarisHubClient], object]


class Hub:
    """Has whatever is asked for; keeps what changes something."""

    def __init__(self, **document: Any) -> None:
        self.document = document
        self.writes: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method != "GET":
            self.writes.append(f"{request.method} {request.url.path}")
        return httpx.Response(200, json=self.document)


@pytest.fixture
def table() -> Dataset:
    frame = pd.DataFrame({"x": ["a", "b", "c", "d"], "y": [1.0, 2.0, 3.0, 4.0]})
    return Dataset(table=frame, name="data", owner="acme", license="MIT")


def _benchmark(table: Dataset, **changes: Any) -> SingleTaskBenchmarkSpecification:
    given: dict[str, Any] = {
        "name": "bench", "owner": "acme", "dataset": table, "target_cols": ["y"],
        "input_cols": ["x"], "split": ([0, 1], [2, 3]), "metrics": ["mean_absolute_error"],
        "main_metric": "mean_absolute_error",
    }  # fmt: skip
    return SingleTaskBenchmarkSpecification(**(given | changes))


def _check(client: PolarisHubClient, hub: Hub, call: Call) -> PolarisError:
    with pytest.raises(PolarisError) as caught:
        call(client)
    assert hub.writes == []
    assert caught.value.hint
    return caught.value


def test_the_oldest_hubs_take_no_archive(open_client: OpenClient, tmp_path: Path) -> None:
    path = str(tmp_path / "data.zarr")
    root = zarr.open_group(path, mode="w", zarr_format=2)
    root.create_array("x", data=np.arange(4.0))
    zarr.consolidate_metadata(root.store)
    dataset = DatasetV2(name="large", owner="acme", license="MIT", zarr_root_path=path)
    hub = Hub()
    client = open_client(hub, generation="g1", token="t")
    assert "version 2" in _check(client, hub, lambda c: c.upload_dataset(dataset)).message


def test_the_oldest_hubs_take_no_grouped_metric(open_client: OpenClient, table: Dataset) -> None:
    hub = Hub(md5Sum=table.md5sum)
    grouped = {"label": "mean_absolute_error", "config": {"group_by": "x"}, "name": "by_x"}
    benchmark = _benchmark(table, metrics=[grouped], main_metric="by_x")
    client = open_client(hub, generation="g1", token="t")
    assert "by_x" in _check(client, hub, lambda c: c.upload_benchmark(benchmark)).message


@pytest.mark.parametrize(
    "call",
    [
        lambda c: c.upload_model(Model(name="model", owner="acme")),
        lambda c: c.get_model("acme/model"),
        lambda c: c.list_models(),
        lambda c: c.get_competition("acme/comp"),
        lambda c: c.submit_competition_predictions(
            "acme/comp",
            CompetitionPredictions(
                name="pred", owner="me-myself", paper_url="https://x.org", target_labels=["y"],
                predictions={"test": {"y": [1.0]}}, test_set_labels=["test"],
                test_set_sizes={"test": 1},
            ),
        ),
        lambda c: c.submit_benchmark_predictions(
            BenchmarkPredictionsV2(
                name="pred", owner="me-myself", benchmark_artifact_id="acme/bench",
                target_labels=["y"], predictions={"test": {"y": [1.0]}}, test_set_labels=["test"],
                test_set_sizes={"test": 1},
            )
        ),
    ],
    ids=["upload model", "model", "models", "competition", "submit", "predict"],
)  # fmt: skip
def test_the_oldest_hubs_know_fewer_kinds(open_client: OpenClient, call: Call) -> None:
    hub = Hub(metrics=["mean_absolute_error"], targetCols=["y"])
    _check(open_client(hub, generation="g1", token="t"), hub, call)


@pytest.mark.parametrize("generation", ["g1", "g2"])
def test_results_are_not_given_out(open_client: OpenClient, generation: str) -> None:
    hub = Hub()
    client = open_client(hub, generation=generation, token="t")
    _check(client, hub, lambda c: c.get_results("me-myself", "res"))


@pytest.mark.parametrize("generation", ["g1", "g2"])
def test_what_is_there_is_not_replaced_where_that_is_not_wanted(
    open_client: OpenClient, table: Dataset, generation: str
) -> None:
    hub = Hub(name="data")
    client = open_client(hub, generation=generation, token="t")
    error = _check(client, hub, lambda c: c.upload_dataset(table, if_exists="raise"))
    assert error.code == "artifact_exists"


@pytest.mark.parametrize("generation", ["g1", "g2"])
def test_nobody_signed_in_writes_nothing(
    open_client: OpenClient, table: Dataset, generation: str
) -> None:
    hub = Hub(md5Sum=table.md5sum, dataset={"artifactId": "acme/data"})
    client = open_client(hub, generation=generation)
    scores = pd.DataFrame(
        [("test", "y", "mean_absolute_error", 1.0)],
        columns=["Test set", "Target label", "Metric", "Score"],
    )
    results = BenchmarkResultsV1(benchmark_artifact_id="acme/bench", results=scores)
    calls: list[Call] = [
        lambda c: c.upload_dataset(table),
        lambda c: c.upload_benchmark(_benchmark(table)),
        lambda c: c.upload_results(results, owner="me-myself"),
    ]
    for call in calls:
        assert _check(client, hub, call).code == "unauthorized"


def test_a_hub_that_is_no_store_says_where_files_lie(
    open_client: OpenClient, table: Dataset
) -> None:
    """A client whose network is a mock does not go past it to a bucket."""
    extra = {
        "key": "k", "secret": "s", "endpoint": "https://s3.example",
        "paths": {"root": "polarisfs://b/t"},
    }  # fmt: skip
    hub = Hub(access_token="sto", extra_data=extra)
    with pytest.raises(PolarisError) as caught:
        open_client(hub, generation="g2", token="t").upload_dataset(table)
    assert "https://s3.example" in caught.value.message
    assert "transport=" in caught.value.message
