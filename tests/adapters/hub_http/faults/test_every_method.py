"""Every method of the client survives what goes wrong once, and gives up on what stays wrong."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import zarr

from polaris.benchmark import BenchmarkV2Specification, SingleTaskBenchmarkSpecification
from polaris.dataset import Dataset, DatasetV2
from polaris.errors import (
    HubUnavailableError,
    HubUnreachableError,
    PolarisError,
    StorageError,
)
from polaris.evaluate import BenchmarkResults
from polaris.model import Model
from polaris.prediction import BenchmarkPredictionsV2, CompetitionPredictions

pytestmark = [pytest.mark.network, pytest.mark.slow]

ATTEMPTS = 4
CONTEST = {
    "name": "contest", "slug": "contest", "owner": {"slug": "acme"}, "inputCols": ["x"],
    "targetCols": ["y"], "metrics": [{"label": "mean_absolute_error"}],
    "mainMetric": {"label": "mean_absolute_error"}, "testSetSizes": {"test": 2},
    "testSetLabels": ["test"], "nTestSets": 1, "nTestDatapoints": {"test": 2},
}  # fmt: skip


def _dataset() -> Dataset:
    table = pd.DataFrame({"smiles": ["C", "CC", "CCC", "CCCC"], "y": [0.5, 1.5, 2.5, 3.5]})
    return Dataset(name="four-chains", owner="acme", license="MIT", table=table)


def _benchmark() -> SingleTaskBenchmarkSpecification:
    return SingleTaskBenchmarkSpecification(
        name="four-chains-benchmark", owner="acme", dataset=_dataset(), input_cols="smiles",
        target_cols="y", split=([0, 1], [2, 3]), metrics="mean_absolute_error",
    )  # fmt: skip


def _results() -> BenchmarkResults:
    found = _benchmark().evaluate([2.0, 3.0])
    assert isinstance(found, BenchmarkResults)
    found.name, found.owner = "my-results", "acme"  # type: ignore[assignment]
    return found


def _model() -> Model:
    return Model(name="my-model", owner="acme", code_url="https://example.org/code")


def _archive(folder: Path) -> DatasetV2:
    columns = {"x": np.arange(4.0), "y": np.arange(4.0)}
    path = folder / "archive.zarr"
    if path.exists():
        return DatasetV2(name="four-rows", owner="acme", license="MIT", zarr_root_path=str(path))
    return DatasetV2.from_arrays(path, columns, name="four-rows", owner="acme", license="MIT")


def _index_sets(folder: Path) -> BenchmarkV2Specification:
    given: dict[str, Any] = {"split": {"training": [0, 1], "test": [2, 3]}}
    return BenchmarkV2Specification(
        name="four-rows-benchmark", owner="acme", dataset=_archive(folder), input_cols="x",
        target_cols="y", metrics="mean_absolute_error", **given,
    )  # fmt: skip


def _submission() -> CompetitionPredictions:
    return CompetitionPredictions(
        name="my-submission", owner="acme", paper_url="https://example.org/report",
        predictions={"test": {"y": [1.0, 2.0]}}, target_labels=["y"], test_set_labels=["test"],
        test_set_sizes={"test": 2},
    )  # fmt: skip


def _predictions(folder: Path) -> BenchmarkPredictionsV2:
    return BenchmarkPredictionsV2(
        name="my-predictions", owner="acme", benchmark_artifact_id="acme/four-rows-benchmark",
        predictions={"test": {"y": [1.0, 2.0]}}, target_labels=["y"], test_set_labels=["test"],
        test_set_sizes={"test": 2},
        dataset_zarr_root=zarr.open_group(str(_archive(folder).zarr_root_path), mode="r"),
    )  # fmt: skip


METHODS: dict[str, Callable[[Any], Any]] = {
    "list_datasets": lambda client: client.list_datasets(),
    "list_benchmarks": lambda client: client.list_benchmarks(),
    "list_models": lambda client: client.list_models(),
    "get_dataset": lambda client: client.get_dataset("acme", "four-chains").table.shape,
    "get_benchmark": lambda client: client.get_benchmark("acme", "four-chains-benchmark").metrics,
    "get_model": lambda client: client.get_model("acme/my-model").name,
    "upload_dataset": lambda client: client.upload_dataset(_dataset()).ref,
    "upload_benchmark": lambda client: client.upload_benchmark(_benchmark()).ref,
    "upload_model": lambda client: client.upload_model(_model()).ref,
    "upload_results": lambda client: client.upload_results(_results(), owner="acme").ref,
    "get_dataset_v2": lambda client: client.get_dataset("acme", "four-rows").get_data(3, "y"),
    "get_benchmark_v2": lambda client: (
        client.get_benchmark("acme", "four-rows-benchmark").test_set_sizes
    ),
    "upload_dataset_v2": lambda client: client.upload_dataset(_archive(client.folder)).ref,
    "submit_competition_predictions": lambda client: (
        client.submit_competition_predictions("acme/contest", _submission()).ref
    ),
    "get_competition": lambda client: client.get_competition("acme/races").test_set_sizes,
    "upload_benchmark_v2": lambda client: client.upload_benchmark(_index_sets(client.folder)).ref,
    "submit_benchmark_predictions": lambda client: (
        client.submit_benchmark_predictions(_predictions(client.folder)).ref
    ),
}
FAULTS = [
    "reset", "reset after acting", "nothing", "cut body", "too long a length", "delay", "garbage",
    "status 429", "status 429, retry after 1", "status 503", "status 503, retry after 1",
    "status 502", "status 500",
]  # fmt: skip
#: What a hub cannot have acted on; all else may have been a success of which the reply is lost.
TURNED_AWAY = {"status 429", "status 429, retry after 1"}
every_method = pytest.mark.parametrize("method", METHODS)


def _is_of_the_bucket(line: str) -> bool:
    return "/bkt/" in line and "/pub/" not in line


@pytest.fixture
def open_client(open_client: Callable[..., Any], tmp_path: Path) -> Callable[..., Any]:
    """Opens a client that knows where the archives of the test lie."""

    def opened(**settings: Any) -> Any:
        # There is no TLS here, and the system's certificates take a while to read.
        client = open_client(ca_bundle=False, **settings)
        client.folder = tmp_path
        return client

    return opened


@pytest.fixture(scope="module")
def published() -> dict[str, dict[str, Any]]:
    """What lies on a hub that has an artifact of each kind, once there is one."""
    return {}


@pytest.fixture
def filled(
    server: Any, open_client: Callable[..., Any], published: dict[str, dict[str, Any]]
) -> Any:
    """The server, whose hub has one artifact of each kind."""
    if not published:
        client = open_client(default_timeout=(10, 10))
        for method in [name for name in METHODS if name.startswith(("upload", "submit_bench"))]:
            METHODS[method](client)
        published["documents"] = server.hub.documents
        published["objects"] = server.hub.objects
    races = {
        "name": "races", "split": [[0, 1], {"test": [2, 3]}], "startTime": "2020-01-01T00:00:00Z",
        "endTime": "2100-01-01T00:00:00Z",
        "root": f"{server.url}/pub/bkt/dataset/acme/four-rows/data.zarr",
    }  # fmt: skip
    server.hub.documents = published["documents"] | {
        "v1/competition/acme/contest": CONTEST,
        "v1/competition/acme/races": CONTEST | races | {"slug": "races"},
    }
    server.hub.objects = dict(published["objects"])
    return server


@every_method
@pytest.mark.parametrize("name", FAULTS)
def test_what_goes_wrong_once_is_survived(
    filled: Any, open_client: Callable[..., Any], faults: dict[str, Any], method: str, name: str
) -> None:
    """Whichever request it is that goes wrong."""
    filled.begin()
    expected = METHODS[method](open_client())
    plain = list(filled.asked)
    assert plain
    for wrong in range(len(plain)):
        filled.begin(lambda number, line, wrong=wrong: faults[name] if number == wrong else None)
        posted = len(filled.hub.results)
        if plain[wrong].startswith("POST /api/v") and name not in TURNED_AWAY:
            with pytest.raises((HubUnavailableError, HubUnreachableError)):
                METHODS[method](open_client())
            assert filled.asked == plain
            assert len(filled.hub.results) - posted <= 1
            continue
        try:
            found = METHODS[method](open_client())
        except StorageError:
            # The library for buckets tries again by itself, but not after everything.
            assert _is_of_the_bucket(filled.asked[wrong])
            filled.begin()
            found = METHODS[method](open_client())
        else:
            _check_requests(filled.asked, plain, filled.asked[wrong])
        assert found == expected


def _check_requests(asked: list[str], plain: list[str], wrong: str) -> None:
    """The requests are those of a run in which nothing goes wrong, and another one for that."""
    more = Counter(asked) - Counter(plain)
    if _is_of_the_bucket(wrong):
        assert more.total() <= 2
    else:
        assert more == {wrong: 1}
        assert not Counter(plain) - Counter(asked)


@every_method
@pytest.mark.parametrize("name", FAULTS)
def test_what_stays_wrong_is_given_up(
    filled: Any, open_client: Callable[..., Any], faults: dict[str, Any], method: str, name: str
) -> None:
    filled.begin(lambda number, line: None if _is_of_the_bucket(line) else faults[name])
    began = time.monotonic()
    with pytest.raises(PolarisError) as caught:
        METHODS[method](open_client())
    assert caught.value.message
    assert caught.value.hint
    assert caught.value.exit_code == 7
    once = filled.asked[0].startswith("POST /api/v") and name not in TURNED_AWAY
    assert Counter(filled.asked) == {filled.asked[0]: 1 if once else ATTEMPTS}
    assert time.monotonic() - began < 60


@every_method
def test_a_hub_that_drips_is_left_at_the_deadline(
    filled: Any, open_client: Callable[..., Any], faults: dict[str, Any], method: str
) -> None:
    filled.begin(lambda number, line: None if _is_of_the_bucket(line) else faults["slow drip"])
    began = time.monotonic()
    with pytest.raises(HubUnreachableError):
        METHODS[method](open_client(total_timeout=1.0))
    assert time.monotonic() - began < 30
    assert len(filled.asked) <= ATTEMPTS
