"""A publication that is killed leaves the hub whole, and running it again completes it."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
import zarr

from polaris.dataset import ColumnAnnotation, Dataset
from polaris.errors import ArtifactNotFoundError
from polaris.hub.client import PolarisHubClient
from polaris.hub.settings import PolarisHubSettings

if TYPE_CHECKING:
    from tests.e2e.conftest import RunKilled

KILLS = 24
ROWS = 60

PUBLISH = """
import sys
import time
from polaris.hub.artifacts.dataset import Dataset
from polaris.hub.client import PolarisHubClient
from polaris.hub.settings import PolarisHubSettings

dataset = Dataset.from_json(sys.argv[1], verify_checksum=False)
client = PolarisHubClient(PolarisHubSettings(hub_url=sys.argv[2]))
print("ready", flush=True)
sys.stdin.readline()
began = time.monotonic()
client.upload_dataset(dataset)
print("done", time.monotonic() - began, flush=True)
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


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_killing_a_publication_at_random_moments_never_shows_half_a_dataset(
    tmp_path: Path, run_killed: RunKilled
) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    hub_url = (tmp_path / "hub").as_uri()
    trial = _dataset(tmp_path / "trial", -1.0).to_json(tmp_path / "trial" / "saved")
    whole = run_killed(PUBLISH, trial, (tmp_path / "trial" / "hub").as_uri())
    assert whole is not None

    version, interrupted = 0, 0
    before: Dataset | None = None
    wanted = _dataset(tmp_path / "v0", 0.0)
    for _ in range(KILLS):
        document = wanted.to_json(tmp_path / f"saved{version}")
        took = run_killed(PUBLISH, document, hub_url, kill_after=dice.uniform(0, whole * 1.1))
        finished = took is not None
        interrupted += not finished
        # The first one may have been slow because the machine was busy with other things.
        whole = whole if took is None else min(whole, took)
        seen = _seen(hub_url)
        # What is seen is a whole version: the one before, or the new one, fully verified. A process
        # may have been killed after its commit and before it could say so.
        assert (seen is None and before is None and not finished) or seen in (before, wanted)
        if finished:
            assert seen == wanted
        if seen == wanted:
            version, before = version + 1, wanted
            wanted = _dataset(tmp_path / f"v{version}", float(version))
    assert interrupted >= KILLS // 4

    document = wanted.to_json(tmp_path / f"saved{version}")
    assert run_killed(PUBLISH, document, hub_url) is not None
    assert _seen(hub_url) == wanted


def _seen(hub_url: str) -> Dataset | None:
    """Return what a reader gets, verified; None where there is nothing."""
    with PolarisHubClient(PolarisHubSettings(hub_url=hub_url)) as client:
        try:
            found = client.get_dataset("acme", "big-one")
        except ArtifactNotFoundError:
            assert client.list_datasets() == []
            return None
        assert client.list_datasets() == ["acme/big-one"]
        assert isinstance(found, Dataset)
        return found
