"""What the wiring gives: ports that ask the hub what it is, and find one of ours."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest

from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.errors import PolarisHubError
from polaris.ports.artifact_storage import ArtifactStorage
from polaris.ports.artifacts import ArtifactDraft, ArtifactLocation, ArtifactRepository
from polaris.ports.buckets import BucketCredentials, BucketPlace
from polaris.ports.hidden_targets import HiddenTargets, TargetDeposit
from polaris.ports.jobs import JobReader, JobState
from polaris.ports.storage import StoragePort, Write
from polaris.testing import ManualClock
from polaris.testing.suites.artifact_drafts import draft_of, publish
from polaris.testing.suites.artifact_storage import ArtifactStorageSuite
from polaris.testing.suites.artifacts import ArtifactsSuite
from polaris.testing.suites.hidden_targets import HiddenTargetsSuite
from polaris_adapters.hub_http.repositories import FoundArtifacts, FoundStorage, open_repositories
from polaris_adapters.hub_http.session import HttpSession
from polaris_adapters.hub_http.submissions import FoundDeposit, FoundJobs, open_submissions

_checks: tuple[
    type[ArtifactRepository], type[ArtifactStorage], type[TargetDeposit], type[JobReader]
] = (FoundArtifacts, FoundStorage, FoundDeposit, FoundJobs)

SUBMISSION = ArtifactRef(ArtifactKind.PREDICTION, "acme", "forest")


class NoBuckets:
    """Opens nothing: hubs of ours hand objects over themselves."""

    def open(
        self, place: BucketPlace, credentials: Callable[[], Awaitable[BucketCredentials]], /
    ) -> StoragePort:
        raise AssertionError(f"a hub of ours has no buckets such as {place}")


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, Any]:
    return {
        "hub_url": "https://hub.example/",
        "hub_token_url": "https://hub.example/token",
        "generation": "auto",
        "cache_dir": str(tmp_path / "cache"),
        "custom_metadata_prefix": "X-Amz-Meta-",
    }


@pytest.fixture
def repositories(
    session: HttpSession, settings: dict[str, Any], clock: ManualClock
) -> tuple[ArtifactRepository, ArtifactStorage]:
    return open_repositories(session, settings, buckets=NoBuckets(), clock=clock)


@pytest.mark.parametrize("backend", ["memory"], indirect=True)
class TestFoundArtifacts(ArtifactsSuite):
    @pytest.fixture
    def artifacts(
        self, repositories: tuple[ArtifactRepository, ArtifactStorage]
    ) -> ArtifactRepository:
        return repositories[0]


@pytest.mark.parametrize("backend", ["memory"], indirect=True)
class TestFoundStorage(ArtifactStorageSuite):
    @pytest.fixture
    def artifact_storage(
        self, repositories: tuple[ArtifactRepository, ArtifactStorage]
    ) -> ArtifactStorage:
        return repositories[1]


@pytest.mark.parametrize("backend", ["memory"], indirect=True)
class TestFoundDeposit(HiddenTargetsSuite):
    @pytest.fixture
    def deposit(
        self, session: HttpSession, settings: dict[str, Any], clock: ManualClock
    ) -> TargetDeposit:
        return open_submissions(session, settings, clock=clock)[0]

    @pytest.fixture
    def hidden(self, backend: Any) -> HiddenTargets:
        found: HiddenTargets = backend.hidden
        return found


@pytest.mark.parametrize("backend", ["memory"], indirect=True)
async def test_jobs_are_found(
    session: HttpSession,
    settings: dict[str, Any],
    clock: ManualClock,
    repositories: tuple[ArtifactRepository, ArtifactStorage],
) -> None:
    draft: ArtifactDraft = attrs.evolve(
        draft_of("forest", kind=ArtifactKind.PREDICTION), evaluate=True
    )
    await publish(repositories[0], draft)
    [job] = await open_submissions(session, settings, clock=clock)[1].find(SUBMISSION)
    assert (job.revision, job.state) == (draft.revision, JobState.WAITING)


async def test_hubs_of_others_have_neither_deposit_nor_jobs(
    sessions: Callable[..., HttpSession], settings: dict[str, Any], clock: ManualClock
) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/v2/dataset":
            return httpx.Response(200, json={"data": []})
        return httpx.Response(404)

    session = sessions(httpx.MockTransport(handler))
    deposit, jobs = open_submissions(session, settings, clock=clock)
    with pytest.raises(PolarisHubError, match="takes in no test targets"):
        await deposit.deposit(ArtifactLocation(SUBMISSION, "0" * 64), [Write("y", b"1")])
    with pytest.raises(PolarisHubError, match="scoring"):
        await jobs.find(SUBMISSION)
