"""Authorization codes (RFC 6749 section 4.1, RFC 7636, RFC 9207, OpenID Connect Core)."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.adapters.hub_server.oauth.driving import APP, HUB, LOOPBACK, VERIFIER, WEB

if TYPE_CHECKING:
    from tests.adapters.hub_server.oauth.driving import Hub


async def _claims(hub: Hub, token: str, alg: str = "ES256") -> dict[str, Any]:
    keys = (await hub.http.get(f"{HUB}/oauth2/jwks.json")).json()
    return dict(jwt.decode(token, KeySet.import_key_set(keys), [alg]).claims)


async def test_a_user_signs_in_and_allows_a_program(hub: Hub) -> None:
    code = await hub.code(nonce="n-1")
    answer = hub.browser.answer
    assert hub.browser.left is not None
    assert hub.browser.left.startswith(f"{LOOPBACK}?")
    assert (answer["state"], answer["iss"]) == ("some state & more", HUB)
    reply = await hub.redeem(code)
    assert reply.headers["cache-control"] == "no-store"
    tokens = reply.json()
    assert tokens["token_type"] == "Bearer"
    assert tokens["expires_in"] == 3600
    assert tokens["access_token"].startswith("polaris_at_")
    assert tokens["refresh_token"].startswith("polaris_rt_")
    assert tokens["scope"] == "openid profile email read write offline_access"
    claims = await _claims(hub, tokens["id_token"])
    now = int(hub.clock.now().timestamp())
    half = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
    assert claims == {
        "iss": HUB, "sub": hub.alice.id, "aud": "polaris-cli", "azp": "polaris-cli", "iat": now,
        "exp": now + 3600, "auth_time": now, "nonce": "n-1",
        "at_hash": base64.urlsafe_b64encode(half).decode().rstrip("="),
    }  # fmt: skip
    headers = {"authorization": f"Bearer {tokens['access_token']}"}
    info = (await hub.http.get(f"{HUB}/oauth2/userinfo", headers=headers)).json()
    assert info == {
        "sub": hub.alice.id, "preferred_username": "alice", "username": "alice",
        "user_id": hub.alice.id, "name": "Alice", "email": "alice@example.org",
        "email_verified": False,
    }  # fmt: skip


async def test_a_code_is_good_once_and_its_second_use_takes_back_what_it_gave(hub: Hub) -> None:
    """RFC 6749 section 4.1.2."""
    code = await hub.code()
    tokens = (await hub.redeem(code)).json()
    assert await hub.is_good(tokens["access_token"])
    again = await hub.redeem(code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert not await hub.is_good(tokens["access_token"])
    refreshed = await hub.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert refreshed.json()["error"] == "invalid_grant"


async def test_of_many_who_redeem_a_code_at_once_one_gets_tokens_and_loses_them(hub: Hub) -> None:
    code = await hub.code()
    replies = await asyncio.gather(*(hub.redeem(code) for _ in range(8)))
    good = [reply for reply in replies if reply.status_code == 200]
    assert len(good) == 1
    assert not await hub.is_good(good[0].json()["access_token"])


async def test_a_code_ends_after_a_minute(hub: Hub) -> None:
    code = await hub.code()
    hub.clock.advance(61)
    assert (await hub.redeem(code)).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code": "guessed"}, "invalid_grant"),
        ({"code": None}, "invalid_request"),
        ({"redirect_uri": "http://127.0.0.1:45679/callback"}, "invalid_grant"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"code_verifier": "w" * 64}, "invalid_grant"),
        ({"code_verifier": "short"}, "invalid_request"),
        ({"code_verifier": None}, "invalid_request"),
        ({"client_id": "agQP2xVM6JqMHvGc"}, "invalid_grant"),
        ({"client_id": "nobody"}, "invalid_client"),
        ({"client_id": None}, "invalid_client"),
        ({"client_secret": "a-secret"}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": None}, "invalid_request"),
    ],
)
async def test_what_does_not_belong_to_a_code_is_refused_and_does_not_use_it_up(
    hub: Hub, changes: dict[str, str | None], error: str
) -> None:
    """RFC 6749 section 5.2."""
    code = await hub.code()
    refused = await hub.redeem(**({"code": code} | changes))  # type: ignore[arg-type]
    assert refused.json()["error"] == error
    assert refused.status_code == (401 if error == "invalid_client" else 400)
    assert refused.headers["cache-control"] == "no-store"
    if refused.status_code == 401:
        assert refused.headers["www-authenticate"] == 'Basic realm="polaris"'
    assert (await hub.redeem(code)).status_code == 200


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "invalid_request"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"scope": "openid everything"}, "invalid_scope"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "sometimes"}, "invalid_request"),
        ({"prompt": "none"}, "login_required"),
        ({"max_age": "long"}, "invalid_request"),
        ({"nonce": "a\x00b"}, "invalid_request"),
        ({"request": "a.b.c"}, "request_not_supported"),
        ({"request_uri": "https://app.example/r"}, "request_uri_not_supported"),
        ({"registration": "{}"}, "registration_not_supported"),
    ],
)
async def test_the_client_is_told_what_is_wrong_with_its_request(
    hub: Hub, changes: dict[str, str | None], error: str
) -> None:
    """RFC 6749 section 4.1.2.1, OpenID Connect Core section 3.1.2.6."""
    await hub.browser.open(hub.authorize_url(**changes))
    answer = hub.browser.answer
    assert answer["error"] == error
    assert (answer["state"], answer["iss"]) == ("some state & more", HUB)
    assert "code" not in answer


async def test_a_parameter_that_is_there_twice_is_told(hub: Hub) -> None:
    await hub.browser.open(hub.authorize_url() + "&scope=read")
    assert hub.browser.answer["error"] == "invalid_request"


async def test_a_client_that_may_not_is_told(hub: Hub) -> None:
    await hub.register(grants=["refresh_token"], scopes=["openid"])
    await hub.browser.open(hub.authorize_url(client_id=APP, redirect_uri=WEB, scope="openid"))
    assert hub.browser.answer["error"] == "unauthorized_client"


async def test_a_scope_that_is_not_the_clients_is_told(hub: Hub) -> None:
    await hub.register(scopes=["openid", "read"])
    await hub.browser.open(hub.authorize_url(client_id=APP, redirect_uri=WEB, scope="write"))
    assert hub.browser.answer["error"] == "invalid_scope"


async def test_consent_that_is_declined_is_told(hub: Hub) -> None:
    await hub.browser.sign_in()
    await hub.browser.open(hub.authorize_url())
    await hub.browser.send(decision="deny")
    assert hub.browser.answer["error"] == "access_denied"


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "nobody"},
        {"client_id": None},
        {"redirect_uri": "https://evil.example/callback"},
        {"redirect_uri": "http://127.0.0.1:45678/elsewhere"},
        {"redirect_uri": "http://localhost:45678/callback"},
        {"redirect_uri": "http://127.0.0.1:1@evil.example/callback"},
        {"redirect_uri": "http://127.0.0.1:45678/callback#x"},
        {"redirect_uri": None},
    ],
)
async def test_nobody_is_sent_to_a_place_that_was_not_registered(
    hub: Hub, changes: dict[str, str | None]
) -> None:
    await hub.browser.open(hub.authorize_url(**changes))
    assert hub.browser.left is None
    assert hub.browser.status == 400
    assert "cannot go on" in hub.browser.text


async def test_a_secret_is_needed_where_there_is_one(hub: Hub) -> None:
    """RFC 6749 section 2.3.1, by the header and by the form."""
    _, secret = await hub.register()
    assert secret is not None
    given = {"client_id": APP, "redirect_uri": WEB}

    async def redeemed(headers: dict[str, str] | None = None, **form: str | None) -> Any:
        code = await hub.code(**given)
        sent: dict[str, str | None] = {"grant_type": "authorization_code", "code": code,
                "redirect_uri": WEB, "code_verifier": VERIFIER}  # fmt: skip
        return await hub.token(headers, **{**sent, **form})

    basic = base64.b64encode(f"{APP}:{secret.reveal()}".encode()).decode()
    header = {"authorization": f"Basic {basic}"}
    reply = await redeemed(header, client_id=None)
    assert (await _claims(hub, reply.json()["id_token"], "RS256"))["aud"] == APP
    assert (await redeemed(client_id=APP, client_secret=secret.reveal())).status_code == 200
    assert (await redeemed(client_id=APP)).json()["error"] == "invalid_client"
    wrong = await redeemed(client_id=APP, client_secret="polaris_cs_guessed")
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    twice = await redeemed(header, client_id=APP, client_secret=secret.reveal())
    assert twice.json()["error"] == "invalid_request"
    for bad in ("Basic !!", "Basic bm9jb2xvbg==", "Digest x"):
        reply = await redeemed({"authorization": bad})
        assert (reply.status_code, reply.json()["error"]) == (401, "invalid_client")


async def test_an_account_that_was_closed_meanwhile_gets_nothing(hub: Hub) -> None:
    code = await hub.code()
    await hub.provider.accounts.change(attrs.evolve(hub.alice, closed_at=hub.clock.now()))
    assert (await hub.redeem(code)).json()["error"] == "invalid_grant"
    await hub.browser.open("/account")
    assert "Sign in" in hub.browser.text


async def test_released_clients_get_what_they_need_by_what_they_ask_for(hub: Hub) -> None:
    """They ask for `profile email`, by their own client, and paste the code."""
    client, callback = "agQP2xVM6JqMHvGc", f"{HUB}/oauth2/callback"
    asked = {"client_id": client, "redirect_uri": callback, "scope": "profile email"}
    code = await hub.code(**asked)
    assert hub.browser.left is not None
    page = await hub.browser.http.get(hub.browser.left)
    assert code in page.text
    reply = await hub.redeem(code, client_id=client, redirect_uri=callback)
    told = reply.json()
    assert told["scope"] == "profile email read write offline_access"
    assert await hub.is_good(told["access_token"])
