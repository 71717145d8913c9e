"""A hub whose objects are in a bucket, and a client that speaks S3 with it, in one process.

Both wait for stores on threads. They used to wait for each other's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr

from polaris.application.scoped_storage import ScopedStorage
from polaris.dataset import DatasetV2
from polaris.domain.identity import HubOwner
from polaris.domain.secret import Secret
from polaris.hub.client import PolarisHubClient
from polaris.hub.settings import PolarisHubSettings
from polaris.ports.auth import Identity
from polaris.testing import InMemoryArtifacts
from polaris_adapters.hub_server import Caller, Hub, KnownTokens, create_app
from polaris_adapters.hub_server.released import KnownSignIns, mount_released, released_wire
from polaris_adapters.object_store import RevisionStorage
from polaris_adapters.object_store.bucket import BucketStorage
from polaris_adapters.system_clock import SystemClock
from polaris_adapters.zarr_arrays import ZarrArchives
from tests.served_apps import served_app

pytestmark = [
    pytest.mark.slow,
    pytest.mark.network,
    pytest.mark.timeout(240),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

ROWS = 120


@pytest.fixture
def url(open_bucket: Callable[[], BucketStorage]) -> Iterator[str]:
    bucket, clock = open_bucket(), SystemClock()
    alice = Caller(Identity(HubOwner("alice-u", type="user"), "alice@example.org"), {"acme"})
    hub = Hub(
        InMemoryArtifacts(clock),
        RevisionStorage(ScopedStorage(bucket, "objects")),
        KnownTokens({Secret("token-of-alice"): alice}),
        clock,
    )
    wire = released_wire(
        hub,
        KnownSignIns({"alice": (Secret("a password"), alice)}, {}),
        incoming=ScopedStorage(bucket, "incoming"),
        archives=ZarrArchives(),
    )
    app = mount_released(create_app(wire.hub), wire)
    with served_app(app) as address:
        yield address


def test_an_archive_goes_there_and_back(url: str, tmp_path: Path) -> None:
    path = tmp_path / "data.zarr"
    root: Any = zarr.open_group(str(path), mode="w", zarr_format=2)
    array = root.create_array("x", shape=(ROWS,), chunks=(2,), dtype="f8")
    array[:] = np.arange(1.0, ROWS + 1)
    zarr.consolidate_metadata(root.store, zarr_format=2)
    dataset = DatasetV2(name="chunks", owner="acme", license="MIT", zarr_root_path=str(path))
    settings = PolarisHubSettings(
        hub_url=url, cache_dir=tmp_path / "cache", generation="g2", token_store="memory"
    )
    with PolarisHubClient(settings, token="token-of-alice") as client:
        client.upload_dataset(dataset, access="private")
        loaded: Any = client.get_dataset("acme", "chunks")
        assert [loaded[i]["x"] for i in (0, 77, ROWS - 1)] == [1.0, 78.0, float(ROWS)]
