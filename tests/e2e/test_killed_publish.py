"""A publication that is killed leaves the hub whole, and running it again completes it."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import zarr

from polaris.dataset import ColumnAnnotation, Dataset
from polaris.errors import ArtifactNotFoundError
from polaris.hub.client import PolarisHubClient
from polaris.hub.settings import PolarisHubSettings

KILLS = 24
ROWS = 60

PUBLISH = """
import sys
from polaris.hub.artifacts.dataset import Dataset
from polaris.hub.client import PolarisHubClient
from polaris.hub.settings import PolarisHubSettings

dataset = Dataset.from_json(sys.argv[1], verify_checksum=False)
client = PolarisHubClient(PolarisHubSettings(hub_url=sys.argv[2]))
print("ready", flush=True)
sys.stdin.readline()
client.upload_dataset(dataset)
print("done", flush=True)
"""


def _dataset(folder: Path, fill: float) -> Dataset:
    root = zarr.open_group(str(folder / "data.zarr"), mode="w", zarr_format=2)
    array = root.create_array("a", shape=(ROWS, 64), chunks=(1, 64), dtype="float64")
    array[:] = fill + np.arange(ROWS * 64).reshape(ROWS, 64)
    zarr.consolidate_metadata(root.store)
    return Dataset(
        name="big_one",
        owner="acme",
        license="MIT",
        table=pd.DataFrame({"a": [f"a#{i}" for i in range(ROWS)], "y": np.full(ROWS, fill)}),
        zarr_root_path=str(folder / "data.zarr"),
        annotations={"a": ColumnAnnotation(is_pointer=True)},
    )


def _start(document: str, hub_url: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(  # noqa: S603  the program is ours
        [sys.executable, "-c", PUBLISH, document, hub_url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def _publish_for(seconds: float | None, document: str, hub_url: str) -> bool:
    """Publish in a process that is killed after so many seconds; tell whether it had finished."""
    process = _start(document, hub_url)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("go\n")
    process.stdin.flush()
    if seconds is not None:
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
    finished = process.stdout.read() == "done\n"
    process.wait()
    process.stdin.close()
    process.stdout.close()
    return finished


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_killing_a_publication_at_random_moments_never_shows_half_a_dataset(
    tmp_path: Path,
) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")  # noqa: T201  shown when the test fails
    dice = random.Random(seed)  # noqa: S311  no secret
    hub_url = (tmp_path / "hub").as_uri()
    versions = [_dataset(tmp_path / f"v{i}", float(i)) for i in range(2)]
    documents = [version.to_json(tmp_path / f"saved{i}") for i, version in enumerate(versions)]
    began = time.monotonic()
    assert _publish_for(None, documents[0], (tmp_path / "trial").as_uri())
    whole = time.monotonic() - began

    expected: Dataset | None = None
    interrupted = 0
    for kill in range(KILLS):
        version = kill % 2
        finished = _publish_for(dice.uniform(0, whole * 0.6), documents[version], hub_url)
        interrupted += not finished
        with PolarisHubClient(PolarisHubSettings(hub_url=hub_url)) as client:
            try:
                seen = client.get_dataset("acme", "big-one")
            except ArtifactNotFoundError:
                assert expected is None
                assert not finished
                assert client.list_datasets() == []
                continue
            # What is seen is a whole version: the one before, or the new one, fully verified.
            assert seen in [v for v in (expected, versions[version]) if v is not None]
            if finished:
                assert seen == versions[version]
            expected = seen
    assert interrupted >= KILLS // 4

    for version in (0, 1):
        assert _publish_for(None, documents[version], hub_url)
        with PolarisHubClient(PolarisHubSettings(hub_url=hub_url)) as client:
            assert client.get_dataset("acme", "big-one") == versions[version]
            assert client.list_datasets() == ["acme/big-one"]
