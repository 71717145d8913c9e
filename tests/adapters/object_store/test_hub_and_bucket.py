"""A hub that hands out storage tokens, and a real store: what is published comes back."""

from __future__ import annotations

import json
import threading
from collections.abc import Awaitable, Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import attrs
import numpy as np
import pandas as pd
import pytest
import zarr

from polaris.benchmark import BenchmarkV2Specification
from polaris.bootstrap.transports import http_hub
from polaris.dataset import Dataset, DatasetV2
from polaris.hub.client import PolarisHubClient
from polaris.hub.settings import PolarisHubSettings
from polaris.ports.buckets import BucketCredentials, BucketPlace
from polaris.ports.storage import StoragePort
from polaris_adapters.object_store.bucket import ObstoreBuckets

pytestmark = [pytest.mark.slow, pytest.mark.network]

_ROWS = 200


@attrs.define
class Hub:
    """Keeps documents, and says where in the bucket their objects lie.

    Attributes:
        s3: Address of the store.
        documents: By path.
        forms: What was asked of the token endpoint.
    """

    s3: str
    documents: dict[str, dict[str, Any]] = attrs.field(factory=dict)
    forms: list[dict[str, str]] = attrs.field(factory=list)

    def get(self, path: str) -> dict[str, Any] | None:
        return self.documents.get(path)

    def put(self, path: str, document: dict[str, Any]) -> dict[str, Any]:
        *_, kind, owner, slug = path.split("/")
        stored = {k: v for k, v in document.items() if v is not None} | {"owner": {"slug": owner}}
        if kind == "benchmark":
            stored["dataset"] = {"artifactId": document["datasetArtifactId"]}
            stored["split"] = {"training": {}, "test": {}}
        self.documents[path] = stored
        return {"slug": slug}

    def token(self, form: dict[str, str]) -> dict[str, Any]:
        self.forms.append(form)
        *_, kind, owner, slug = form["resource"].split(":")
        folder = f"polarisfs://polaris/{kind}/{owner}/{slug}"
        paths = {
            "dataset": {"root": f"{folder}/table.parquet", "extension": f"{folder}/data.zarr"},
            "benchmark": {name: f"{folder}/{name}.roaring" for name in ("training", "test")},
        }[kind]
        if f"/api/v2/dataset/{owner}/{slug}" in self.documents:
            paths = {"root": f"{folder}/data.zarr", "manifest": f"{folder}/manifest.parquet"}
        extra = {
            "key": "polaris-key", "secret": "polaris-secret", "endpoint": self.s3, "paths": paths,
        }  # fmt: skip
        return {
            "access_token": "sto", "token_type": "Storage", "expires_in": 30, "extra_data": extra,
        }  # fmt: skip


@pytest.fixture
def hub(s3_server: str) -> Hub:
    return Hub(s3_server)


class WithoutSessions:
    """Buckets of a store that knows keys, but not the session tokens of a hub."""

    def open(
        self, place: BucketPlace, credentials: Callable[[], Awaitable[BucketCredentials]], /
    ) -> StoragePort:
        async def plain() -> BucketCredentials:
            return attrs.evolve(await credentials(), session_token=None)

        return ObstoreBuckets().open(place, plain)


@pytest.fixture
def client(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PolarisHubClient]:
    monkeypatch.setattr(http_hub, "open_buckets", lambda _: WithoutSessions())

    class Handler(BaseHTTPRequestHandler):
        def _handle(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            if self.command == "GET":
                found = hub.get(self.path)
            elif self.command == "PUT":
                found = hub.put(self.path, json.loads(body))
            else:
                found = hub.token(dict(parse_qsl(body.decode())))
            data = json.dumps(found).encode()
            self.send_response(404 if found is None else 200)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_PUT = do_POST = _handle  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        settings = PolarisHubSettings(
            hub_url=f"http://127.0.0.1:{server.server_port}", generation="g2",
            cache_dir=tmp_path / "cache", token="hub-token",
        )  # fmt: skip
        with PolarisHubClient(settings) as opened:
            yield opened
        server.shutdown()
        thread.join()


@pytest.fixture
def archive(tmp_path: Path) -> str:
    path = str(tmp_path / "source" / "data.zarr")
    root = zarr.open_group(path, mode="w", zarr_format=2)
    for name in ("x", "y"):
        array = root.create_array(name, shape=(_ROWS,), chunks=(7,), dtype="f8")
        array[:] = np.arange(_ROWS, dtype="f8") + len(name)
    zarr.consolidate_metadata(root.store)
    return path


def _published(client: PolarisHubClient, archive: str) -> DatasetV2:
    dataset = DatasetV2(name="large", owner="acme", license="MIT", zarr_root_path=archive)
    client.upload_dataset(dataset)
    return dataset


def test_an_archive_comes_back(client: PolarisHubClient, hub: Hub, archive: str) -> None:
    _published(client, archive)
    loaded: Any = client.get_dataset("acme", "large")
    assert loaded.n_rows == _ROWS
    assert [loaded[i]["x"] for i in (0, 77, _ROWS - 1)] == [1.0, 78.0, float(_ROWS)]
    # Rights of 30 seconds are asked for again: for obstore they are about to end.
    assert len(hub.forms) > 2


def test_an_upload_that_is_repeated_changes_nothing(client: PolarisHubClient, archive: str) -> None:
    _published(client, archive)
    _published(client, archive)
    assert len(client.get_dataset("acme", "large")) == _ROWS


def test_a_table_with_an_archive_comes_back(client: PolarisHubClient, archive: str) -> None:
    table = pd.DataFrame({"pointer": [f"x#{i}" for i in range(5)], "z": range(5)})
    dataset = Dataset(
        table=table, name="pointed", owner="acme", license="MIT", zarr_root_path=archive,
        annotations={"pointer": {"is_pointer": True}},
    )  # fmt: skip
    client.upload_dataset(dataset)
    loaded: Any = client.get_dataset("acme", "pointed")
    assert loaded.md5sum == dataset.md5sum
    assert loaded.get_data(3, "pointer") == 4.0


def test_index_sets_come_back(client: PolarisHubClient, archive: str) -> None:
    benchmark = BenchmarkV2Specification(
        name="task", owner="acme", dataset=_published(client, archive), target_cols=["y"],
        input_cols=["x"], metrics=["mean_absolute_error"], main_metric="mean_absolute_error",
        splits={"test": {"training": range(150), "test": range(150, _ROWS)}},
    )  # fmt: skip
    client.upload_benchmark(benchmark)
    loaded: Any = client.get_benchmark("acme", "task")
    assert len(loaded.splits["test"].training) == 150
    assert list(loaded.splits["test"].test) == list(range(150, _ROWS))
