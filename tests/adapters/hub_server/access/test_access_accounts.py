"""Accounts, organizations and personal tokens over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest

from polaris.domain.accounts import Role
from polaris.domain.secret import Secret
from polaris.ports.credentials import CredentialKind

World = Any
TOKENS = "/api/v3/me/tokens"
PASSWORD = "correct horse battery"
NEW = "another long password"


class TestTokens:
    """The own tokens."""

    async def test_a_token_is_told_once_and_works(self, world: World) -> None:
        body = {"name": "ci of acme", "scopes": ["read"], "days": 7}
        reply = await world.ask("POST", TOKENS, who="stranger", json=body)
        made = reply.json()
        assert reply.status_code == 201
        assert reply.headers["cache-control"] == "no-store"
        assert made["token"].startswith("polaris_pat_")
        assert (made["name"], made["scopes"]) == ("ci of acme", ["read"])
        me = await world.ask("GET", "/api/v3/me", who=Secret(made["token"]))
        assert (me.json()["username"], me.json()["scopes"]) == ("mallory", ["read"])
        listed = (await world.ask("GET", TOKENS, who="stranger")).json()["data"]
        assert [t["name"] for t in listed if t["id"] == made["id"]] == ["ci of acme"]
        assert "token" not in listed[0]
        world.clock.advance(timedelta(days=7).total_seconds())
        assert await world.callers.find(Secret(made["token"])) is None

    async def test_it_allows_no_more_than_the_token_of_the_call(self, world: World) -> None:
        few = await world.token("alice", scopes=frozenset({"admin", "read"}))
        body = {"name": "more", "scopes": ["read", "write"]}
        reply = await world.ask("POST", TOKENS, who=few, json=body)
        assert (reply.status_code, reply.json()["code"]) == (403, "insufficient_scope")
        assert 'error="insufficient_scope"' in reply.headers["www-authenticate"]
        body["scopes"] = ["read"]
        assert (await world.ask("POST", TOKENS, who=few, json=body)).status_code == 201

    @pytest.mark.parametrize(
        "wrong",
        [{"days": 0}, {"days": 366}, {"days": "7"}, {"days": True}, {"days": 1e99},
         {"scopes": []}, {"scopes": ["all"]}, {"scopes": "read"}, {"name": ""}, {"name": None}],
    )  # fmt: skip
    async def test_what_cannot_be_is_refused(self, world: World, wrong: dict[str, Any]) -> None:
        body = {"name": "mine", "scopes": ["read"]} | wrong
        before = (await world.ask("GET", TOKENS, who="owner")).json()
        reply = await world.ask("POST", TOKENS, who="owner", json=body)
        assert reply.status_code == 400
        assert (await world.ask("GET", TOKENS, who="owner")).json() == before

    async def test_a_secret_is_not_kept_for_who_repeats_the_call(self, world: World) -> None:
        body = {"name": "mine", "scopes": ["read"]}
        replies = [
            await world.ask(
                "POST", TOKENS, who="owner", json=body, headers={"idempotency-key": "k"}
            )
            for _ in range(2)
        ]
        assert len({reply.json()["token"] for reply in replies}) == 2

    async def test_one_that_is_revoked_is_good_no_more(self, world: World) -> None:
        body = {"name": "mine", "scopes": ["read"]}
        made = (await world.ask("POST", TOKENS, who="owner", json=body)).json()
        path = f"{TOKENS}/{made['id']}"
        assert (await world.ask("DELETE", path, who="stranger")).status_code == 404
        assert (await world.ask("GET", "/api/v3/me", who=Secret(made["token"]))).status_code == 200
        for _ in range(2):
            reply = await world.ask("DELETE", path, who="owner")
            assert reply.status_code == 200
            assert reply.json()["revokedAt"] is not None
        assert (await world.ask("GET", "/api/v3/me", who=Secret(made["token"]))).status_code == 401


class TestPassword:
    """The own password."""

    async def test_it_ends_all_sign_ins_but_no_personal_token(self, world: World) -> None:
        access = await world.token("alice", kind=CredentialKind.ACCESS)
        body = {"current": PASSWORD, "new": NEW}
        path = "/api/v3/me/password"
        assert (await world.ask("PUT", path, who=access, json=body)).status_code == 200
        assert (await world.ask("GET", "/api/v3/me", who=access)).status_code == 401
        assert (await world.ask("GET", "/api/v3/me", who="owner")).status_code == 200
        assert (await world.ask("PUT", path, who="owner", json=body)).status_code == 403

    async def test_who_guesses_has_to_wait(self, world: World) -> None:
        body = {"current": "wrong password", "new": NEW}
        for _ in range(50):
            reply = await world.ask("PUT", "/api/v3/me/password", who="owner", json=body)
            assert reply.json()["code"] == "sign_in"
            if reply.status_code == 429:
                break
            assert reply.status_code == 403
        assert int(reply.headers["retry-after"]) > 0

    async def test_a_bad_one_is_refused(self, world: World) -> None:
        body = {"current": PASSWORD, "new": "short"}
        reply = await world.ask("PUT", "/api/v3/me/password", who="owner", json=body)
        assert reply.status_code == 400
        assert "short" not in reply.text


class TestOrganizations:
    """Organizations and their members."""

    async def test_who_creates_one_owns_it(self, world: World) -> None:
        body = {"slug": "newcomers", "name": "The newcomers"}
        sent = {"json": body, "headers": {"idempotency-key": "k"}}
        made = await world.ask("POST", "/api/v3/organizations", who="stranger", **sent)
        again = await world.ask("POST", "/api/v3/organizations", who="stranger", **sent)
        assert made.status_code == again.status_code == 201
        assert made.json()["slug"] == "newcomers"
        # At once: what was remembered of the roles is looked up anew.
        me = (await world.ask("GET", "/api/v3/me", who="stranger")).json()
        assert me["roles"] == {"mallory": "owner", "newcomers": "owner"}
        reply = await world.ask("POST", "/api/v3/organizations", who="owner", json=body)
        assert (reply.status_code, reply.json()["code"]) == (409, "account_exists")

    async def test_members_come_and_go(self, world: World) -> None:
        members = "/api/v3/organizations/acme/members"
        await world.callers.find(world.tokens["stranger"])
        reply = await world.ask("PUT", f"{members}/mallory", who="owner", json={"role": "member"})
        assert reply.json() == {"user": "mallory", "role": "member"}
        listed = (await world.ask("GET", members, who="stranger")).json()["data"]
        assert listed == [
            {"user": "alice", "role": "owner"},
            {"user": "bobby", "role": "member"},
            {"user": "mallory", "role": "member"},
        ]
        one = await world.ask("GET", f"{members}/bobby", who="stranger")
        assert one.json() == {"user": "bobby", "role": "member"}
        assert (await world.ask("GET", f"{members}/carol", who="owner")).status_code == 404
        assert (await world.ask("DELETE", f"{members}/bobby", who="stranger")).status_code == 403
        assert (await world.ask("DELETE", f"{members}/mallory", who="stranger")).status_code == 200
        assert (await world.ask("GET", members, who="stranger")).status_code == 403

    async def test_the_last_owner_stays(self, world: World) -> None:
        path = "/api/v3/organizations/acme/members/alice"
        for call in (("DELETE", {}), ("PUT", {"json": {"role": "member"}})):
            reply = await world.ask(call[0], path, who="owner", **call[1])
            assert reply.status_code == 400
            assert "last owner" in reply.json()["detail"]
        assert (await world.accounts.members("acme"))[0].role is Role.OWNER

    @pytest.mark.parametrize("slug", ["nowhere", "alice"])
    async def test_what_is_no_organization_has_no_members(self, world: World, slug: str) -> None:
        path = f"/api/v3/organizations/{slug}/members"
        assert (await world.ask("GET", path, who="administrator")).status_code == 404
        assert (await world.ask("GET", path, who="stranger")).status_code == 403

    async def test_anybody_sees_who_an_owner_is(self, world: World) -> None:
        await world.accounts.change(await _with_email(world))
        reply = await world.ask("GET", "/api/v3/owners/alice")
        assert reply.json() == {
            "slug": "alice",
            "type": "user",
            "name": None,
            "createdAt": "2024-01-01T00:00:00+00:00",
            "isClosed": False,
        }
        assert (await world.ask("GET", "/api/v3/owners/acme")).json()["type"] == "organization"
        reply = await world.ask("GET", "/api/v3/owners/nobody")
        assert (reply.status_code, reply.json()["code"]) == (404, "account_not_found")
        assert (await world.ask("GET", "/api/v3/owners/%00")).status_code == 400


async def _with_email(world: World) -> Any:
    return attrs.evolve(await world.accounts.find("alice"), email="alice@example.org")


class TestAdministration:
    """Accounts, by administrators."""

    async def test_they_are_listed_page_by_page(self, world: World) -> None:
        found, after = [], ""
        while after is not None:
            path = f"/api/v3/accounts?limit=2&after={after}"
            page = (await world.ask("GET", path, who="administrator")).json()
            found += [account["slug"] for account in page["data"]]
            after = page["after"]
        assert found == ["acme", "alice", "bobby", "mallory", "root-user"]
        path = "/api/v3/accounts?type=organization"
        page = (await world.ask("GET", path, who="administrator")).json()
        assert [account["slug"] for account in page["data"]] == ["acme"]
        for wrong in ("type=other", "after=%00", "limit=-1"):
            path = f"/api/v3/accounts?{wrong}"
            assert (await world.ask("GET", path, who="administrator")).status_code == 400

    async def test_a_new_user_signs_in_with_the_password_that_is_told(self, world: World) -> None:
        body = {"slug": "newcomer", "name": "New Comer", "email": "new@example.org"}
        reply = await world.ask("POST", "/api/v3/accounts", who="administrator", json=body)
        made = reply.json()
        assert (reply.status_code, reply.headers["cache-control"]) == (201, "no-store")
        assert (made["email"], made["isAdministrator"]) == ("new@example.org", False)
        stored = await world.accounts.password(made["id"])
        assert stored.is_temporary
        assert made["password"] not in stored.hash
        path = "/api/v3/accounts/newcomer/password"
        other = (await world.ask("POST", path, who="administrator")).json()["password"]
        assert other != made["password"]
        reply = await world.ask("POST", "/api/v3/accounts", who="administrator", json=body)
        assert reply.status_code == 409

    async def test_what_is_left_out_stays(self, world: World) -> None:
        path = "/api/v3/accounts/alice"
        body = {"name": "Alice", "email": "alice@example.org"}
        first = (await world.ask("PATCH", path, who="administrator", json=body)).json()
        assert (first["name"], first["email"]) == ("Alice", "alice@example.org")
        more = {"email": None, "isAdministrator": True}
        second = (await world.ask("PATCH", path, who="administrator", json=more)).json()
        assert (second["name"], second["email"], second["isAdministrator"]) == ("Alice", None, True)
        me = (await world.ask("GET", "/api/v3/me", who="owner")).json()
        assert me["is_administrator"] is True

    async def test_closing_ends_everything_and_opening_brings_no_token_back(
        self, world: World
    ) -> None:
        path = "/api/v3/accounts/alice"
        await world.callers.find(world.tokens["owner"])
        reply = await world.ask("PATCH", path, who="administrator", json={"isClosed": True})
        assert reply.json()["isClosed"] is True
        assert (await world.ask("GET", "/api/v3/me", who="owner")).status_code == 401
        reply = await world.ask("PATCH", path, who="administrator", json={"isClosed": False})
        assert reply.json()["isClosed"] is False
        assert (await world.ask("GET", "/api/v3/me", who="owner")).status_code == 401

    async def test_the_last_administrator_stays(self, world: World) -> None:
        path = "/api/v3/accounts/root-user"
        for body in ({"isClosed": True}, {"isAdministrator": False, "name": "Gone"}):
            reply = await world.ask("PATCH", path, who="administrator", json=body)
            assert reply.status_code == 400
        found = await world.accounts.find("root-user")
        assert (found.closed_at, found.is_administrator, found.name) == (None, True, None)

    @pytest.mark.parametrize("body", [{"name": 3}, {"isClosed": "yes"}, {"email": "nowhere"}, []])
    async def test_what_cannot_be_is_refused(self, world: World, body: Any) -> None:
        before = await world.accounts.find("alice")
        path = "/api/v3/accounts/alice"
        reply = await world.ask("PATCH", path, who="administrator", json=body)
        assert reply.status_code == 400
        assert await world.accounts.find("alice") == before

    async def test_nobody_is_no_account(self, world: World) -> None:
        for method, path in (("PATCH", "nobody"), ("POST", "nobody/password")):
            sent: dict[str, Any] = {"json": {}} if method == "PATCH" else {}
            found = f"/api/v3/accounts/{path}"
            reply = await world.ask(method, found, who="administrator", **sent)
            assert (reply.status_code, reply.json()["code"]) == (404, "account_not_found")
