"""From an address and a token to a leaderboard, in processes that have nothing else in common."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import zarr

from polaris.benchmark import BenchmarkV2Specification, SplitV2
from polaris.dataset import ColumnAnnotation, Dataset, DatasetV2
from polaris.errors import ArtifactNotFoundError
from polaris.hub.client import PolarisHubClient
from polaris.hub.settings import PolarisHubSettings
from tests.e2e.serve.servers import SECONDS, Serve
from tests.e2e.served_hubs import OWNER, STRANGER, ServedHub

README = Path(__file__).resolve().parents[3] / "README.md"
MIB = 2**20


def test_the_main_job_of_the_readme_on_a_hub_of_ones_own(
    emptied: ServedHub, tmp_path: Path
) -> None:
    """The code as it stands: with another address, and an owner that the hub knows."""
    [main_job] = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    code = main_job.replace("file:///tmp/my-hub", f"{emptied.url}/").replace("my-lab", "acme")
    assert emptied.url in code
    environment = {
        **emptied.serving.environment,
        "HOME": str(tmp_path),
        "POLARIS_TOKEN": emptied.tokens[OWNER],
    }
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=tmp_path, capture_output=True,
        text=True, timeout=2 * SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "mean-of-training-set" in done.stdout
    for who, arguments in (
        ("nobody", []),
        (STRANGER, ["--statistics"]),
    ):
        shown = emptied.serving.run(
            "--hub", f"{emptied.url}/", "leaderboard", "show", "acme/solubility-split", "--json",
            *arguments, HOME=str(tmp_path / who), POLARIS_TOKEN=emptied.tokens.get(who, ""),
        )  # fmt: skip
        assert shown.returncode == 0, shown.stderr
        assert "mean-of-training-set" in shown.stdout
        json.loads(shown.stdout)


@pytest.mark.parametrize("running", ["cluster"], indirect=True)
def test_large_objects_go_past_the_server(emptied: ServedHub, tmp_path: Path) -> None:
    """By addresses that it has signed, straight between the client and the bucket."""
    noise = np.random.default_rng(0).integers(0, 256, 20 * MIB, dtype="u1")
    root: Any = zarr.open_group(str(tmp_path / "v2.zarr"), mode="w", zarr_format=2)
    for name, values in (("noise", noise.reshape(4, -1)), ("y", np.arange(4.0))):
        chunks = (4, *values.shape[1:])
        root.create_array(name, shape=values.shape, chunks=chunks, dtype=values.dtype,
                          compressors=None)  # fmt: skip
        root[name][...] = values
    zarr.consolidate_metadata(root.store, zarr_format=2)
    dataset = DatasetV2(
        zarr_root_path=str(tmp_path / "v2.zarr"), name="large-one", owner="acme", license="MIT"
    )
    since = len(emptied.serving.log)
    settings = PolarisHubSettings(
        hub_url=f"{emptied.url}/", cache_dir=tmp_path / "cache", token_store="memory"
    )
    with PolarisHubClient(settings, token=emptied.tokens[OWNER], trust_env=False) as client:
        client.upload_dataset(dataset, access="private")
        found: Any = client.get_dataset("acme", "large-one", verify_checksum=True)
        assert found.get_data(3, "noise").tobytes() == noise[-5 * MIB :].tobytes()
    requests = emptied.requests(since=since)
    signed = [r for r in requests if r["route"].endswith("/sign") and r["status"] == 200]
    assert signed
    assert sum(r.get("received", 0) + r.get("sent", 0) for r in requests) < MIB
    # Two processes have answered.
    assert len({r["process"] for r in emptied.requests()}) == 2


def _published(client: PolarisHubClient, folder: Path) -> None:
    """Publish a dataset of each kind, a benchmark on one, and results on that."""
    root: Any = zarr.open_group(str(folder), mode="w", zarr_format=2)
    for name in "AB":
        root.create_array(name, shape=(6,), chunks=(2,), dtype="f8")[...] = np.arange(6.0)
    zarr.consolidate_metadata(root.store, zarr_format=2)
    table = pd.DataFrame({"A": [f"A#{i}" for i in range(6)], "y": range(6)})
    client.upload_dataset(
        Dataset(
            table=table, name="pointers", owner="acme", license="MIT",
            zarr_root_path=str(folder), annotations={"A": ColumnAnnotation(is_pointer=True)},
        ),
        access="public",
    )  # fmt: skip
    archive = DatasetV2(zarr_root_path=str(folder), name="archive", owner="acme", license="MIT")
    client.upload_dataset(archive, access="private")
    benchmark = BenchmarkV2Specification(
        dataset=archive, target_cols=["B"], input_cols=["A"], name="folds", owner="acme",
        splits={"fold-a": SplitV2(training=[0, 1], test=[2, 4])},
        metrics=["mean_absolute_error"], main_metric="mean_absolute_error",
    )  # fmt: skip
    client.upload_benchmark(benchmark, access="private")


def _check(client: PolarisHubClient) -> None:
    """Read it again, every byte verified."""
    pointers: Any = client.get_dataset("acme", "pointers", verify_checksum=True)
    assert [pointers.get_data(row, "A") for row in pointers.rows] == list(range(6))
    archive: Any = client.get_dataset("acme", "archive", verify_checksum=True)
    assert [archive.get_data(row, "B") for row in range(6)] == list(range(6))
    folds: Any = client.get_benchmark("acme", "folds", verify_checksum=True)
    assert [list(split.test) for split in folds.splits.values()] == [[2, 4]]


def test_a_folder_is_served_as_it_was_and_is_a_folder_again(tmp_path: Path) -> None:
    folder, home = tmp_path / "hub", tmp_path / "home"
    home.mkdir()
    local = PolarisHubSettings(hub_url=folder.as_uri(), cache_dir=tmp_path / "one")
    with PolarisHubClient(local) as client:
        _published(client, tmp_path / "first.zarr")
    serve = Serve(home)
    try:
        serving = serve(data=folder)
        added = serving.run("hub", "org", "add", "acme", "--owner", "admin", "--data", str(folder))
        assert added.returncode == 0, added.stderr
        remote = PolarisHubSettings(
            hub_url=f"{serving.url}/", cache_dir=tmp_path / "two", token_store="memory"
        )
        with PolarisHubClient(remote, trust_env=False) as nobody:
            assert nobody.list_datasets() == ["acme/pointers"]
            with pytest.raises(ArtifactNotFoundError):
                nobody.get_benchmark("acme", "folds")
        with PolarisHubClient(remote, token=serving.token(), trust_env=False) as admin:
            _check(admin)
            results = admin.get_benchmark("acme", "folds").evaluate([2.0, 5.0])
            results.name = "served"
            admin.upload_results(results, access="private", owner="acme")
            # The folder is a hub of its own all the while.
            with PolarisHubClient(local) as client:
                _check(client)
                [found] = client.list_results()
                assert client.get_results(*found.split("/")).results["Score"].tolist() == [0.5]
                client.upload_dataset(client.get_dataset("acme", "pointers"), access="public")
                renamed = Dataset(
                    table=pd.DataFrame({"y": [1, 2]}), name="later", owner="acme", license="MIT"
                )
                client.upload_dataset(renamed, access="private")
            later: Any = admin.get_dataset("acme", "later", verify_checksum=True)
            assert later.table["y"].tolist() == [1, 2]
        assert serving.stop() == 0
    finally:
        serve.close()
    with PolarisHubClient(local) as client:
        _check(client)
        assert len(client.list_results()) == 1
