"""polaris-lib 0.12.1, as it is released, with a hub of ours: the last one that uploads datasets."""

from __future__ import annotations

import asyncio
import textwrap
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import zarr

from polaris.benchmark import BenchmarkV2Specification, SplitV2
from polaris.dataset import DatasetV2
from polaris.errors import ArtifactNotFoundError
from polaris.hub.client import PolarisHubClient
from polaris.ports.storage import StoragePort
from tests.e2e.served_hubs import OWNER, PASSWORD, STRANGER

pytestmark = [pytest.mark.slow, pytest.mark.network, pytest.mark.timeout(600)]

SIGNED_IN = {"POLARIS_USERNAME": OWNER, "POLARIS_PASSWORD": PASSWORD}

UPLOAD = """
from polaris.hub.client import PolarisHubClient
from polaris.dataset import DatasetV1, DatasetV2, ColumnAnnotation
from polaris.benchmark import SingleTaskBenchmarkSpecification, BenchmarkV2Specification
from polaris.benchmark._split_v2 import SplitV2, IndexSet

NAMED = dict(owner="acme", license="MIT")

def archive(path, **columns):
    root = zarr.open(str(HERE / path), "w")
    for name, values in columns.items():
        root.array(name, data=values, chunks=(2, *values.shape[1:]))
    zarr.consolidate_metadata(root.store)
    return str(HERE / path)

table = pd.DataFrame({"smiles": ["CCO", "CCN", "CCC", "CCCl"], "y": [0.1, 0.2, 0.3, 0.4]})
data_v1 = DatasetV1(table=table, name="Data_v1", **NAMED)
path = archive("img.zarr", img=np.arange(24, dtype="u1").reshape(4, 2, 3))
pointers = pd.DataFrame({"img": [f"img#{i}" for i in range(4)], "y": range(4)})
data_zarr = DatasetV1(table=pointers, name="data-zarr", zarr_root_path=path,
                      annotations={"img": ColumnAnnotation(is_pointer=True)}, **NAMED)
path = archive("v2.zarr", A=np.arange(6.0), B=np.array([0.0, 0, 0, 0, 5, 6]))
data_v2 = DatasetV2(zarr_root_path=path, name="data-v2", **NAMED)
bench_v1 = SingleTaskBenchmarkSpecification(
    dataset=data_v1, target_cols="y", input_cols="smiles", split=([0, 1], [2, 3]),
    metrics=["mean_absolute_error", "r2"], main_metric="r2", name="bench-v1", owner="acme")
split = SplitV2(training=IndexSet(indices=[0, 1]), test=IndexSet(indices=[2, 4]))
bench_v2 = BenchmarkV2Specification(
    dataset=data_v2, target_cols=["B"], input_cols=["A"], split=split,
    metrics=["mean_absolute_error"], main_metric="mean_absolute_error", name="bench-v2",
    owner="acme")
ACCESS = os.environ["ACCESS"]
with PolarisHubClient() as client:
    for dataset in (data_v1, data_zarr, data_v2):
        client.upload_dataset(dataset, access=ACCESS)
    for benchmark in (bench_v1, bench_v2):
        client.upload_benchmark(benchmark, access=ACCESS)
"""

READ = """
from polaris.hub.client import PolarisHubClient
with PolarisHubClient() as client:
    out = {"datasets": client.list_datasets(), "benchmarks": client.list_benchmarks()}
    d = client.get_dataset("acme", "data-v1")
    out["table"] = [d.table["y"].tolist(), d.md5sum]
    d = client.get_dataset("acme", "data-zarr")
    out["img"] = d.get_data(d.rows[2], "img").tolist()
    d = client.get_dataset("acme", "data-v2")
    out["v2"] = [d.get_data(i, "B") for i in range(6)]
    b = client.get_benchmark("acme", "bench-v1")
    out["v1 split"] = [len(part) for part in b.get_train_test_split()]
    b = client.get_benchmark("acme", "bench-v2")
    out["v2 split"] = [list(b.split.training.indices), list(b.split.test.indices)]
out = json.loads(json.dumps(out, default=float))
"""

