"""What callers see whose tokens are known beforehand; the cells of the table are in access/."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx
import pytest

from polaris.ports.artifacts import ArtifactRecord
from polaris.ports.storage import Write
from polaris.testing.suites.artifact_drafts import draft_of
from polaris_adapters.hub_server import Hub, KnownTokens

Ask = Callable[..., Awaitable[httpx.Response]]
Published = Callable[..., Awaitable[ArtifactRecord]]
PathOf = Callable[[ArtifactRecord], str]

WHO = ["anonymous", "stranger", "owner"]


@pytest.mark.parametrize("asked", ["acme", "acme,alice", "mallory,acme", ""])
async def test_asking_for_the_private_ones_of_others_gives_none(
    ask: Ask, published: Published, asked: str
) -> None:
    await published("closed-data", access="private")
    reply = await ask("GET", f"/api/v3/dataset?privateOf={asked}", who="stranger")
    assert reply.json() == {"data": [], "metadata": {"total": None, "nextCursor": None}}


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
            "roles": {"acme": "owner", "alice": "owner"},
            "scopes": ["admin", "read", "write"],
            "is_administrator": False,
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
