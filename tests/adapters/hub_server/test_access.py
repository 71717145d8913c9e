"""Who may do what, cell by cell of the table, over every route."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import attrs
import httpx
import pytest

from polaris.application.native_wire.bundle import bundled
from polaris.domain.identity import ArtifactKind
from polaris.ports.artifacts import ArtifactDraft, ArtifactLocation, ArtifactQuery, ArtifactRecord
from polaris.ports.storage import Read, Write
from polaris.testing import InMemoryHiddenTargets
from polaris.testing.suites.artifact_drafts import draft_of
from polaris_adapters.hub_server import Hub, KnownTokens
from polaris_adapters.hub_server.access import ALLOWED, Act, Standing

Ask = Callable[..., Awaitable[httpx.Response]]
Published = Callable[..., Awaitable[ArtifactRecord]]
PathOf = Callable[[ArtifactRecord], str]

WHO = ["anonymous", "stranger", "owner"]
BUNDLE = bundled([{"key": "table", "size": 3}], [b"new"])

# Method, what stands behind the artifact (A) or the revision (R), and the body.
READS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "get": ("GET", "A", {}),
    "head": ("HEAD", "A", {}),
    "objects": ("GET", "R/objects", {}),
    "folder": ("GET", "R/folder", {}),
    "stat": ("POST", "R/stat", {"json": {"keys": ["table"]}}),
    "digest": ("POST", "R/digest", {"json": {"keys": ["table"]}}),
    "read": ("POST", "R/read", {"json": {"reads": [{"key": "table"}]}}),
    "content": ("GET", "R/objects/table", {}),
    "head of content": ("HEAD", "R/objects/table", {}),
}
CHANGES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "begin": ("POST", "A/publications", {}),
    "commit": ("POST", "A/publications/REVISION/commit", {}),
    "write": ("POST", "R/write", {"content": BUNDLE}),
    "delete": ("POST", "R/delete", {"json": {"keys": ["table"]}}),
    "put": ("PUT", "R/objects/table", {"content": b"new"}),
    "hide": ("POST", "R/hidden", {"content": BUNDLE}),
    "hide one": ("PUT", "R/hidden/table", {"content": b"new"}),
}


def _path(record: ArtifactRecord, template: str) -> str:
    artifact = f"/api/v3/{record.ref.kind}/{record.ref.owner}/{record.ref.slug}"
    revision = record.location.revision
    if template.startswith("R"):
        return f"{artifact}/revisions/{revision}{template[1:]}"
    return artifact + template[1:].replace("REVISION", revision)


def test_the_table_says_what_it_says() -> None:
    anonymous, stranger, owner = Standing.ANONYMOUS, Standing.STRANGER, Standing.OWNER
    assert {
        Act.READ_PUBLIC: {anonymous, stranger, owner},
        Act.READ_PRIVATE: {owner},
        Act.CHANGE: {owner},
        Act.ACCOUNT: {stranger, owner},
    } == ALLOWED


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("access", ["public", "private"])
@pytest.mark.parametrize("verb", READS)
async def test_reading(ask: Ask, published: Published, verb: str, access: str, who: str) -> None:
    record = await published("molecules", access=access)
    method, template, body = READS[verb]
    reply = await ask(method, _path(record, template), who=who, **body)
    allowed = access == "public" or who == "owner"
    assert reply.status_code == (200 if allowed else 404)
    if not allowed and method != "HEAD":
        assert reply.json()["code"] == "artifact_not_found"
        assert "first" not in reply.text


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("access", ["public", "private", None])
@pytest.mark.parametrize("verb", CHANGES)
async def test_changing(
    ask: Ask,
    hub: Hub,
    hidden: InMemoryHiddenTargets,
    published: Published,
    body_of: Callable[[ArtifactDraft], bytes],
    verb: str,
    access: str | None,
    who: str,
) -> None:
    record = await published("molecules" if access else "elsewhere", access=access or "private")
    draft = draft_of("molecules", access=record.access)
    location = ArtifactLocation(draft.ref, draft.revision)
    method, template, body = CHANGES[verb]
    if verb in ("begin", "commit"):
        body = {"content": body_of(draft)}
        await hub.artifacts.begin(draft)
    path = _path(attrs.evolve(record, ref=draft.ref, location=location), template)
    reply = await ask(method, path, who=who, **body)
    expected = {"anonymous": {401}, "stranger": {403}, "owner": {200, 201}}[who]
    assert reply.status_code in expected
    if who == "owner":
        return
    code = reply.json()["code"]
    assert code == {"anonymous": "unauthorized", "stranger": "access_denied"}[who]
    assert ("www-authenticate" in reply.headers) is (who == "anonymous")
    # What was refused was not done, and nothing was told of what is there.
    old = b"the table of the first" if access else None
    assert await (await hub.storage.open(location)).get([Read("table")]) == [old]
    assert await (await hidden.reveal(location)).get([Read("table")]) == [None]
    assert "the table" not in reply.text
    if access is None:
        assert (await hub.artifacts.page(ArtifactQuery(ArtifactKind.DATASET))).total == 1


@pytest.mark.parametrize("who", WHO)
async def test_listing(ask: Ask, published: Published, who: str) -> None:
    await published("open-data", access="public")
    await published("closed-data", access="private")
    reply = (await ask("GET", "/api/v3/dataset", who=who)).json()
    expected = {"open-data", "closed-data"} if who == "owner" else {"open-data"}
    assert {entry["slug"] for entry in reply["data"]} == expected
    assert reply["metadata"]["total"] == len(expected)


@pytest.mark.parametrize("asked", ["acme", "acme,alice", "mallory,acme", ""])
async def test_asking_for_the_private_ones_of_others_gives_none(
    ask: Ask, published: Published, asked: str
) -> None:
    await published("closed-data", access="private")
    reply = await ask("GET", f"/api/v3/dataset?privateOf={asked}", who="stranger")
    assert reply.json() == {"data": [], "metadata": {"total": 0, "nextCursor": None}}


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("access", ["public", "private"])
async def test_looking_at_jobs(ask: Ask, published: Published, access: str, who: str) -> None:
    await published("forest", kind=ArtifactKind.PREDICTION, access=access, evaluate=True)
    reply = await ask("GET", "/api/v3/prediction/acme/forest/jobs", who=who)
    assert reply.status_code == 200
    assert len(reply.json()["data"]) == (1 if access == "public" or who == "owner" else 0)


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize(("method", "path"), [("GET", "/api/v3/me"), ("POST", "/api/v3/sign-out")])
async def test_the_own_account(ask: Ask, who: str, method: str, path: str) -> None:
    reply = await ask(method, path, who=who)
    assert reply.status_code == (401 if who == "anonymous" else 200)
    if (who, method) == ("owner", "GET"):
        assert reply.json() == {
            "username": "alice",
            "user_id": None,
            "type": "user",
            "email": "alice@example.org",
            "owners": ["acme", "alice"],
        }


async def test_a_token_is_good_no_more_after_signing_out(ask: Ask) -> None:
    assert (await ask("POST", "/api/v3/sign-out")).status_code == 200
    reply = await ask("GET", "/api/v3/me")
    assert reply.status_code == 401
    assert 'error="invalid_token"' in reply.headers["www-authenticate"]
    assert (await ask("GET", "/api/v3/me", who="stranger")).status_code == 200


async def test_a_bad_token_is_refused_even_for_what_is_public(
    ask: Ask, published: Published
) -> None:
    await published("molecules", access="public")
    header = {"authorization": "Bearer somebody-else"}
    reply = await ask("GET", "/api/v3/dataset/acme/molecules", who="anonymous", headers=header)
    assert (reply.status_code, reply.json()["code"]) == (401, "unauthorized")
    assert "not good" in reply.text
    assert "POLARIS_TOKEN" in reply.json()["hint"]


@pytest.mark.parametrize("who", ["anonymous", "stranger"])
@pytest.mark.parametrize("verb", READS)
async def test_what_is_private_looks_like_what_is_not_there(
    ask: Ask, published: Published, verb: str, who: str
) -> None:
    record = await published("molecules", access="private")
    method, template, body = READS[verb]
    path, header = _path(record, template), {"x-request-id": "same"}
    there = await ask(method, path, who=who, headers=header, **body)
    missing = await ask(
        method, path.replace("molecules", "elsewhere"), who=who, headers=header, **body
    )
    assert there.status_code == missing.status_code == 404
    assert there.text == missing.text.replace("elsewhere", "molecules")
    same = {name: value for name, value in there.headers.items() if name != "content-length"}
    assert same == {k: v for k, v in missing.headers.items() if k != "content-length"}


async def test_a_hub_may_know_its_callers_only(hub: Hub, ask: Ask, published: Published) -> None:
    await published("molecules", access="public")
    assert isinstance(hub.callers, KnownTokens)
    hub.callers.anonymous = False
    for path in ("/api/v3/dataset", "/api/v3/dataset/acme/molecules"):
        assert (await ask("GET", path, who="anonymous")).status_code == 401
        assert (await ask("GET", path, who="stranger")).status_code == 200
    assert (await ask("GET", "/.well-known/polaris-hub", who="anonymous")).status_code == 200


class TestRevisions:
    """Which revisions of an artifact others may read."""

    async def test_one_that_is_not_committed_is_its_owners_alone(
        self, ask: Ask, hub: Hub, published: Published, path_of: PathOf
    ) -> None:
        record = await published("molecules", access="public")
        begun = await hub.artifacts.begin(draft_of("molecules", "second", access="public"))
        await (await hub.storage.open(begun.location, write=True)).put([Write("table", b"x")])
        path = path_of(record).replace(record.location.revision, begun.location.revision)
        assert (await ask("GET", f"{path}/objects/table", who="stranger")).status_code == 404
        assert (await ask("GET", f"{path}/objects/table", who="owner")).status_code == 200

    async def test_one_that_was_private_stays_so(
        self, ask: Ask, published: Published, path_of: PathOf
    ) -> None:
        first = await published("molecules", "first", access="private")
        await published("molecules", "second", access="public")
        reply = await ask("GET", f"{path_of(first)}/objects/table", who="stranger")
        assert reply.status_code == 404

    async def test_one_that_was_shown_can_be_read_on_with_its_ticket(
        self, ask: Ask, published: Published, path_of: PathOf
    ) -> None:
        first = await published("molecules", "first", access="public")
        shown = (await ask("GET", "/api/v3/dataset/acme/molecules", who="stranger")).json()
        await published("molecules", "second", access="public")
        path = f"{path_of(first)}/objects/table"
        assert (await ask("GET", path, who="stranger")).status_code == 404
        for who in WHO:
            found = await ask("GET", f"{path}?ticket={shown['ticket']}", who=who)
            assert found.content == b"the table of the first"
        for ticket in ("0" * 64, "", "ü", shown["ticket"][:-1]):
            reply = await ask("GET", path, who="stranger", params={"ticket": ticket})
            assert reply.status_code == 404

    async def test_a_ticket_is_good_only_while_the_artifact_is_public(
        self, ask: Ask, published: Published, path_of: PathOf
    ) -> None:
        first = await published("molecules", "first", access="public")
        shown = (await ask("GET", "/api/v3/dataset/acme/molecules", who="stranger")).json()
        await published("molecules", "second", access="private")
        path = f"{path_of(first)}/objects/table?ticket={shown['ticket']}"
        assert (await ask("GET", path, who="stranger")).status_code == 404

    async def test_a_private_record_has_no_ticket(self, ask: Ask, published: Published) -> None:
        await published("molecules", access="private")
        assert "ticket" not in (await ask("GET", "/api/v3/dataset/acme/molecules")).json()
