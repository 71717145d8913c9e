"""Ways around the table that were found by attacking a hub: each is closed."""

from __future__ import annotations

from typing import Any

import attrs
import httpx
import pytest
from starlette.responses import Response

from polaris.application.accounts.secrets import digest_of_secret
from polaris.domain.identity import ArtifactKind
from polaris.domain.secret import Secret
from polaris.ports.credentials import CredentialKind
from polaris.ports.storage import Read
from polaris.testing import InMemoryStorage, ManualClock
from polaris.testing.suites.artifact_drafts import draft_of, publish
from polaris_adapters.hub_server import create_app
from polaris_adapters.hub_server.released import mount_released, released_wire
from polaris_adapters.hub_server.released.account_sign_ins import AccountSignIns
from polaris_adapters.hub_server.remembered import BegunHere, RememberedReplies
from polaris_adapters.zarr_arrays import ZarrArchives

World = Any
PASSWORD = "correct horse battery"


async def _published_over_http(
    world: World, kind: ArtifactKind, who: str, owner: str, **said: str
) -> httpx.Response:
    draft = draft_of("mine", kind=kind, owner=owner, document={"name": "mine", **said})
    body = {"document": draft.document, "access": "private", "revision": draft.revision}
    path = f"/api/v3/{kind.value}/{owner}/mine/publications"
    reply: httpx.Response = await world.ask("POST", path, who=who, json=body)
    return reply


class TestResultsThatTheHubComputes:
    """Nobody publishes what ranks as if the hub had scored it."""

    async def test_results_of_competitions_are_the_hubs(self, world: World) -> None:
        kind = ArtifactKind.COMPETITION_RESULT
        reply = await _published_over_http(world, kind, "stranger", "mallory")
        assert (reply.status_code, reply.json()["code"]) == (403, "access_denied")
        reply = await _published_over_http(world, kind, "administrator", "mallory")
        assert reply.status_code == 201

    @pytest.mark.parametrize("name", ["submissionUrn", "submissionRevision"])
    async def test_results_do_not_pretend_to_be_of_a_submission(
        self, world: World, name: str
    ) -> None:
        claim = {name: "urn:polaris:prediction:alice:forest"}
        kind = ArtifactKind.RESULT
        reply = await _published_over_http(world, kind, "stranger", "mallory", **claim)
        assert reply.status_code == 403
        reply = await _published_over_http(world, kind, "stranger", "mallory")
        assert reply.status_code == 201


class TestWhatHasBeenPublished:
    """Members publish; what is there already only owners take away or exchange."""

    @pytest.mark.parametrize(
        ("method", "end", "body"),
        [
            ("POST", "/delete", {"json": {"keys": ["table"]}}),
            ("PUT", "/objects/table", {"content": b"another"}),
            ("PUT", "/hidden/table", {"content": b"easier targets"}),
        ],
    )
    async def test_members_do_not_change_it(
        self, world: World, method: str, end: str, body: dict[str, Any]
    ) -> None:
        record = await world.published("molecules")
        path = f"/api/v3/dataset/acme/molecules/revisions/{record.location.revision}{end}"
        assert (await world.ask(method, path, who="member", **body)).status_code == 403
        store = await world.hub.storage.open(record.location)
        assert await store.get([Read("table")]) == [b"content of the table"]
        assert (await world.ask(method, path, who="owner", **body)).is_success

    async def test_members_get_no_address_to_write_there(self, world: World) -> None:
        record = await world.published("molecules")
        path = f"/api/v3/dataset/acme/molecules/revisions/{record.location.revision}/sign"
        wanted = {"method": "PUT", "key": "table", "size": 3, "sha256": "0" * 64}
        reply = await world.ask("POST", path, who="member", json={"requests": [wanted]})
        assert reply.status_code == 403


class TestNames:
    async def test_artifacts_without_an_account_are_nobodys_to_take(self, world: World) -> None:
        # As in a hub that was a folder before it was served.
        await publish(world.hub.artifacts, draft_of("molecules", owner="old-lab"))
        body = {"slug": "old-lab"}
        reply = await world.ask("POST", "/api/v3/organizations", who="stranger", json=body)
        assert (reply.status_code, reply.json()["code"]) == (409, "account_exists")
        reply = await world.ask("GET", "/api/v3/dataset/old-lab/molecules", who="stranger")
        assert reply.status_code == 404
        reply = await world.ask("POST", "/api/v3/organizations", who="administrator", json=body)
        assert reply.status_code == 201

    async def test_deleted_ones_too(self, world: World) -> None:
        record = await publish(world.hub.artifacts, draft_of("molecules", owner="old-lab"))
        await world.hub.history.delete(record.ref)
        body = {"slug": "old-lab"}
        reply = await world.ask("POST", "/api/v3/organizations", who="stranger", json=body)
        assert reply.status_code == 409


