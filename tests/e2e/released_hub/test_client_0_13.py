"""polaris-lib 0.13.0, as it is released, with a hub of ours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
import zarr

from polaris.benchmark import BenchmarkV2Specification, SingleTaskBenchmarkSpecification, SplitV2
from polaris.competition import CompetitionSpecification
from polaris.dataset import ColumnAnnotation, Dataset, DatasetV2
from polaris.errors import PolarisHubError
from polaris.hub.client import PolarisHubClient
from tests.e2e.served_hubs import OWNER, PASSWORD

pytestmark = [pytest.mark.slow, pytest.mark.network, pytest.mark.timeout(600)]

NAMED: dict[str, Any] = {"owner": "acme", "license": "MIT"}
SIGNED_IN = {"POLARIS_USERNAME": OWNER, "POLARIS_PASSWORD": PASSWORD}


def archive_at(path: Any, **columns: Any) -> str:
    """Write an archive of format 2 and return its path."""
    root: Any = zarr.open_group(str(path), mode="w", zarr_format=2)
    for name, values in columns.items():
        array = np.asarray(values)
        root.create_array(name, shape=array.shape, chunks=(2, *array.shape[1:]), dtype=array.dtype)
        root[name][...] = array
    zarr.consolidate_metadata(root.store, zarr_format=2)
    return str(path)


@pytest.fixture
def published(ours: PolarisHubClient, tmp_path: Any) -> PolarisHubClient:
    """A dataset of each kind, and a benchmark on each."""
    table = pd.DataFrame({"smiles": ["CCO", "CCN", "CCC", "CCCl"], "y": [0.1, 0.2, 0.3, 0.4]})
    dataset = Dataset(table=table, name="Data_v1", **NAMED)
    ours.upload_dataset(dataset, access="public")
    benchmark = SingleTaskBenchmarkSpecification(
        dataset=dataset, target_cols="y", input_cols="smiles", split=([0, 1], [2, 3]),
        metrics=["mean_absolute_error"], main_metric="mean_absolute_error", name="bench-v1",
        owner="acme",
    )  # fmt: skip
    ours.upload_benchmark(benchmark, access="public")
    path = archive_at(tmp_path / "img.zarr", img=np.arange(24, dtype="u1").reshape(4, 2, 3))
    pointers = pd.DataFrame({"img": [f"img#{i}" for i in range(4)], "y": range(4)})
    with_archive = Dataset(
        table=pointers, name="data-zarr", zarr_root_path=path,
        annotations={"img": ColumnAnnotation(is_pointer=True)}, **NAMED,
    )  # fmt: skip
    ours.upload_dataset(with_archive, access="public")
    values = np.array([0.0, 0, 0, 0, 5, 6])
    odd = {"my col é+(1)": np.arange(6.0)}
    path = archive_at(tmp_path / "v2.zarr", A=np.arange(6.0), B=values, **odd)
    # Chunks of nothing but the fill value need not be there.
    (tmp_path / "v2.zarr" / "B" / "1").unlink(missing_ok=True)
    archive = DatasetV2(zarr_root_path=path, name="data-v2", **NAMED)
    ours.upload_dataset(archive, access="public")
    second = BenchmarkV2Specification(
        dataset=archive, target_cols=["B"], input_cols=["A"],
        splits=SplitV2(training=[0, 1], test=[2, 4]), metrics=["mean_absolute_error"],
        main_metric="mean_absolute_error", name="bench-v2", owner="acme",
    )  # fmt: skip
    ours.upload_benchmark(second, access="public")
    return ours


READ = """
from polaris.hub.client import PolarisHubClient
with PolarisHubClient() as client:
    out = {"datasets": client.list_datasets(), "benchmarks": client.list_benchmarks()}
    d = client.get_dataset("acme", "data-v1")
    out["table"] = d.table["y"].tolist()
    d = client.get_dataset("acme", "data-zarr")
    out["img"] = d.get_data(d.rows[2], "img").tolist()
    d = client.get_dataset("acme", "data-v2")
    out["v2"] = [d.get_data(i, "B") for i in range(6)]
    d.cache()
    out["cached"] = [d.get_data(i, "my col é+(1)") for i in range(1, 6)]
    b = client.get_benchmark("acme", "bench-v1")
    train, test = b.get_train_test_split()
    out["v1 split"] = [len(train), len(test)]
    b = client.get_benchmark("acme", "bench-v2")
    train, test = b.get_train_test_split()
    out["v2 split"] = [len(train), [len(t) for t in test.values()]]
    out["score"] = b.evaluate(np.array([1.0, 2.0])).results["Score"].tolist()
