from __future__ import annotations

import pytest

from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.ports.artifact_storage import ArtifactStorage, ArtifactStorageUpkeep
from polaris.ports.artifacts import ArtifactLocation
from polaris.ports.storage import Read, StoragePort, Write
from polaris.testing.fakes.in_memory_artifact_storage import InMemoryArtifactStorage
from polaris.testing.suites.artifact_storage import ArtifactStorageSuite
from polaris.testing.suites.artifact_storage_upkeep import ArtifactStorageUpkeepSuite
from polaris.testing.suites.storage import StorageSuite

_check: type[ArtifactStorage] = InMemoryArtifactStorage

LOCATION = ArtifactLocation(ArtifactRef(ArtifactKind.DATASET, "acme", "data"), "0" * 64)


class TestUpkeepOfInMemoryArtifactStorage(ArtifactStorageUpkeepSuite):
    @pytest.fixture
    def artifact_storage(self) -> InMemoryArtifactStorage:
        return InMemoryArtifactStorage()

    @pytest.fixture
    def upkeep(self, artifact_storage: InMemoryArtifactStorage) -> ArtifactStorageUpkeep:
        return artifact_storage


class TestInMemoryArtifactStorage(ArtifactStorageSuite):
    @pytest.fixture
    def artifact_storage(self) -> ArtifactStorage:
        return InMemoryArtifactStorage()


class TestInMemoryRevision(StorageSuite):
    @pytest.fixture
    async def storage(self) -> StoragePort:
        return await InMemoryArtifactStorage().open(LOCATION, write=True)


async def test_a_test_can_look_into_the_stores() -> None:
    storage = InMemoryArtifactStorage()
    await (await storage.open(LOCATION, write=True)).put([Write("a", b"x")])
    assert await storage.stores[LOCATION.ref, LOCATION.revision].get([Read("a")]) == [b"x"]
