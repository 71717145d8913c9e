"""Released clients on a hub with accounts: who signs in, and how far what they get reaches."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import attrs
import httpx
import pytest

from polaris.application.accounts.passwords import reset_password
from polaris.domain.accounts import Scope
from polaris.domain.secret import Secret
from polaris.ports.credentials import CredentialKind
from polaris.testing import InMemoryStorage
from polaris_adapters.hub_server import create_app
from polaris_adapters.hub_server.guarded import acts_of
from polaris_adapters.hub_server.released import mount_released, released_wire
from polaris_adapters.hub_server.released.account_sign_ins import AccountSignIns
from polaris_adapters.zarr_arrays import ZarrArchives

World = Any
PASSWORD = "correct horse battery"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS = "urn:ietf:params:oauth:token-type:access_token"


@pytest.fixture
def sign_ins(world: World) -> AccountSignIns:
    return AccountSignIns(world.hub.accounts, world.callers)


@pytest.fixture
def released(world: World, sign_ins: AccountSignIns) -> World:
    """Return the world with the routes for released clients beside its own."""
    wire = released_wire(world.hub, sign_ins, incoming=InMemoryStorage(), archives=ZarrArchives())
    app = mount_released(create_app(wire.hub), wire)
    http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://hub.example")
    return attrs.evolve(world, http=http, hub=wire.hub)


def test_every_route_for_released_clients_is_in_the_table(released: World) -> None:
    app = released.http._transport.app
    acts = acts_of(app.routes)
    assert len(acts) > 70
    assert [route for route, found in acts.items() if not found] == []


class TestPasswords:
    async def test_it_signs_in_without_the_rights_of_administration(
        self, sign_ins: AccountSignIns
    ) -> None:
        caller = await sign_ins.by_password("alice", Secret(PASSWORD))
        assert caller is not None
        assert caller.identity.user.slug == "alice"
        assert caller.scopes == {Scope.READ, Scope.WRITE}

    @pytest.mark.parametrize("name", ["alice", "nobody", "acme", "", "\0", "\udcff"])
    async def test_a_wrong_one_is_nobodys(self, sign_ins: AccountSignIns, name: str) -> None:
        assert await sign_ins.by_password(name, Secret("wrong")) is None

    async def test_who_guesses_is_kept_out_for_a_while(
        self, world: World, sign_ins: AccountSignIns
    ) -> None:
        for _ in range(50):
            assert await sign_ins.by_password("alice", Secret("wrong")) is None
        assert await sign_ins.by_password("alice", Secret(PASSWORD)) is None
        world.clock.advance(24 * 3600)
        assert await sign_ins.by_password("alice", Secret(PASSWORD)) is not None

    async def test_a_temporary_one_does_not_sign_in(
        self, world: World, sign_ins: AccountSignIns
    ) -> None:
        temporary = await reset_password(world.hub.accounts, "alice")
        assert await sign_ins.by_password("alice", temporary) is None

    async def test_a_closed_account_does_not_sign_in(
        self, world: World, sign_ins: AccountSignIns
    ) -> None:
        await world.close("alice")
        assert await sign_ins.by_password("alice", Secret(PASSWORD)) is None
        assert await sign_ins.by_name("alice") is None


class TestExternalTokens:
    async def test_the_hub_is_the_provider(self, world: World, sign_ins: AccountSignIns) -> None:
        token = await world.token("alice", kind=CredentialKind.ACCESS)
        caller = await sign_ins.by_external_token(token)
        assert caller is not None
        assert caller.identity.user.slug == "alice"

    @pytest.mark.parametrize("kind", sorted(set(CredentialKind) - {CredentialKind.ACCESS}))
    async def test_nothing_else_is_good(
        self, world: World, sign_ins: AccountSignIns, kind: CredentialKind
    ) -> None:
        assert await sign_ins.by_external_token(await world.token("alice", kind=kind)) is None


async def _exchanged(released: World, subject: Secret) -> httpx.Response:
    form = {
        "grant_type": EXCHANGE,
        "subject_token": subject.reveal(),
        "subject_token_type": ACCESS,
        "requested_token_type": "urn:ietf:params:oauth:token-type:jwt",
    }
    reply: httpx.Response = await released.ask(
        "POST",
        "/api/auth/token",
        content=urlencode(form),
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    return reply


class TestExchange:
    """A token that was got for another one reaches as far as that one, and lasts no longer."""

    async def test_it_has_the_same_scopes(self, released: World) -> None:
        access = await released.token(
            "alice", kind=CredentialKind.ACCESS, scopes=frozenset({"read"})
        )
        token = Secret((await _exchanged(released, access)).json()["access_token"])
        me = (await released.ask("GET", "/api/v3/me", who=token)).json()
        assert (me["username"], me["scopes"]) == ("alice", ["read"])
        reply = await released.ask("PUT", "/api/v1/dataset/acme/molecules", who=token, json={})
        assert (reply.status_code, reply.json()["code"]) == (403, "insufficient_scope")

    async def test_it_ends_with_it(self, released: World) -> None:
        access = await released.token("alice", kind=CredentialKind.ACCESS, family="one")
        token = Secret((await _exchanged(released, access)).json()["access_token"])
        assert (await released.ask("GET", "/api/v3/me", who=token)).status_code == 200
        await released.credentials.revoke(now=released.clock.now(), family="one")
        assert (await released.ask("GET", "/api/v3/me", who=token)).status_code == 401
        assert (await _exchanged(released, access)).status_code == 400

    async def test_it_ends_with_the_account(self, released: World) -> None:
        access = await released.token("alice", kind=CredentialKind.ACCESS)
        token = Secret((await _exchanged(released, access)).json()["access_token"])
        await released.close("alice")
        released.clock.advance(released.callers.seconds)
        assert (await released.ask("GET", "/api/v3/me", who=token)).status_code == 401

    @pytest.mark.parametrize("shown", ["access", "access " + "0" * 64, "other x", ""])
    async def test_it_is_nobodys_without_what_was_shown(
        self, sign_ins: AccountSignIns, shown: str
    ) -> None:
        assert await sign_ins.by_name("alice", shown=shown) is None


_READING = [
    ("GET", "/api/v1/dataset/acme/molecules"),
    ("GET", "/api/v2/dataset/acme/molecules"),
    ("GET", "/api/v1/benchmark/acme/affinity"),
    ("GET", "/api/v1/storage/dataset/acme/molecules/table.parquet"),
    ("GET", "/api/v1/storage/dataset/acme/molecules/ls"),
]
_WRITING = [
    ("PUT", "/api/v1/dataset/acme/molecules"),
    ("PUT", "/api/v2/dataset/acme/molecules"),
    ("PUT", "/api/v1/benchmark/acme/affinity"),
    ("PUT", "/api/v2/benchmark/acme/affinity"),
    ("PUT", "/api/v2/prediction/acme/forest"),
    ("PUT", "/api/v2/model/acme/forest"),
    ("PUT", "/api/v1/storage/dataset/acme/molecules/table.parquet"),
]


@pytest.mark.parametrize("who", ["anonymous", "stranger", "owner without read"])
@pytest.mark.parametrize(("method", "path"), _READING)
async def test_what_is_private_is_not_there(
    released: World, method: str, path: str, who: str
) -> None:
    released.tokens["owner without read"] = await released.token(
        "alice", scopes=frozenset({"admin"})
    )
    replies = []
    for is_there in (False, True):
        if is_there:
            await released.published("molecules")
        reply = await released.ask(method, path, who=who, headers={"x-request-id": "1"})
        assert reply.status_code == 404
        replies.append((sorted(reply.headers.multi_items()), reply.content))
    assert replies[0] == replies[1]


@pytest.mark.parametrize("who", ["anonymous", "stranger", "owner without write"])
@pytest.mark.parametrize(("method", "path"), _WRITING)
async def test_who_may_not_write(released: World, method: str, path: str, who: str) -> None:
    released.tokens["owner without write"] = await released.token(
        "alice", scopes=frozenset({"read", "admin"})
    )
    reply = await released.ask(method, path, who=who, json={})
    expected = {
        "anonymous": (401, "unauthorized"),
        "stranger": (403, "access_denied"),
        "owner without write": (403, "insufficient_scope"),
    }
    assert (reply.status_code, reply.json()["code"]) == expected[who]


@pytest.mark.parametrize("who", ["member", "owner", "administrator"])
@pytest.mark.parametrize(("method", "path"), _WRITING)
async def test_who_may_write(released: World, method: str, path: str, who: str) -> None:
    # The body is looked at, so who sends it has been let in.
    reply = await released.ask(method, path, who=who, json={})
    assert reply.status_code not in (401, 403)