out = json.loads(json.dumps(out, default=float))
"""


def test_it_reads_what_is_public_without_signing_in(hub: Any, published: Any) -> None:
    found = hub.run("0.13.0", READ)
    assert found == {
        "datasets": ["acme/data-v2", "acme/data-zarr", "acme/data-v1"],
        "benchmarks": ["acme/bench-v2", "acme/bench-v1"],
        "table": [0.1, 0.2, 0.3, 0.4],
        "img": [[12, 13, 14], [15, 16, 17]],
        "v2": [0.0, 0.0, 0.0, 0.0, 5.0, 6.0],
        "cached": [1.0, 2.0, 3.0, 4.0, 5.0],
        "v1 split": [2, 2],
        "v2 split": [2, [2]],
        "score": [2.0],
    }


WRITE = """
from polaris.hub.client import PolarisHubClient
from polaris.model import Model
from polaris.evaluate import BenchmarkResultsV1, BenchmarkResultsV2
with PolarisHubClient() as client:
    model = Model(name="My_Model", description="d", code_url="https://x.example/c", owner="acme")
    client.upload_model(model, owner="acme")
    for name, label, extra in (("res-one", "y", {}), ("res-two", "B", {"model": model})):
        scores = [{"test_set": "test", "target_label": label,
                   "scores": {"mean_absolute_error": 2.0}}]
        cls = BenchmarkResultsV2 if extra else BenchmarkResultsV1
        benchmark = "acme/bench-v2" if extra else "acme/bench-v1"
        results = cls(results=scores, benchmark_artifact_id=benchmark, name=name, owner="alice-u",
                      contributors=["bobby"], **extra)
        client.upload_results(results, owner="alice-u")
"""


# What both releases do in the same way is shown for both.
BOTH = pytest.mark.parametrize(
    ("running", "version", "road"),
    [
        ("folder", "0.13.0", "browser"),
        ("folder", "0.12.1", "password"),
        ("cluster", "0.13.0", "password"),
    ],
    indirect=["running"],
)


def sign_in(hub: Any, version: str, road: str) -> dict[str, str]:
    """Return what a client needs to know of its user, who may have signed in before."""
    if road == "password":
        return SIGNED_IN
    hub.sign_in(version)
    return {}


@BOTH
def test_what_it_uploads_is_read_by_our_client(
    hub: Any, published: PolarisHubClient, version: str, road: str
) -> None:
    hub.run(version, WRITE, **sign_in(hub, version, road))
    assert published.get_model("acme/my-model").code_url == "https://x.example/c"
    first = published.get_results("alice-u", "res-one")
    assert (first.benchmark_artifact_id, first.results["Score"].tolist()) == (
        "acme/bench-v1",
        [2.0],
    )
    second = published.get_results("alice-u", "res-two")
    assert (second.model_artifact_id, second.version) == ("acme/my-model", 2)
    with hub.client(token=None) as anonymous:
        assert anonymous.list_models() == [], "clients since 0.13 do not say who may see it"


def test_anonymous_uploads_are_refused(hub: Any, published: Any) -> None:
    code = """
