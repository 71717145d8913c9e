"""Exchange, revocation, introspection and user info (RFC 8693, 7009, 7662; OpenID Connect)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from polaris.application.accounts.personal_tokens import issue_token
from polaris.ports.credentials import CredentialKind
from tests.adapters.hub_server.oauth.driving import APP, HUB, WEB

if TYPE_CHECKING:
    import httpx

    from tests.adapters.hub_server.oauth.driving import Hub

EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS = "urn:ietf:params:oauth:token-type:access_token"


async def _personal(hub: Hub, *scopes: str, days: int = 30) -> str:
    made = await issue_token(
        hub.provider.ports, hub.alice, name="CI", scopes=scopes or ("read", "write"),
        life=timedelta(days=days), granted=None,
    )  # fmt: skip
    return made.secret.reveal()


async def _exchange(hub: Hub, token: str, **changes: str | None) -> httpx.Response:
    return await hub.token(**{"grant_type": EXCHANGE, "subject_token": token,
                              "subject_token_type": ACCESS, **changes})  # fmt: skip


async def _introspect(hub: Hub, token: str, **changes: Any) -> dict[str, Any]:
    _, secret = await hub.register(id="resources", grants=[], may_introspect=True, **changes)
    assert secret is not None
    reply = await hub.post("/oauth2/introspect", client_id="resources", token=token,
                           client_secret=secret.reveal())  # fmt: skip
    assert reply.status_code == 200
    found: dict[str, Any] = reply.json()
    return found


async def test_a_personal_token_gives_one_that_may_do_less(hub: Hub) -> None:
    personal = await _personal(hub)
    reply = await _exchange(hub, personal, scope="read", expires_in="60", audience=HUB)
    told = reply.json()
    assert (told["scope"], told["expires_in"], told["token_type"]) == ("read", 60, "Bearer")
    assert told["issued_token_type"] == ACCESS
    assert "refresh_token" not in told
    seen = await _introspect(hub, told["access_token"])
    now = int(hub.clock.now().timestamp())
    assert seen == {
        "active": True, "iss": HUB, "sub": hub.alice.id, "scope": "read", "iat": now,
        "exp": now + 60, "username": "alice", "client_id": "polaris-cli",
        "token_type": "Bearer", "aud": f"{HUB}/api",
    }  # fmt: skip


async def test_an_exchanged_token_ends_with_the_other_one(hub: Hub) -> None:
    personal = await _personal(hub, days=1)
    hub.clock.advance(86400 - 100)
    told = (await _exchange(hub, personal, resource=f"{HUB}/api")).json()
    assert told["expires_in"] == 100
    again = (await _exchange(hub, told["access_token"], expires_in="3600")).json()
    assert again["expires_in"] == 100


async def test_what_is_taken_back_takes_along_what_came_of_it(hub: Hub) -> None:
    told = await hub.tokens()
    fewer = (await _exchange(hub, told["access_token"], scope="openid")).json()["access_token"]
    assert await hub.is_good(fewer)
    await hub.post("/oauth2/revoke", client_id="polaris-cli", token=told["refresh_token"])
    assert not await hub.is_good(fewer)
    assert not await hub.is_good(told["access_token"])


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"subject_token": "guessed"}, "invalid_request"),
        ({"subject_token": None}, "invalid_request"),
        ({"subject_token_type": None}, "invalid_request"),
        ({"subject_token_type": "urn:ietf:params:oauth:token-type:jwt"}, "invalid_request"),
        ({"requested_token_type": "urn:ietf:params:oauth:token-type:jwt"}, "invalid_request"),
        ({"actor_token": "x"}, "invalid_request"),
        ({"actor_token_type": ACCESS}, "invalid_request"),
        ({"audience": "https://other.example"}, "invalid_target"),
        ({"resource": "https://other.example/api"}, "invalid_target"),
        ({"scope": "admin"}, "invalid_scope"),
        ({"expires_in": "0"}, "invalid_request"),
        ({"expires_in": "soon"}, "invalid_request"),
        ({"client_id": "agQP2xVM6JqMHvGc"}, "unauthorized_client"),
    ],
)
async def test_every_error_of_an_exchange(
    hub: Hub, changes: dict[str, str | None], error: str
) -> None:
    """RFC 8693 section 2.2.2: errors of tokens are those of requests."""
    reply = await _exchange(hub, **{"token": await _personal(hub), **changes})  # type: ignore[arg-type]
    assert reply.json()["error"] == error
    assert reply.status_code == 400


async def test_nobody_exchanges_the_access_token_of_another_client(hub: Hub) -> None:
    told = await hub.tokens()
    await hub.register(confidential=False, grants=[EXCHANGE])
    refused = await _exchange(hub, told["access_token"], client_id=APP)
    assert refused.json()["error"] == "invalid_request"


async def test_signing_out_takes_tokens_back(hub: Hub) -> None:
    """RFC 7009 section 2.1: an access token goes alone, a refresh token takes all along."""
    told = await hub.tokens()
    reply = await hub.post("/oauth2/revoke", client_id="polaris-cli", token=told["access_token"],
                           token_type_hint="refresh_token")  # fmt: skip
    assert (reply.status_code, reply.json()) == (200, {})
    assert not await hub.is_good(told["access_token"])
    fresh = await hub.token(grant_type="refresh_token", refresh_token=told["refresh_token"])
    assert fresh.status_code == 200
    for _ in range(2):  # What has been taken back already is no error (section 2.2).
        sent = {"client_id": "polaris-cli", "token": fresh.json()["refresh_token"]}
        assert (await hub.post("/oauth2/revoke", **sent)).status_code == 200
    assert not await hub.is_good(fresh.json()["access_token"])


async def test_every_error_of_a_revocation(hub: Hub) -> None:
    """RFC 7009 section 2.2.1."""
    told, personal = await hub.tokens(), await _personal(hub)

    async def error(**form: str) -> tuple[int, str]:
        reply = await hub.post("/oauth2/revoke", **form)
        return reply.status_code, reply.json().get("error", "")

    assert await error(client_id="polaris-cli") == (400, "invalid_request")
    assert await error(token="x") == (401, "invalid_client")
    assert await error(token="x", client_id="nobody") == (401, "invalid_client")
    assert await error(token="x", client_id="polaris-cli", client_secret="y") == (
        401, "invalid_client",
    )  # fmt: skip
    others = {"client_id": "agQP2xVM6JqMHvGc", "token": told["access_token"]}
    assert await error(**others) == (400, "unauthorized_client")
    unsupported = {"client_id": "polaris-cli", "token": personal}
    assert await error(**unsupported) == (400, "unsupported_token_type")
    assert await error(client_id="polaris-cli", token="nobody's") == (200, "")
    assert await hub.is_good(told["access_token"])


async def test_who_is_told_of_tokens(hub: Hub) -> None:
    """RFC 7662 section 2.1 and 4: with a secret only, and others' only if operators say so."""
    told = await hub.tokens()
    path, token = "/oauth2/introspect", told["access_token"]
    for form in ({}, {"client_id": "polaris-cli"}, {"client_id": APP, "client_secret": "no"}):
        reply = await hub.post(path, token=token, **form)
        assert (reply.status_code, reply.json()["error"]) == (401, "invalid_client")
    _, secret = await hub.register()
    assert secret is not None
    own = {"client_id": APP, "client_secret": secret.reveal()}
    assert (await hub.post(path, token=token, **own)).json() == {"active": False}
    assert (await hub.post(path, **own)).json()["error"] == "invalid_request"
    code = await hub.code(client_id=APP, redirect_uri=WEB)
    mine = (await hub.redeem(code, redirect_uri=WEB, **own)).json()
    seen = (await hub.post(path, token=mine["refresh_token"], **own)).json()
    assert seen["active"]
    assert "token_type" not in seen


