"""What is private looks like what is not there: to the byte, and on the same road."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import attrs
import httpx
import pytest
from starlette.routing import compile_path

from polaris.domain.accounts import Role, Scope
from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.ports.artifacts import ArtifactRecord
from polaris.testing.suites.artifact_drafts import draft_of
from polaris_adapters.hub_server import create_app
from polaris_adapters.hub_server.access import Act
from polaris_adapters.hub_server.guarded import acts_of

World = Any
OpenWorld = Callable[[], Any]

DATASET = ArtifactRef(ArtifactKind.DATASET, "acme", "molecules")
BENCHMARK = ArtifactRef(ArtifactKind.BENCHMARK, "acme", "affinity")
WHO = ["anonymous", "stranger", "owner without read"]
REVISION = draft_of("molecules").revision

_D = "/api/v3/dataset/acme/molecules"
_R = f"{_D}/revisions/{REVISION}"
READS: list[tuple[str, str, dict[str, Any]]] = [
    ("GET", _D, {}),
    ("GET", f"{_D}/jobs", {}),
    ("GET", "/api/v3/prediction/acme/forest/jobs", {}),
    ("GET", f"{_R}/objects", {}),
    ("GET", f"{_R}/objects?prefix=x", {}),
    ("GET", f"{_R}/folder", {}),
    ("POST", f"{_R}/stat", {"json": {"keys": ["table"]}}),
    ("POST", f"{_R}/digest", {"json": {"keys": ["table"]}}),
    ("POST", f"{_R}/read", {"json": {"reads": [{"key": "table"}]}}),
    ("GET", f"{_R}/objects/table", {}),
    ("GET", f"{_R}/objects/table?ticket=x", {}),
    ("GET", f"{_R}/objects/other", {}),
    ("POST", f"{_R}/sign", {"json": {"requests": [{"method": "GET", "key": "table"}]}}),
    ("GET", f"{_D}/versions", {}),
    ("GET", f"{_D}/versions/1", {}),
    ("GET", f"{_D}/versions/{REVISION}", {}),
    ("GET", f"{_D}/tombstone", {}),
    ("GET", "/api/v3/tombstones?owner=acme", {}),
    ("GET", "/api/v3/dataset?text=molecules", {}),
    ("GET", "/api/v3/result/acme/scores", {}),
    *(("GET", f"/api/v3/{kind.value}", {}) for kind in ArtifactKind),
    ("GET", "/api/v3/dataset?limit=0", {}),
    ("GET", "/api/v3/dataset?owner=acme", {}),
    ("GET", "/api/v3/dataset?privateOf=acme", {}),
    ("GET", "/api/v3/dataset?offset=1", {}),
    ("GET", f"/api/v3/benchmark?subject={DATASET.urn}", {}),
    ("GET", f"/api/v3/result?subject={BENCHMARK.urn}", {}),
    ("GET", f"/api/v3/prediction?subject={BENCHMARK.urn}&owner=acme", {}),
    ("GET", "/api/v3/owners/acme", {}),
]
READS += [("HEAD", path, body) for method, path, body in READS if method == "GET"]
CHANGES: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", f"{_D}/publications", {"json": {}}),
    ("POST", f"{_D}/publications/{REVISION}/commit", {"json": {}}),
    ("POST", f"{_R}/write", {"content": b""}),
    ("POST", f"{_R}/delete", {"json": {"keys": ["table"]}}),
    ("PUT", f"{_R}/objects/table", {"content": b"new"}),
    ("PUT", f"{_R}/hidden/table", {"content": b"new"}),
]


async def _opened(open_world: OpenWorld, *, is_there: bool) -> World:
    """Return a hub with something public and, it may be, much that is private."""
    world = await open_world()
    world.tokens["owner without read"] = await world.token(
        "alice", scopes=frozenset({Scope.WRITE.value})
    )
    await world.published("open-data", access="public")
    if is_there:
        await world.published("molecules")
        await world.published("affinity", kind=ArtifactKind.BENCHMARK, subject=DATASET)
        about = {"subject": BENCHMARK}
        await world.published("forest", kind=ArtifactKind.PREDICTION, evaluate=True, **about)
        await world.published("scores", kind=ArtifactKind.RESULT, **about)
    return world


def _all_of(reply: httpx.Response) -> Any:
    return reply.status_code, sorted(reply.headers.multi_items()), reply.content


@attrs.frozen
class _Watched:
    """A port that writes down what is called."""

    inner: Any
    calls: list[str]

    def __getattr__(self, name: str) -> Any:
        self.calls.append(name)
        return getattr(self.inner, name)


async def _asked(
    open_world: OpenWorld, who: str, call: tuple[str, str, dict[str, Any]], *, is_there: bool
) -> Any:
    """Return all of a reply, and on which road it was made."""
    world = await _opened(open_world, is_there=is_there)
    calls: list[str] = []
    hub = attrs.evolve(
        world.hub,
        artifacts=_Watched(world.hub.artifacts, calls),
        storage=_Watched(world.hub.storage, calls),
        jobs=_Watched(world.hub.jobs, calls),
        history=_Watched(world.hub.history, calls),
    )
    method, path, body = call
    transport = httpx.ASGITransport(create_app(hub))
    async with httpx.AsyncClient(transport=transport, base_url="https://hub.example") as http:
        world = attrs.evolve(world, http=http)
        reply = await world.ask(method, path, who=who, headers={"x-request-id": "1"}, **body)
    return _all_of(reply), calls


def _named(call: tuple[str, str, dict[str, Any]]) -> str:
    return f"{call[0]} {call[1]}".replace(REVISION, "R")


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("call", READS, ids=_named)
async def test_who_may_not_read_sees_what_is_not_there(
    open_world: OpenWorld, who: str, call: tuple[str, str, dict[str, Any]]
) -> None:
    there = await _asked(open_world, who, call, is_there=True)
    assert there == await _asked(open_world, who, call, is_there=False)
    # A document that is not shown is not read: that would take as long as it is.
    assert "get" not in there[1]


@pytest.mark.parametrize("call", CHANGES, ids=_named)
@pytest.mark.parametrize("who", ["anonymous", "stranger"])
async def test_who_may_not_change_learns_nothing(
    open_world: OpenWorld, who: str, call: tuple[str, str, dict[str, Any]]
) -> None:
    reply, calls = await _asked(open_world, who, call, is_there=True)
    assert (reply, calls) == await _asked(open_world, who, call, is_there=False)
    assert calls == []


def test_every_route_that_reads_is_tried(world: World) -> None:
    reading = {Act.READ_PUBLIC, Act.READ_PRIVATE, Act.LIST_PRIVATE, Act.SEE_DELETED}
    for (method, path), acts in acts_of(create_app(world.hub).routes).items():
        if reading & set(acts):
            pattern, _, _ = compile_path(path)
            assert any(m == method and pattern.match(p.partition("?")[0]) for m, p, _ in READS)


async def test_what_was_deleted_is_not_shown(open_world: OpenWorld) -> None:
    for call in READS:
        replies = []
        for is_there in (True, False):
            world = await _opened(open_world, is_there=is_there)
            if is_there:
                await world.hub.history.delete(DATASET, by="alice")
            headers = {"x-request-id": "1"}
            reply = await world.ask(call[0], call[1], who="stranger", headers=headers, **call[2])
            replies.append(_all_of(reply))
        assert replies[0] == replies[1], call


async def test_the_owner_does_see_it(open_world: OpenWorld) -> None:
    for call in READS:
        there = await _asked(open_world, "owner", call, is_there=True)
        if call[1].startswith(_R) and "other" not in call[1]:
            assert there[0][0] == 200, call


def _body(
    slug: str, kind: ArtifactKind, subject: ArtifactRef, *, access: str, evaluate: bool
) -> Any:
    draft = draft_of(slug, owner="mallory", kind=kind)
    said = {
        "document": draft.document,
        "access": access,
        "revision": draft.revision,
        "subject": subject.urn,
        "evaluate": evaluate,
    }
    return {"content": json.dumps(said).encode()}, draft.revision


@pytest.mark.parametrize("access", ["public", "private"])
@pytest.mark.parametrize("evaluate", [True, False])
async def test_publishing_about_it_tells_nothing(
    open_world: OpenWorld, access: str, evaluate: bool
) -> None:
    kind = ArtifactKind.PREDICTION
    body, revision = _body("guess", kind, BENCHMARK, access=access, evaluate=evaluate)
    path = "/api/v3/prediction/mallory/guess"
    calls = [
        ("POST", f"{path}/publications", body),
        ("POST", f"{path}/publications/{revision}/commit", body),
        ("GET", path, {}),
        ("GET", f"{path}/jobs", {}),
        ("GET", f"/api/v3/prediction?subject={BENCHMARK.urn}", {}),
    ]
    worlds = [await _opened(open_world, is_there=is_there) for is_there in (True, False)]
    for method, asked, sent in calls:
        headers = {"x-request-id": "1"}
        replies = [
            await world.ask(method, asked, who="stranger", headers=headers, **sent)
            for world in worlds
        ]
        assert _all_of(replies[0]) == _all_of(replies[1])
        if evaluate and method == "POST":
            assert replies[0].status_code == 422


class TestFitting:
    """Nothing public is about something private."""

    async def _publish(
        self, world: World, ref: ArtifactRef, access: str, who: str, subject: ArtifactRef | None
    ) -> httpx.Response:
        draft = draft_of(ref.slug, owner=ref.owner, kind=ref.kind)
        said = {"document": draft.document, "access": access, "revision": draft.revision}
        said |= {} if subject is None else {"subject": subject.urn}
        path = f"/api/v3/{ref.kind}/{ref.owner}/{ref.slug}/publications"
        reply: httpx.Response = await world.ask(
            "POST", path, who=who, content=json.dumps(said).encode()
        )
        return reply

    async def test_what_is_about_something_private_cannot_be_public(
        self, open_world: OpenWorld
    ) -> None:
        world = await _opened(open_world, is_there=True)
        result = ArtifactRef(ArtifactKind.RESULT, "bobby", "scores")
        reply = await self._publish(world, result, "public", "member", BENCHMARK)
        assert (reply.status_code, reply.json()["code"]) == (422, "create_artifact")
        assert "which is private" in reply.json()["detail"]
        reply = await self._publish(world, result, "private", "member", BENCHMARK)
        assert reply.status_code == 201

    async def test_what_public_artifacts_are_about_cannot_become_private(
        self, world: World
    ) -> None:
        data = (await world.published("molecules", access="public")).ref
        about = ArtifactRef(ArtifactKind.BENCHMARK, "acme", "affinity")
        await world.published("affinity", kind=about.kind, subject=data, access="public")
        reply = await self._publish(world, data, "private", "owner", None)
        assert reply.status_code == 422
        assert "1 public artifacts are about it" in reply.json()["detail"]
        assert (await self._publish(world, about, "private", "owner", data)).status_code == 201

    async def test_members_publish_but_do_not_change_who_sees_it(self, world: World) -> None:
        record = await world.published("molecules")
        new = ArtifactRef(ArtifactKind.DATASET, "acme", "fragments")
        assert (await self._publish(world, new, "public", "member", None)).status_code == 201
        reply = await self._publish(world, record.ref, "public", "member", None)
        assert (reply.status_code, reply.json()["code"]) == (403, "access_denied")
        assert "make public" in reply.json()["detail"]


class TestClosed:
    """What owners that are closed have left."""

    @pytest.fixture
    async def closed(self, world: World) -> World:
        for access in ("public", "private"):
            await world.published(f"{access}-data", access=access)
        await world.close("acme")
        return world

    @pytest.mark.parametrize("who", ["anonymous", "stranger", "member", "owner"])
    async def test_it_stays_readable_as_its_access_says(self, closed: World, who: str) -> None:
        public = await closed.ask("GET", "/api/v3/dataset/acme/public-data", who=who)
        private = await closed.ask("GET", "/api/v3/dataset/acme/private-data", who=who)
        assert (public.status_code, private.status_code) == (200, 404)

    @pytest.mark.parametrize(("who", "status"), [("owner", 403), ("administrator", 200)])
    async def test_only_administrators_change_it(
        self, closed: World, who: str, status: int
    ) -> None:
        revision = draft_of("public-data", access="public").revision
        path = f"/api/v3/dataset/acme/public-data/revisions/{revision}/delete"
        reply = await closed.ask("POST", path, who=who, json={"keys": ["table"]})
        assert reply.status_code == status


async def test_administrators_see_everything(world: World) -> None:
    await world.organization("other-org")
    record: ArtifactRecord = await world.published("molecules", owner="other-org")
    assert record.access == "private"
    reply = await world.ask("GET", "/api/v3/dataset", who="administrator")
    assert [entry["slug"] for entry in reply.json()["data"]] == ["molecules"]
    asked = "/api/v3/dataset?privateOf=acme"
    assert (await world.ask("GET", asked, who="administrator")).json()["data"] == []
    await world.accounts.set_role("other-org", "bobby", Role.MEMBER)
    assert len((await world.ask("GET", "/api/v3/dataset", who="member")).json()["data"]) == 1
