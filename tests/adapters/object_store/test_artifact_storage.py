"""The objects of a hub's artifacts in one store."""

from __future__ import annotations

from pathlib import Path

import pytest

from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.errors import InvalidInputError
from polaris.ports.artifact_storage import ArtifactStorage, ArtifactStorageUpkeep
from polaris.ports.artifacts import ArtifactLocation
from polaris.ports.storage import Read, Write
from polaris.testing.suites.artifact_storage import ArtifactStorageSuite
from polaris.testing.suites.artifact_storage_upkeep import ArtifactStorageUpkeepSuite
from polaris_adapters.object_store import FolderStorage, RevisionStorage

_check: type[ArtifactStorage] = RevisionStorage
_check_upkeep: type[ArtifactStorageUpkeep] = RevisionStorage


class TestRevisionStorage(ArtifactStorageSuite):
    @pytest.fixture
    def artifact_storage(self, tmp_path: Path) -> ArtifactStorage:
        return RevisionStorage(FolderStorage(tmp_path))


class TestUpkeepOfRevisionStorage(ArtifactStorageUpkeepSuite):
    @pytest.fixture
    def artifact_storage(self, tmp_path: Path) -> RevisionStorage:
        return RevisionStorage(FolderStorage(tmp_path))

    @pytest.fixture
    def upkeep(self, artifact_storage: RevisionStorage) -> ArtifactStorageUpkeep:
        return artifact_storage


async def test_what_is_of_no_revision_is_found_and_removed(tmp_path: Path) -> None:
    store = FolderStorage(tmp_path)
    storage = RevisionStorage(store)
    location = ArtifactLocation(ArtifactRef(ArtifactKind.DATASET, "acme", "some-data"), "0" * 64)
    await (await storage.open(location, write=True)).put([Write("table.parquet", b"x")])
    strays = [
        "notes.txt",
        "datasets/acme/some-data/not-a-revision/object",
        f"things/acme/some-data/{'0' * 64}/object",
        f"datasets/acme/x/{'0' * 64}/object",
    ]
    await store.put([Write(key, b"y") for key in strays])
    found = [key async for page in storage.strays() for key in page]
    assert sorted(found) == sorted(strays)
    assert [r.location async for r in storage.revisions()] == [location]
    kept = f"datasets/acme/some-data/{'0' * 64}/table.parquet"
    with pytest.raises(InvalidInputError, match="table"):
        await storage.remove_strays([*found, kept])
    assert await store.get([Read(key) for key in strays]) == [b"y"] * len(strays)
    await storage.remove_strays(found)
    assert await store.get([Read(key) for key in [*strays, kept]]) == [None] * len(strays) + [b"x"]
