"""Clients of the native wire, and the hub server that they talk to, in this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest

from polaris.application.retry import RetryPolicy
from polaris.domain.identity import HubOwner
from polaris.domain.secret import Secret
from polaris.ports.artifact_history import ArtifactHistory
from polaris.ports.artifact_storage import ArtifactStorage
from polaris.ports.artifacts import ArtifactRepository
from polaris.ports.auth import Identity
from polaris.ports.hidden_targets import HiddenTargets, TargetDeposit
from polaris.ports.jobs import JobQueue
from polaris.testing import (
    InMemoryArtifacts,
    InMemoryArtifactStorage,
    InMemoryHiddenTargets,
    InMemoryJobs,
    InMemoryTargetDeposit,
    ManualClock,
)
from polaris_adapters.hub_http.native.calls import NativeCalls
from polaris_adapters.hub_http.options import parse_options
from polaris_adapters.hub_http.session import HttpSession
from polaris_adapters.hub_server import Caller, Hub, KnownTokens, create_app
from polaris_adapters.object_store.artifact_storage import RevisionStorage
from polaris_adapters.object_store.folder import FolderStorage
from polaris_adapters.object_store.hidden_targets import StoredHiddenTargets, StoredTargetDeposit
from polaris_adapters.sql_catalogue import open_sqlite_catalogue, open_sqlite_jobs

HUB = "https://hub.example"
OWNERS = {"acme", "other", "acme-corp", "acme-cor", "nobody"}
TOKEN = Secret("token-of-the-owner")


@attrs.frozen
class Backend:
    """What stands behind the server."""

    artifacts: ArtifactRepository
    storage: ArtifactStorage
    deposit: TargetDeposit
    hidden: HiddenTargets
    jobs: JobQueue
    history: ArtifactHistory


@attrs.frozen
class FixedBearer:
    """Always gives the same token."""

    token: Secret

    async def current(self) -> Secret | None:
        return self.token

    async def after_rejection(self, rejected: Secret, /) -> Secret | None:
        return None


def _in_memory(clock: ManualClock) -> Backend:
    jobs, hidden = InMemoryJobs(clock), InMemoryHiddenTargets()
    artifacts, storage = InMemoryArtifacts(clock, jobs), InMemoryArtifactStorage()
    deposit = InMemoryTargetDeposit(hidden)
    return Backend(artifacts, storage, deposit, hidden, jobs, artifacts.history)


def _in_folder(folder: Path, clock: ManualClock) -> Backend:
    hidden = FolderStorage(folder / "hidden")
    catalogue = open_sqlite_catalogue(folder / "catalogue.sqlite", clock)
    return Backend(
        catalogue,
        RevisionStorage(FolderStorage(folder / "objects")),
        StoredTargetDeposit(hidden),
        StoredHiddenTargets(hidden),
        open_sqlite_jobs(folder / "catalogue.sqlite", clock),
        catalogue.history,
    )


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(params=["memory", "folder"])
def backend(request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock) -> Backend:
    if request.param == "memory":
        return _in_memory(clock)
    return _in_folder(tmp_path, clock)


@pytest.fixture
def hub(backend: Backend, clock: ManualClock) -> Hub:
    owner = Caller(Identity(HubOwner("acme", type="user")), OWNERS)
    return Hub(
        backend.artifacts,
        backend.storage,
        KnownTokens({TOKEN: owner}),
        clock,
        backend.deposit,
        backend.jobs,
        history=backend.history,
    )


@pytest.fixture
def sessions(clock: ManualClock) -> Callable[..., HttpSession]:
    """Makes sessions, of the owner or of nobody, over a transport."""

    def opened(transport: httpx.AsyncBaseTransport, *, signed_in: bool = True) -> HttpSession:
        settings: dict[str, Any] = {"default_timeout": 10.0, "ca_bundle": None}
        session = HttpSession(
            f"{HUB}/api",
            parse_options({"transport": transport}, settings),
            clock,
            RetryPolicy(attempts=3, total=60.0),
        )
        if signed_in:
            session.bearer = FixedBearer(TOKEN)
        return session

    return opened


@pytest.fixture
def session(hub: Hub, sessions: Callable[..., HttpSession]) -> HttpSession:
    return sessions(httpx.ASGITransport(create_app(hub)))


@pytest.fixture
def calls(session: HttpSession) -> NativeCalls:
    return NativeCalls(session)
