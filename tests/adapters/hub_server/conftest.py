"""A hub server in this process, with an owner, a stranger, and nobody."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, Protocol

import attrs
import httpx
import pytest
from starlette.applications import Starlette

from polaris.domain.identity import ArtifactKind, ArtifactRef, HubOwner
from polaris.domain.secret import Secret
from polaris.ports.artifacts import ArtifactDraft, ArtifactRecord
from polaris.ports.auth import Identity
from polaris.ports.storage import Write
from polaris.testing import (
    InMemoryArtifacts,
    InMemoryArtifactStorage,
    InMemoryHiddenTargets,
    InMemoryJobs,
    InMemoryTargetDeposit,
    ManualClock,
)
from polaris.testing.suites.artifact_drafts import draft_of, publish
from polaris_adapters.hub_server import Caller, Hub, KnownTokens, Limits, create_app
from tests.adapters.hub_server.openapi.witness import watched

TOKENS = {"owner": "token-of-the-owner", "stranger": "token-of-a-stranger", "anonymous": None}

Published = Callable[..., Awaitable[ArtifactRecord]]


class Ask(Protocol):
    """Makes one request."""

    def __call__(
        self,
        method: str,
        path: str,
        *,
        who: str = "owner",
        headers: Mapping[str, str] | None = None,
        **body: Any,
    ) -> Awaitable[httpx.Response]: ...


@pytest.fixture(autouse=True)
def _replies_are_documented(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail a test to which a hub gave a reply that is not in its OpenAPI document."""
    objections: list[str] = []
    monkeypatch.setattr(Starlette, "__call__", watched(Starlette.__call__, objections))
    yield
    assert objections == []


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def hidden() -> InMemoryHiddenTargets:
    return InMemoryHiddenTargets()


@pytest.fixture
def hub(clock: ManualClock, hidden: InMemoryHiddenTargets) -> Hub:
    jobs = InMemoryJobs(clock)
    owner = Caller(Identity(HubOwner("alice", type="user"), email="alice@example.org"), {"acme"})
    stranger = Caller(Identity(HubOwner("mallory", type="user")))
    artifacts = InMemoryArtifacts(clock, jobs)
    return Hub(
        artifacts,
        InMemoryArtifactStorage(),
        KnownTokens({Secret("token-of-the-owner"): owner, Secret("token-of-a-stranger"): stranger}),
        clock,
        InMemoryTargetDeposit(hidden),
        jobs,
        limits=Limits(document=2**20, object=2**20),
        history=artifacts.history,
    )


@pytest.fixture
def published(hub: Hub) -> Published:
    """Publishes an artifact of ``acme`` with one object, ``table``."""

    async def publishing(
        slug: str,
        content: str = "first",
        *,
        kind: ArtifactKind = ArtifactKind.DATASET,
        access: Any = "private",
        evaluate: bool = False,
    ) -> ArtifactRecord:
        draft = draft_of(slug, content, kind=kind, access=access)
        record = await publish(hub.artifacts, attrs.evolve(draft, evaluate=evaluate))
        store = await hub.storage.open(record.location, write=True)
        await store.put([Write("table", f"the table of the {content}".encode())])
        return record

    return publishing


@pytest.fixture
def ask(hub: Hub) -> Ask:
    app = create_app(hub)

    async def asking(
        method: str,
        path: str,
        *,
        who: str = "owner",
        headers: Mapping[str, str] | None = None,
        **body: Any,
    ) -> httpx.Response:
        token = TOKENS[who]
        credentials = {} if token is None else {"authorization": f"Bearer {token}"}
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="https://hub.example") as client:
            sent = {**credentials, **(headers or {})}
            return await client.request(method, path, headers=sent, **body)

    return asking


@pytest.fixture
def path_of() -> Callable[[ArtifactRecord], str]:
    """Returns the path of a record's revision."""

    def path(record: ArtifactRecord) -> str:
        ref = record.ref
        revision = record.location.revision
        return f"/api/v3/{ref.kind}/{ref.owner}/{ref.slug}/revisions/{revision}"

    return path


@pytest.fixture
def body_of() -> Callable[[ArtifactDraft], bytes]:
    """Returns a draft as the body of a request."""

    def body(draft: ArtifactDraft) -> bytes:
        said = {
            "document": draft.document,
            "access": draft.access,
            "revision": draft.revision,
            "evaluate": draft.evaluate,
        }
        return json.dumps(said).encode()

    return body


@pytest.fixture
def dataset() -> ArtifactRef:
    return ArtifactRef(ArtifactKind.DATASET, "acme", "molecules")