async def test_what_is_not_good_is_not_active_and_nothing_else_is_told(hub: Hub) -> None:
    told = await hub.tokens()
    personal = await _personal(hub)
    _, secret = await hub.register(id="resources", grants=[], may_introspect=True)
    assert secret is not None

    async def seen(token: str) -> Any:
        return (await hub.post("/oauth2/introspect", token=token, client_id="resources",
                               client_secret=secret.reveal())).json()  # fmt: skip

    assert (await seen(personal))["active"]
    assert await seen("guessed") == {"active": False}
    hub.clock.advance(3600)
    assert await seen(told["access_token"]) == {"active": False}
    await hub.provider.accounts.change(attrs.evolve(hub.alice, closed_at=hub.clock.now()))
    assert await seen(personal) == {"active": False}


@pytest.mark.parametrize(
    ("scope", "names"),
    [
        ("openid", {"sub"}),
        ("openid email", {"sub", "email", "email_verified"}),
        ("profile", {"sub", "preferred_username", "username", "user_id", "name"}),
    ],
)
async def test_user_info_tells_what_the_scopes_let_it(
    hub: Hub, scope: str, names: set[str]
) -> None:
    token = (await hub.tokens(scope=scope))["access_token"]
    headers = {"authorization": f"Bearer {token}"}
    for method in ("GET", "POST"):
        reply = await hub.http.request(method, f"{HUB}/oauth2/userinfo", headers=headers)
        assert set(reply.json()) == names


async def test_every_error_of_user_info(hub: Hub) -> None:
    """RFC 6750 section 3.1."""
    token = (await hub.tokens(scope="read"))["access_token"]

    async def asked(header: str | None) -> tuple[int, str]:
        headers = {} if header is None else {"authorization": header}
        reply = await hub.http.get(f"{HUB}/oauth2/userinfo", headers=headers)
        return reply.status_code, reply.headers["www-authenticate"]

    assert await asked(None) == (401, 'Bearer realm="polaris"')
    wrong = 'Bearer realm="polaris", error="invalid_token"'
    assert await asked("Bearer guessed") == (401, wrong)
    assert await asked(f"Bearer {await _personal(hub)}") == (401, wrong)
    assert (await asked("Basic x"))[0] == 400
    narrow = 'Bearer realm="polaris", error="insufficient_scope", scope="openid"'
    assert await asked(f"Bearer {token}") == (403, narrow)
    hub.clock.advance(3600)
    assert await asked(f"Bearer {token}") == (401, wrong)


async def test_only_digests_are_kept(hub: Hub) -> None:
    told = await hub.tokens(nonce="n")
    secrets = [told["access_token"], told["refresh_token"]]
    kept = [c for k in CredentialKind for c in await hub.provider.credentials.of_kind(k)]
    assert kept
    assert not [s for s in secrets if s in str(kept)]
