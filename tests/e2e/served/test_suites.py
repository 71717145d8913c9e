"""The conformance suites, from the client through a real server to what stands behind it.

On both configurations: SQLite and a folder in one process; PostgreSQL and a bucket in two.
"""

from __future__ import annotations

import asyncio
import itertools

import pytest

from polaris.bootstrap.container import HubContainer
from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.ports.artifact_history import ArtifactHistory
from polaris.ports.artifact_storage import ArtifactStorage
from polaris.ports.artifacts import ArtifactLocation, ArtifactRepository
from polaris.ports.hidden_targets import HiddenTargets, TargetDeposit
from polaris.ports.jobs import JobQueue, JobReader
from polaris.ports.storage import StoragePort
from polaris.testing import (
    ArtifactHistorySuite,
    ArtifactsSuite,
    ArtifactStorageSuite,
    HiddenTargetsSuite,
    JobReaderSuite,
    StorageSuite,
)
from tests.e2e.served_hubs import OWNER, ServedHub

# The suites open an event loop for each of several threads, whose connections nobody closes.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

_numbers = itertools.count(1)


@pytest.fixture
def artifacts(emptied: ServedHub, container: HubContainer) -> ArtifactRepository:
    return container.artifacts()


class TestArtifacts(ArtifactsSuite):
    pass


class TestHistory(ArtifactHistorySuite):
    # A hub knows by itself who calls.
    caller = OWNER

    @pytest.fixture
    def history(self, container: HubContainer) -> ArtifactHistory:
        return container.history()


class TestArtifactStorage(ArtifactStorageSuite):
    @pytest.fixture
    def artifact_storage(self, emptied: ServedHub, container: HubContainer) -> ArtifactStorage:
        return container.storage()


class TestStorage(StorageSuite):
    # SeaweedFS takes it for a slash.
    unkept = "\\"

    @pytest.fixture
    def storage(self, container: HubContainer) -> StoragePort:
        """The objects of a revision that no other test has."""
        ref = ArtifactRef(ArtifactKind.DATASET, "acme", "some-data")
        place = ArtifactLocation(ref, f"{next(_numbers):064x}")
        return asyncio.run(container.storage().open(place, write=True))


class TestHiddenTargets(HiddenTargetsSuite):
    @pytest.fixture
    def deposit(self, emptied: ServedHub, container: HubContainer) -> TargetDeposit:
        return container.deposit()

    @pytest.fixture
    def hidden(self, running: ServedHub) -> HiddenTargets:
        return running.ports.hidden


class TestJobReader(JobReaderSuite):
    @pytest.fixture
    def jobs(self, running: ServedHub) -> JobQueue:
        return running.ports.jobs

    @pytest.fixture
    def reader(self, container: HubContainer) -> JobReader:
        return container.jobs()