EXPECTED = {
    "datasets": ["acme/data-v2", "acme/data-zarr", "acme/data-v1"],
    "benchmarks": ["acme/bench-v2", "acme/bench-v1"],
    "table": [[0.1, 0.2, 0.3, 0.4], "a2e25d02e5b265ca6311c7ae70ce8c98"],
    "img": [[12, 13, 14], [15, 16, 17]],
    "v2": [0.0, 0.0, 0.0, 0.0, 5.0, 6.0],
    "v1 split": [2, 2],
    "v2 split": [[0, 1], [2, 4]],
}


def check(client: PolarisHubClient) -> None:
    """Read with our client, every byte verified, what the released one has uploaded."""
    first: Any = client.get_dataset("acme", "data-v1", verify_checksum=True)
    assert first.table["y"].tolist() == [0.1, 0.2, 0.3, 0.4]
    with_archive = client.get_dataset("acme", "data-zarr", verify_checksum=True)
    image = with_archive.get_data(with_archive.rows[2], "img")
    assert image.tolist() == [[12, 13, 14], [15, 16, 17]]
    archive = client.get_dataset("acme", "data-v2", verify_checksum=True)
    assert [archive.get_data(i, "B") for i in range(6)] == [0.0, 0.0, 0.0, 0.0, 5.0, 6.0]
    benchmark: Any = client.get_benchmark("acme", "bench-v1", verify_checksum=True)
    assert [len(part) for part in benchmark.get_train_test_split()] == [2, 2]
    assert benchmark.main_metric.name == "r2"
    second: Any = client.get_benchmark("acme", "bench-v2", verify_checksum=True)
    assert [list(second.split.training), list(second.split.test)] == [[0, 1], [2, 4]]


async def names_in(store: StoragePort) -> set[str]:
    """Return what the objects of a store are called."""
    return {stat.key.rpartition("/")[2] async for page in store.list() for stat in page}


@pytest.mark.parametrize(
    ("running", "access", "road"),
    [
        ("folder", "public", "password"),
        ("folder", "private", "browser"),
        ("cluster", "public", "browser"),
    ],
    indirect=["running"],
)
def test_what_it_uploads_it_reads_again_and_so_does_our_client(
    hub: Any, access: str, road: str
) -> None:
    signed_in = SIGNED_IN
    if road == "browser":
        hub.sign_in("0.12.1")
        signed_in = {}
    hub.run("0.12.1", UPLOAD, ACCESS=access, **signed_in)
    assert hub.run("0.12.1", READ, **signed_in) == EXPECTED
    with hub.client() as ours:
        check(ours)
    with hub.client(generation="g2") as ours:
        check(ours)
    with hub.client(token=None) as nobody:
        if access == "public":
            check(nobody)
            assert hub.run("0.13.0", READ) == EXPECTED, "the next release reads it too"
        else:
            assert nobody.list_datasets() == []
            with pytest.raises(ArtifactNotFoundError):
                nobody.get_dataset("acme", "data-v1")
    assert asyncio.run(names_in(hub.hub.ports.incoming)) == {"announced.json"}


AGAIN = UPLOAD.replace(
    "client.upload_dataset(dataset, access=ACCESS)",
    'client.upload_dataset(dataset, access=ACCESS, if_exists="skip")',
)

NEXT = (
    UPLOAD[: UPLOAD.index("table = pd.DataFrame")]
    + """
rng = np.random.default_rng(0)
table = pd.DataFrame({"noise": [rng.bytes(1_000_000).hex() for _ in range(12)]})
with PolarisHubClient() as client:
    # Above 10 MiB, a file is sent in parts.
    client.upload_dataset(DatasetV1(table=table, name="large-one", **NAMED), access="public")
    older = DatasetV1(table=table[:2], name="small-one", **NAMED)
    client.upload_dataset(older, access="public")
    newer = DatasetV1(table=table[:3], name="small-one", description="newer", **NAMED)
    client.upload_dataset(newer, access="public", parent_artifact_id="acme/small-one")
"""
)


