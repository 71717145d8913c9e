"""Our own client on the released wire of our server, in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pandas as pd
import pytest
import zarr

from polaris.benchmark import SingleTaskBenchmarkSpecification
from polaris.dataset import ColumnAnnotation, Dataset
from polaris.errors import AccessDeniedError, ArtifactNotFoundError, PolarisUnauthorizedError
from polaris.evaluate import BenchmarkResultsV1
from polaris.hub.client import PolarisHubClient
from polaris.hub.settings import PolarisHubSettings
from polaris.model import Model
from polaris_adapters.hub_server import create_app
from polaris_adapters.hub_server.released import mount_released

NAMED: dict[str, Any] = {"owner": "acme", "license": "MIT"}


@pytest.fixture
def connect(released: Any, tmp_path: Path) -> Iterator[Callable[..., PolarisHubClient]]:
    """Open clients of a generation."""
    app = mount_released(create_app(released.wire.hub), released.wire)
    opened: list[PolarisHubClient] = []

    def connected(generation: str, token: str | None = "token-of-alice") -> PolarisHubClient:
        settings = PolarisHubSettings(
            hub_url="https://hub.example/", generation=generation, cache_dir=tmp_path / "cache",
            max_attempts=1, token_store="memory",
        )  # fmt: skip
        given: dict[str, Any] = {} if token is None else {"token": token}
        client = PolarisHubClient(settings, transport=httpx.ASGITransport(app), **given)
        opened.append(client)
        return client

    yield connected
    for client in opened:
        client.close()


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    root: Any = zarr.open_group(str(tmp_path / "img.zarr"), mode="w", zarr_format=2)
    images = np.arange(12, dtype="u1").reshape(3, 2, 2)
    root.create_array("img", shape=(3, 2, 2), chunks=(1, 2, 2), dtype="u1", overwrite=True)
    root["img"][...] = images + 1
    zarr.consolidate_metadata(root.store, zarr_format=2)
    table = pd.DataFrame({"img": [f"img#{i}" for i in range(3)], "y": [1.0, 2.0, 3.0]})
    return Dataset(
        table=table, name="Data_z", zarr_root_path=str(tmp_path / "img.zarr"),
        annotations={"img": ColumnAnnotation(is_pointer=True)}, **NAMED,
    )  # fmt: skip


def test_by_signed_addresses(connect: Callable[..., PolarisHubClient], dataset: Dataset) -> None:
    oldest = connect("g1", "external-of-alice")
    oldest.upload_dataset(dataset, access="private")
    assert oldest.list_datasets() == ["acme/data-z"]
    for client in (oldest, connect("g3")):
        loaded = client.get_dataset("acme", "data-z", verify_checksum=True)
        assert loaded.get_data(loaded.rows[1], "img").tolist() == [[5, 6], [7, 8]]
    with pytest.raises(ArtifactNotFoundError):
        connect("g3", None).get_dataset("acme", "data-z")
    with pytest.raises(PolarisUnauthorizedError):
        connect("g1", None).get_dataset("acme", "data-z")


def test_public_reading_without_a_token(
    connect: Callable[..., PolarisHubClient], dataset: Dataset
) -> None:
    native = connect("g3")
    native.upload_dataset(dataset, access="public")
    benchmark = SingleTaskBenchmarkSpecification(
        dataset=dataset, target_cols="y", input_cols="img", split=([0], [1, 2]), metrics=["r2"],
        main_metric="r2", name="bench-v1", owner="acme",
    )  # fmt: skip
    native.upload_benchmark(benchmark, access="public")
    newer = connect("g2", None)
    assert newer.list_datasets() == ["acme/data-z"]
    assert newer.list_benchmarks() == ["acme/bench-v1"]
    loaded = newer.get_benchmark("acme", "bench-v1", verify_checksum=True)
    assert loaded.dataset.get_data(loaded.dataset.rows[2], "img").tolist() == [[9, 10], [11, 12]]


def test_what_has_no_objects(connect: Callable[..., PolarisHubClient], dataset: Dataset) -> None:
    native, newer = connect("g3"), connect("g2")
    native.upload_dataset(dataset, access="public")
    benchmark = SingleTaskBenchmarkSpecification(
        dataset=dataset, target_cols="y", input_cols="img", split=([0], [1, 2]), metrics=["r2"],
        main_metric="r2", name="bench-v1", owner="acme",
    )  # fmt: skip
    newer.upload_benchmark(benchmark, access="public")
    newer.upload_model(Model(name="My_Model", owner="acme"), access="public")
    scores = [{"test_set": "test", "target_label": "y", "scores": {"r2": 0.5}}]
    results = BenchmarkResultsV1(
        results=scores, benchmark_artifact_id="acme/bench-v1", name="res-one"
    )
    newer.upload_results(results, owner="alice-u", access="public")
    assert native.get_benchmark("acme", "bench-v1", verify_checksum=True).name == "bench-v1"
    assert connect("g2", None).get_model("acme/my-model").name == "My_Model"
    assert native.get_results("alice-u", "res-one").results["Score"].tolist() == [0.5]
    with pytest.raises(AccessDeniedError):
        connect("g2", "token-of-mallory").upload_model(Model(name="My_Model", owner="acme"))
