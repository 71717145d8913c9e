"""The suites, from the client through the wire to the server and what stands behind it."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from polaris.application.native_wire.records import revision_path
from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.ports.artifact_history import ArtifactHistory
from polaris.ports.artifact_storage import ArtifactStorage
from polaris.ports.artifacts import ArtifactRepository
from polaris.ports.hidden_targets import HiddenTargets, TargetDeposit
from polaris.ports.jobs import Job, JobQueue, JobReader, Lease
from polaris.ports.storage import StoragePort
from polaris.testing.suites.artifact_history import ArtifactHistorySuite
from polaris.testing.suites.artifact_storage import ArtifactStorageSuite
from polaris.testing.suites.artifacts import ArtifactsSuite
from polaris.testing.suites.hidden_targets import HiddenTargetsSuite
from polaris.testing.suites.job_reader import JobReaderSuite
from polaris.testing.suites.jobs import JobsSuite
from polaris.testing.suites.storage import StorageSuite
from polaris_adapters.hub_http.native.artifacts import NativeArtifacts
from polaris_adapters.hub_http.native.calls import NativeCalls
from polaris_adapters.hub_http.native.hidden_targets import NativeDeposit
from polaris_adapters.hub_http.native.history import NativeHistory
from polaris_adapters.hub_http.native.jobs import NativeJobs
from polaris_adapters.hub_http.native.objects import NativeObjects
from polaris_adapters.hub_http.native.storage import NativeStorage

_checks: tuple[
    type[ArtifactRepository],
    type[ArtifactStorage],
    type[StoragePort],
    type[TargetDeposit],
    type[JobReader],
] = (NativeArtifacts, NativeStorage, NativeObjects, NativeDeposit, NativeJobs)

PATH = revision_path(ArtifactRef(ArtifactKind.DATASET, "acme", "some-data"), "0" * 64)


class TestNativeArtifacts(ArtifactsSuite):
    @pytest.fixture
    def artifacts(self, calls: NativeCalls) -> ArtifactRepository:
        return NativeArtifacts(calls)


class TestNativeHistory(ArtifactHistorySuite):
    @pytest.fixture
    def artifacts(self, calls: NativeCalls) -> ArtifactRepository:
        return NativeArtifacts(calls)

    @pytest.fixture
    def history(self, calls: NativeCalls) -> ArtifactHistory:
        return NativeHistory(calls)


class TestNativeStorage(ArtifactStorageSuite):
    @pytest.fixture
    def artifact_storage(self, calls: NativeCalls) -> ArtifactStorage:
        return NativeStorage(calls)


class TestNativeObjects(StorageSuite):
    @pytest.fixture
    def storage(self, calls: NativeCalls) -> StoragePort:
        return NativeObjects(calls, PATH, "some data")


@pytest.mark.parametrize("backend", ["memory"], indirect=True)
class TestNativeObjectsInSmallPieces(StorageSuite):
    """Bundles and pages so small that large objects travel alone, and listings have many pages."""

    @pytest.fixture
    def storage(self, calls: NativeCalls) -> StoragePort:
        return NativeObjects(calls, PATH, "some data", bundle_bytes=120_000, page=300)


class TestNativeDeposit(HiddenTargetsSuite):
    @pytest.fixture
    def deposit(self, calls: NativeCalls) -> TargetDeposit:
        return NativeDeposit(calls, bundle_bytes=4)

    @pytest.fixture
    def hidden(self, backend: Any) -> HiddenTargets:
        found: HiddenTargets = backend.hidden
        return found


@attrs.frozen
class _SeenFromAfar:
    """A queue on the hub's own side, whose jobs are looked up by a client."""

    queue: JobQueue
    reader: JobReader

    async def find(self, submission: ArtifactRef, /) -> list[Job]:
        return list(await self.reader.find(submission))

    async def take(self, *, seconds: float) -> Lease | None:
        return await self.queue.take(seconds=seconds)

    async def renew(self, lease: Lease, /, *, seconds: float) -> Lease:
        return await self.queue.renew(lease, seconds=seconds)

    async def give_back(self, lease: Lease, /, *, seconds: float) -> None:
        await self.queue.give_back(lease, seconds=seconds)

    async def finish(
        self, lease: Lease, /, *, results: ArtifactRef | None = None, reason: str | None = None
    ) -> Job:
        return await self.queue.finish(lease, results=results, reason=reason)


class TestNativeJobs(JobsSuite):
    @pytest.fixture
    def artifacts(self, calls: NativeCalls) -> ArtifactRepository:
        return NativeArtifacts(calls)

    @pytest.fixture
    def jobs(self, calls: NativeCalls, backend: Any) -> JobQueue:
        return _SeenFromAfar(backend.jobs, NativeJobs(calls))


class TestNativeJobReader(JobReaderSuite):
    @pytest.fixture
    def artifacts(self, calls: NativeCalls) -> ArtifactRepository:
        return NativeArtifacts(calls)

    @pytest.fixture
    def jobs(self, backend: Any) -> JobQueue:
        found: JobQueue = backend.jobs
        return found

    @pytest.fixture
    def reader(self, calls: NativeCalls) -> JobReader:
        return NativeJobs(calls)