@pytest.mark.parametrize("running", ["folder", "cluster"], indirect=True)
def test_uploads_again_in_parts_and_as_new_versions(hub: Any) -> None:
    hub.run("0.12.1", UPLOAD, ACCESS="private", **SIGNED_IN)
    hub.run("0.12.1", AGAIN, ACCESS="private", **SIGNED_IN)
    hub.run("0.12.1", NEXT, **SIGNED_IN)
    with hub.client() as ours:
        check(ours)
        large = ours.get_dataset("acme", "large-one", verify_checksum=True)
        assert large.table["noise"].str.len().tolist() == [2_000_000] * 12
        newer = ours.get_dataset("acme", "small-one", verify_checksum=True)
        assert (len(newer), newer.artifact_version) == (3, 2)


def test_a_wrong_password_and_a_strangers_right(hub: Any) -> None:
    wrong = """
from polaris.hub.client import PolarisHubClient
try:
    with PolarisHubClient() as client:
        client.list_datasets()
except Exception as error:
    out = [type(error).__name__, str(error)]
"""
    name, text = hub.run("0.12.1", wrong, POLARIS_USERNAME=OWNER, POLARIS_PASSWORD="not the word")
    assert "invalid_grant" in text, name
    stranger = {"POLARIS_USERNAME": STRANGER, "POLARIS_PASSWORD": PASSWORD}
    refused = f"try:\n{textwrap.indent(UPLOAD, '    ')}\n"
    refused += "except Exception as error:\n    out = type(error).__name__\n"
    assert hub.run("0.12.1", refused, ACCESS="public", **stranger) == "PolarisCreateArtifactError"


def test_what_our_client_uploads_on_the_same_wire_it_reads(hub: Any, tmp_path: Any) -> None:
    root: Any = zarr.open_group(str(tmp_path / "v2.zarr"), mode="w", zarr_format=2)
    for name, values in (("A", np.arange(6.0)), ("B", np.array([0.0, 0, 0, 0, 5, 6]))):
        root.create_array(name, shape=(6,), chunks=(2,), dtype="f8")
        root[name][...] = values
    zarr.consolidate_metadata(root.store, zarr_format=2)
    archive = DatasetV2(
        zarr_root_path=str(tmp_path / "v2.zarr"), name="data-v2", owner="acme", license="MIT"
    )
    second = BenchmarkV2Specification(
        dataset=archive, target_cols=["B"], input_cols=["A"],
        splits=SplitV2(training=[0, 1], test=[2, 4]), metrics=["mean_absolute_error"],
        main_metric="mean_absolute_error", name="bench-v2", owner="acme",
    )  # fmt: skip
    with hub.client(generation="g2") as ours:
        ours.upload_dataset(archive, access="private")
        ours.upload_benchmark(second, access="private")
    read = """
from polaris.hub.client import PolarisHubClient
with PolarisHubClient() as client:
    b = client.get_benchmark("acme", "bench-v2")
    out = [list(b.split.test.indices), [float(b.dataset.get_data(i, "B")) for i in range(6)]]
"""
    assert hub.run("0.12.1", read, **SIGNED_IN) == [[2, 4], [0.0, 0.0, 0.0, 0.0, 5.0, 6.0]]


BREAKS_OFF = (
    """
from polaris.hub.storage import S3Store
def broken(self, source, **keywords):
    self["A/0"] = source["A/0"]
    raise KeyboardInterrupt
S3Store.copy_from_source = broken
try:
"""
    + textwrap.indent(UPLOAD.replace("(data_v1, data_zarr, data_v2)", "(data_v2,)"), "    ")
    + """
except KeyboardInterrupt:
    out = "broken off"
"""
)


def test_an_upload_that_broke_off_goes_on_after_the_hub_was_started_anew(
    hub: Any, beside: Callable[..., Any]
) -> None:
    assert hub.run("0.12.1", BREAKS_OFF, ACCESS="public", **SIGNED_IN) == "broken off"
    with hub.client() as ours:
        assert ours.list_datasets() == []
    # The token that the client has kept is good there too.
    second = beside()
    second.run("0.12.1", UPLOAD, ACCESS="public", **SIGNED_IN)
    with second.client() as ours:
        check(ours)