class TestPrograms:
    async def test_an_address_is_told_to_programs_that_asked_for_it(self, world: World) -> None:
        await world.user("carol", email="carol@example.org")
        plain = await world.token("carol", kind=CredentialKind.ACCESS, scopes=frozenset({"read"}))
        given = attrs.evolve(
            await world.credentials.find(CredentialKind.ACCESS, digest_of_secret(plain)),
            digest="1" * 64,
        )
        for scopes, email in (
            (frozenset({"read"}), None),
            (frozenset({"read", "email"}), "carol@example.org"),
        ):
            shown = attrs.evolve(given, client="program", scopes=scopes)
            caller = await world.callers.of_credential(shown)
            hub = attrs.evolve(world.hub, callers=_Always(caller))
            transport = httpx.ASGITransport(create_app(hub))
            async with httpx.AsyncClient(transport=transport, base_url="https://hub") as http:
                reply = await http.get("/api/v3/me", headers={"authorization": "Bearer x"})
            assert reply.json()["email"] == email
        # A token of one's own tells all that the account page does.
        own = (await world.ask("GET", "/api/v3/me", who=await world.token("carol"))).json()
        assert own["email"] == "carol@example.org"


@attrs.frozen
class _Always:
    """Knows one caller."""

    caller: Any
    anonymous: bool = True

    async def find(self, token: Secret, /) -> Any:
        return self.caller


class TestAskingForMuch:
    async def test_nobody_has_much_json_read(self, world: World) -> None:
        record = await world.published("molecules", access="public")
        path = f"/api/v3/dataset/acme/molecules/revisions/{record.location.revision}"
        long = b'{"keys": [' + b" " * world.hub.limits.asking + b"]}"
        for end in ("/stat", "/digest", "/read", "/sign"):
            assert (await world.ask("POST", path + end, content=long)).status_code == 413


class TestRepeatedCalls:
    async def test_nothing_is_kept_for_nobody(self, world: World) -> None:
        path, key = "/api/v3/dataset/acme/molecules", {"idempotency-key": "k"}
        for method in ("DELETE", "DELETE"):
            assert (await world.ask(method, path, headers=key)).status_code == 401
        # Else this would be another call under the same key.
        reply = await world.ask("POST", "/api/v3/sign-out", headers=key)
        assert reply.status_code == 401

    async def test_a_token_for_less_is_not_told_what_one_for_more_was(self, world: World) -> None:
        record = await world.published("molecules")
        await world.hub.history.delete(record.ref)
        path, key = "/api/v3/dataset/acme/molecules/restore", {"idempotency-key": "k"}
        assert (await world.ask("POST", path, who="owner", headers=key)).status_code == 200
        less = await world.token("alice", scopes=frozenset({"admin"}))
        reply = await world.ask("POST", path, who=less, headers=key)
        assert reply.status_code == 400
        assert "document" not in reply.json()

    @pytest.mark.parametrize(("told", "kept"), [("no-store", False), ("private", True)])
    async def test_a_secret_is_not_kept(self, told: str, kept: bool) -> None:
        replies = RememberedReplies(ManualClock())
        begun = await replies.begin("alice", "key", "call")
        assert isinstance(begun, BegunHere)
        await replies.end(begun, Response("secret", headers={"cache-control": f"{told}, x=1"}))
        assert isinstance(await replies.begin("alice", "key", "call"), Response) is kept


class TestPasswordsOfReleasedClients:
    """What was got by a password ends with it, and by signing out, in every process."""

    @pytest.fixture
    def apps(self, world: World) -> list[World]:
        """Two processes of one hub."""
        found, tokens = [], None
        for _ in range(2):
            wire = released_wire(
                world.hub,
                AccountSignIns(world.hub.accounts, world.callers),
                incoming=InMemoryStorage(),
                archives=ZarrArchives(),
                tokens=tokens and attrs.evolve(tokens),
            )
            tokens = wire.tokens
            app = mount_released(create_app(wire.hub), wire)
            http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://hub")
            found.append(attrs.evolve(world, http=http))
        return found

    async def _token(self, app: World) -> Secret:
        form = {"grant_type": "password", "username": "alice", "password": PASSWORD}
        reply = await app.ask("POST", "/api/auth/token", data=form)
        return Secret(reply.json()["access_token"])

    async def test_another_password_ends_it(self, apps: list[World]) -> None:
        token = await self._token(apps[0])
        assert (await apps[1].ask("GET", "/api/v3/me", who=token)).status_code == 200
        body = {"current": PASSWORD, "new": "another long password"}
        reply = await apps[0].ask("PUT", "/api/v3/me/password", who="owner", json=body)
        assert reply.status_code == 200
        for app in apps:
            assert (await app.ask("GET", "/api/v3/me", who=token)).status_code == 401

    async def test_signing_out_ends_it_everywhere(self, apps: list[World]) -> None:
        token = await self._token(apps[0])
        assert (await apps[0].ask("POST", "/api/v3/sign-out", who=token)).status_code == 200
        for app in apps:
            assert (await app.ask("GET", "/api/v3/me", who=token)).status_code == 401
