"""Several processes write one hub at the same moment."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from polaris.hub.client import PolarisHubClient
from polaris.hub.settings import PolarisHubSettings

WRITE = """
import sys
import pandas as pd
from polaris.dataset import Dataset
from polaris.hub.client import PolarisHubClient
from polaris.hub.settings import PolarisHubSettings

worker = sys.argv[2]
table = pd.DataFrame({"x": [1, 2, 3], "y": [0.5, 1.5, float(worker)]})
sys.stdin.readline()
with PolarisHubClient(PolarisHubSettings(hub_url=sys.argv[1])) as client:
    for number in range(5):
        client.upload_dataset(
            Dataset(name=f"own_{worker}_{number}", owner="acme", license="MIT", table=table)
        )
        client.upload_dataset(
            Dataset(name="shared_one", owner="acme", license="MIT", table=table)
        )
"""


def test_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    hub_url = (tmp_path / "hub").as_uri()
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITE, hub_url, str(worker)],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for worker in range(4)
    ]
    outcomes = [worker.communicate("go\n") for worker in workers]
    assert [worker.returncode for worker in workers] == [0] * 4, outcomes
    with PolarisHubClient(PolarisHubSettings(hub_url=hub_url)) as client:
        names = client.list_datasets()
        assert sorted(names) == sorted(
            [f"acme/own-{w}-{n}" for w in range(4) for n in range(5)] + ["acme/shared-one"]
        )
        for name in names:
            owner, slug = name.split("/")
            assert client.get_dataset(owner, slug).n_rows == 3
        last = client.get_record("dataset", "acme", "shared-one")
        assert last.number >= 4
