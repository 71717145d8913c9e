"""Archives opened with zarr: the suite, and what is particular to zarr."""

from __future__ import annotations

from pathlib import Path

import pytest

from polaris.errors import InvalidDatasetError, PolarisError
from polaris.ports.archives import ArchivePort
from polaris.ports.storage import StoragePort, Write
from polaris.testing.fakes.faulty_storage import Fault, FaultyStorage
from polaris.testing.fakes.in_memory_storage import InMemoryStorage
from polaris.testing.suites.archives import ArchivesSuite
from polaris_adapters.object_store import FolderStorage
from polaris_adapters.zarr_arrays import ZarrArchives


class TestZarrArchives(ArchivesSuite):
    """In memory and in a folder."""

    @pytest.fixture
    def archives(self) -> ArchivePort:
        return ZarrArchives()

    @pytest.fixture(params=["memory", "folder"])
    def storage(self, request: pytest.FixtureRequest, tmp_path: Path) -> StoragePort:
        return InMemoryStorage() if request.param == "memory" else FolderStorage(tmp_path)


@pytest.mark.parametrize(
    ("key", "document"),
    [
        (".zarray", b'{"zarr_format": 2, "shape": [1], "chunks": [1], "dtype": "<f4"}'),
        ("zarr.json", b'{"zarr_format": 3, "node_type": "array", "shape": [1]}'),
    ],
)
async def test_an_archive_whose_root_is_an_array_is_refused(key: str, document: bytes) -> None:
    storage = InMemoryStorage()
    await storage.put([Write(f"a.zarr/{key}", document)])
    with pytest.raises(InvalidDatasetError, match="array, not a group"):
        await ZarrArchives().open_group(storage, "a.zarr", mode="r", consolidated=False)


@pytest.mark.parametrize("mode", ["r", "a"])
async def test_a_store_that_fails_is_not_taken_for_an_archive_that_is_missing(mode: str) -> None:
    storage = FaultyStorage(InMemoryStorage(), fail=Fault("get", times=99))
    with pytest.raises(PolarisError, match="on purpose"):
        await ZarrArchives().open_group(storage, "a", mode=mode, consolidated=False)  # type: ignore[arg-type]
    assert storage.calls["put"] == 0
