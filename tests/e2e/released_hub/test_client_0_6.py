"""polaris-lib 0.6.0, as it is released, with a hub of ours: the oldest generation of the wire."""

from __future__ import annotations

from typing import Any

import pytest

from polaris.hub.client import PolarisHubClient
from tests.e2e.served_hubs import OWNER, PASSWORD

pytestmark = [pytest.mark.slow, pytest.mark.network, pytest.mark.timeout(600)]

UPLOAD = """
from polaris.hub.client import PolarisHubClient
from polaris.dataset import Dataset, ColumnAnnotation
from polaris.benchmark import SingleTaskBenchmarkSpecification
from polaris.evaluate import BenchmarkResults

table = pd.DataFrame({"smiles": ["CCO", "CCN", "CCC", "CCCl"], "y": [0.1, 0.2, 0.3, 0.4]})
NAMED = dict(owner="acme", license="MIT")
data_v1 = Dataset(table=table, name="Data_v1", **NAMED)
root = zarr.open(str(HERE / "img.zarr"), "w")
root.array("img", data=np.arange(24, dtype="u1").reshape(4, 2, 3), chunks=(1, 2, 3))
zarr.consolidate_metadata(root.store)
pointers = pd.DataFrame({"img": [f"img#{i}" for i in range(4)], "y": range(4)})
data_zarr = Dataset(table=pointers, name="data_zarr", zarr_root_path=str(HERE / "img.zarr"),
                    annotations={"img": ColumnAnnotation(is_pointer=True)}, **NAMED)
bench = SingleTaskBenchmarkSpecification(
    dataset=data_v1, target_cols="y", input_cols="smiles", split=([0, 1], [2, 3]),
    metrics=["mean_absolute_error", "r2"], main_metric="mean_absolute_error", name="bench_v1",
    owner="acme")
with PolarisHubClient() as client:
    client.upload_dataset(data_v1, access="private")
    client.upload_dataset(data_zarr, access="private")
    client.upload_benchmark(bench, access="private")
    results = bench.evaluate(np.array([0.35, 0.35]))
    results.name, results.github_url = "res_one", "https://x.example/c"
    results.contributors = ["bobby"]
    client.upload_results(results, access="private", owner="alice-u")
"""

READ = """
from polaris.hub.client import PolarisHubClient
with PolarisHubClient() as client:
    out = {"datasets": client.list_datasets(), "benchmarks": client.list_benchmarks()}
    d = client.get_dataset("acme", "data-v1")
    out["table"] = d.table["y"].tolist()
    d = client.get_dataset("acme", "data-zarr")
    out["img"] = d.get_data(d.rows[2], "img").tolist()
    b = client.get_benchmark("acme", "bench-v1")
    out["split"] = [len(part) for part in b.get_train_test_split()]
out = json.loads(json.dumps(out, default=float))
"""

SIGNED_IN = {"POLARIS_USERNAME": OWNER, "POLARIS_PASSWORD": PASSWORD}
LATER = """
from polaris.hub.client import PolarisHubClient
with PolarisHubClient() as client:
    out = [client.get_dataset("acme", "data-v1").table["y"].tolist()]
    d = client.get_dataset("acme", "data-zarr")
    out.append(d.get_data(d.rows[2], "img").tolist())
"""


@pytest.mark.parametrize("running", ["folder", "cluster"], indirect=True)
def test_what_it_uploads_it_reads_again_and_so_does_our_client(
    hub: Any, ours: PolarisHubClient
) -> None:
    hub.sign_in("0.6.0")
    hub.run("0.6.0", UPLOAD)
    assert hub.run("0.6.0", READ) == {
        "datasets": ["acme/data-zarr", "acme/data-v1"],
        "benchmarks": ["acme/bench_v1"],
        "table": [0.1, 0.2, 0.3, 0.4],
        "img": [[12, 13, 14], [15, 16, 17]],
        "split": [2, 2],
    }
    assert hub.run("0.12.1", LATER, **SIGNED_IN) == [
        [0.1, 0.2, 0.3, 0.4],
        [[12, 13, 14], [15, 16, 17]],
    ]
    first: Any = ours.get_dataset("acme", "data-v1", verify_checksum=True)
    assert first.table["y"].tolist() == [0.1, 0.2, 0.3, 0.4]
    second = ours.get_dataset("acme", "data-zarr", verify_checksum=True)
    assert second.get_data(second.rows[2], "img").tolist() == [[12, 13, 14], [15, 16, 17]]
    benchmark = ours.get_benchmark("acme", "bench-v1", verify_checksum=True)
    assert len(benchmark.metrics) == 2
    results = ours.get_results("alice-u", "res-one")
    assert results.benchmark_artifact_id == "acme/bench-v1"
    assert results.github_url == "https://x.example/c"