import httpx
url = os.environ["POLARIS_HUB_URL"]
out = [httpx.put(url + "api/v2/model/acme/other", json={"name": "other"}).status_code,
       httpx.post(url + "api/v2/result", json={}).status_code,
       httpx.post(url + "api/v1/competition-prediction", json={}).status_code]
"""
    assert hub.run("0.13.0", code) == [401, 401, 401]


SUBMIT = """
from polaris.hub.client import PolarisHubClient
from polaris.evaluate import CompetitionPredictions
with PolarisHubClient() as client:
    competition = client.get_competition("acme/comp-a")
    train, test = competition.get_train_test_split()
    out = [competition.main_metric.name, [float(competition.get_data(i, "A")) for i in range(6)]]
    predictions = CompetitionPredictions(
        name="pred_one", owner="alice-u", predictions={"test": {"B": [1.0, 2.0]}},
        target_labels=["B"], test_set_labels=["test"], test_set_sizes={"test": 2},
        report_url="https://x.example/report", contributors=["bobby"])
    reply = client.submit_competition_predictions(competition, predictions)
    out.append(reply.status_code)
"""


@BOTH
def test_it_takes_part_in_a_competition(
    hub: Any, ours: PolarisHubClient, tmp_path: Any, version: str, road: str
) -> None:
    path = archive_at(tmp_path / "comp.zarr", A=np.arange(6.0), B=np.arange(6.0))
    now = datetime.now(UTC)
    competition = CompetitionSpecification(
        zarr_root_path=path, name="comp-a", target_cols=["B"], input_cols=["A"],
        split=([0, 1], {"test": [2, 4]}), metrics=["mean_absolute_error"],
        main_metric="mean_absolute_error", start_time=now - timedelta(days=1),
        end_time=now + timedelta(days=1), **NAMED,
    )  # fmt: skip
    ours.upload_competition(competition, access="public")
    found = hub.run(version, SUBMIT, **sign_in(hub, version, road))
    assert found == ["mean_absolute_error", [0.0, 1.0, 2.0, 3.0, 4.0, 5.0], 201]
    record = ours.get("v3/competition-prediction/alice-u/pred-one").json()
    assert record["document"]["predictions"] == {"test": {"B": [1.0, 2.0]}}
    jobs = ours.get("v3/competition-prediction/alice-u/pred-one/jobs").json()["data"]
    assert len(jobs) == 1, "it waits to be scored"
    assert record["access"] == "private"


def test_the_newer_shape_of_benchmarks(hub: Any, beside: Any, tmp_path: Any) -> None:
    """What the versions after 0.13 read; no header tells them apart, so operators choose."""
    newer = beside(POLARIS_SERVER_RELEASED_BENCHMARKS="head")
    values = {"A": np.arange(6.0), "B": np.arange(6.0)}
    archive = DatasetV2(
        zarr_root_path=archive_at(tmp_path / "v2.zarr", **values), name="data-v2", **NAMED
    )
    splits = {
        "fold-a": SplitV2(training=[0, 1], test=[2]),
        "fold-b": SplitV2(training=[0], test=[3, 5]),
    }
    benchmark = BenchmarkV2Specification(
        dataset=archive, target_cols=["B"], input_cols=["A"], splits=splits, name="bench-v2",
        owner="acme",
    )  # fmt: skip
    with hub.client() as ours:
        ours.upload_dataset(archive, access="public")
        ours.upload_benchmark(benchmark, access="public")
    with newer.client(generation="g2", token=None) as nobody:
        loaded: Any = nobody.get_benchmark("acme", "bench-v2")
        assert {name: list(s.test) for name, s in loaded.splits.items()} == {
            "fold-a": [2],
            "fold-b": [3, 5],
        }
    with hub.client(generation="g2", token=None) as nobody:
        with pytest.raises(PolarisHubError) as refused:
            nobody.get_benchmark("acme", "bench-v2")
        assert "2 splits" in str(refused.value)
