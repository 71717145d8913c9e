"""Who does not say who they are changes nothing, on any road that a real server has."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import zarr
from sqlalchemy import select

from polaris.benchmark import SingleTaskBenchmarkSpecification
from polaris.competition import CompetitionSpecification
from polaris.dataset import Dataset
from polaris.errors import PolarisError, PolarisUnauthorizedError
from polaris.evaluate import CompetitionPredictions
from polaris.hub.client import PolarisHubClient
from polaris.hub.settings import PolarisHubSettings
from polaris.model import Model
from polaris.prediction import BenchmarkPredictionsV2
from polaris_adapters.sql_catalogue.tables import metadata
from tests.e2e.served_hubs import OWNER, STRANGER, ServedHub

NAMED: dict[str, Any] = {"owner": "acme", "license": "MIT"}
WRITING = {"post", "put", "patch", "delete"}
# What a program shows to be known, and what it is answered that shows nothing.
REFUSED = {"bearer": {401}, "session": {303, 400, 403}, "signature": {403}}
# Roads on which people and programs sign in, and readers who send a list of keys.
OPEN = re.compile(
    r"/(oauth2/(token|device_authorization|revoke|introspect|authorize|consent|logout)|sign-in"
    r"|device|api/auth/token|api/v3/.*/(stat|digest|read|sign))"
)
# By signed addresses, of which nobody has one.
SIGNED = re.compile(r"/(api/v3/)?signed/.*")


@pytest.fixture
def client_of(running: ServedHub, tmp_path: Path) -> Callable[..., PolarisHubClient]:
    def client(**options: Any) -> PolarisHubClient:
        settings = PolarisHubSettings(
            hub_url=f"{running.url}/", cache_dir=tmp_path / "cache", token_store="memory"
        )
        return PolarisHubClient(settings, trust_env=False, **options)

    return client


def _benchmark() -> SingleTaskBenchmarkSpecification:
    table = pd.DataFrame({"smiles": ["C", "CC", "CCC", "CCCC"], "y": [0.1, 0.2, 0.3, 0.4]})
    dataset = Dataset(table=table, name="molecules", **NAMED)
    return SingleTaskBenchmarkSpecification(
        dataset=dataset, target_cols="y", input_cols="smiles", split=([0, 1], [2, 3]),
        metrics=["mean_absolute_error"], name="guessing", owner="acme",
    )  # fmt: skip


def _competition(folder: Path) -> CompetitionSpecification:
    root: Any = zarr.open_group(str(folder), mode="w", zarr_format=2)
    for name in "AB":
        root.create_array(name, shape=(6,), chunks=(2,), dtype="f8")[...] = np.arange(6.0)
    zarr.consolidate_metadata(root.store, zarr_format=2)
    now = datetime.now(UTC)
    return CompetitionSpecification(
        zarr_root_path=str(folder), name="contest", target_cols=["B"], input_cols=["A"],
        split=([0, 1], {"test": [2, 4]}), metrics=["mean_absolute_error"],
        main_metric="mean_absolute_error", start_time=now - timedelta(days=1),
        end_time=now + timedelta(days=1), **NAMED,
    )  # fmt: skip


def _state(hub: ServedHub) -> Any:
    """Return every row and every object of a hub, but what only trying to sign in leaves."""

    async def objects() -> list[Any]:
        ports = hub.ports
        stores = (ports.objects, ports.hidden_objects, ports.incoming)
        return [sorted([s.key async for page in store.list() for s in page]) for store in stores]

    with hub.ports.database.reading() as connection:
        rows = {
            table.name: sorted(str(row) for row in connection.execute(select(table)))
            for table in metadata.sorted_tables
            if table.name not in ("sign_in_attempts", "remembered_replies")
        }
    return rows, asyncio.run(objects())


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, set[str]]]:
    """Tell of each operation that may change something: method, path, and who may call it."""
    for path, item in document["paths"].items():
        for method in WRITING & item.keys():
            yield method, path, {name for way in item[method]["security"] for name in way or ["-"]}


def test_every_route_that_writes_refuses_who_shows_nothing(
    emptied: ServedHub, client_of: Callable[..., PolarisHubClient]
) -> None:
    benchmark = _benchmark()
    with client_of(token=emptied.tokens[OWNER]) as owner:
        owner.upload_dataset(benchmark.dataset, access="public")
        revision = owner.get("v3/dataset/acme/molecules").json()["revision"]
    values = {
        "kind": "dataset", "owner": "acme", "slug": "molecules", "name": "molecules",
        "revision": revision, "key": "table.parquet", "user": STRANGER, "what": "tokens",
        "id": "1", "bucket": "polaris",
    }  # fmt: skip
    before, tried = _state(emptied), 0
    with emptied.serving.http() as http:
        document = http.get("/api/openapi.json").json()
        for method, path, ways in _operations(document):
            url = re.sub(r"\{(\w+)\}", lambda name: values[name[1]], path)
            if ways == {"-"} or "client" in ways or "-" in ways:
                assert OPEN.fullmatch(path) or SIGNED.fullmatch(path), f"{method} {path} is open"
                if not SIGNED.fullmatch(path):
                    continue
                expected = {400, 403, 404}
            else:
                [expected] = [REFUSED[way] for way in REFUSED if way in ways]
            for body in (b"", b"{}", b"x" * 100_000):
                header = {"content-type": "application/json"}
                reply = http.request(method.upper(), url, content=body, headers=header)
                assert reply.status_code in expected, f"{method} {url}: {reply.text}"
                if 303 in expected and reply.status_code == 303:
                    assert reply.headers["location"].startswith("/sign-in")
                tried += 1
            invented = {"authorization": f"Bearer polaris_pat_{'x' * 43}"}
            refused = http.request(method.upper(), url, json={}, headers=invented)
            assert refused.status_code in expected | {401}, f"{method} {url}"
    assert tried > 100
    assert _state(emptied) == before


def test_every_method_of_the_client_that_writes_is_refused(
    emptied: ServedHub, client_of: Callable[..., PolarisHubClient], tmp_path: Path
) -> None:
    benchmark = _benchmark()
    competition = _competition(tmp_path / "contest.zarr")
    with client_of(token=emptied.tokens[OWNER]) as owner:
        owner.upload_dataset(benchmark.dataset, access="public")
        owner.upload_benchmark(benchmark, access="public")
        owner.upload_competition(competition, access="public")
        published = owner.get_competition("acme/contest")
        again = owner.get_benchmark("acme", "guessing")
    results = again.evaluate([0.3, 0.4])
    results.name = "a-guess"
    guess = BenchmarkPredictionsV2(
        name="a-guess", owner=OWNER, benchmark_artifact_id="acme/guessing",
        predictions={"test": {"y": [0.3, 0.4]}}, target_labels=["y"],
        test_set_labels=["test"], test_set_sizes={"test": 2},
    )  # fmt: skip
    entry = CompetitionPredictions(
        name="an-entry", owner=OWNER, predictions={"test": {"B": [1.0, 2.0]}},
        target_labels=["B"], test_set_labels=["test"], test_set_sizes={"test": 2},
        paper_url="https://x.example/report",
    )  # fmt: skip
    model = Model(name="forest", description="d", code_url="https://x.example/c", owner="acme")
    acts: dict[str, Callable[[Any], Any]] = {
        "dataset": lambda c: c.upload_dataset(benchmark.dataset, access="public"),
        "benchmark": lambda c: c.upload_benchmark(benchmark, access="private"),
        "competition": lambda c: c.upload_competition(competition, access="public"),
        "model": lambda c: c.upload_model(model, access="public"),
        "results": lambda c: c.upload_results(results, access="public", owner=OWNER),
        "predictions": lambda c: c.submit_benchmark_predictions(guess),
        "entry": lambda c: c.submit_competition_predictions(published, entry),
        "delete": lambda c: c.delete_artifact("dataset", "acme", "molecules"),
        "restore": lambda c: c.restore_artifact("dataset", "acme", "molecules"),
    }
    before = _state(emptied)
    for options in ({}, {"token": f"polaris_pat_{'x' * 43}"}):
        with client_of(**options) as nobody:
            refused = {name: _refusal(act, nobody) for name, act in acts.items()}
        assert refused == dict.fromkeys(acts, PolarisUnauthorizedError)
    assert _state(emptied) == before


def _refusal(act: Callable[[Any], Any], client: PolarisHubClient) -> type[PolarisError] | None:
    try:
        act(client)
    except PolarisError as error:
        return type(error)
    return None
