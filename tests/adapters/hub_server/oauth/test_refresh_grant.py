"""Refresh tokens: each is good once (RFC 6749 section 6, RFC 9700 section 4.14.2)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from polaris.application.accounts.secrets import digest_of_secret
from polaris.domain.secret import Secret
from polaris.ports.credentials import CredentialKind
from tests.adapters.hub_server.oauth.driving import APP, WEB

if TYPE_CHECKING:
    import httpx

    from tests.adapters.hub_server.oauth.driving import Hub

DAY = 86400


async def _refresh(
    hub: Hub, token: str, key: str | None = None, **form: str | None
) -> httpx.Response:
    headers = None if key is None else {"idempotency-key": key}
    return await hub.token(headers, grant_type="refresh_token", refresh_token=token, **form)


async def test_each_refresh_token_gives_the_next(hub: Hub) -> None:
    told = await hub.tokens()
    seen = [told["refresh_token"]]
    for number in range(4):
        reply = await _refresh(hub, seen[-1], key=None if number % 2 else f"key-{number}")
        assert reply.status_code == 200, reply.text
        seen.append(reply.json()["refresh_token"])
        assert await hub.is_good(reply.json()["access_token"])
    assert len(set(seen)) == 5


@pytest.mark.parametrize("key", [None, "another key"])
async def test_one_that_comes_again_ends_the_sign_in(hub: Hub, key: str | None) -> None:
    told = await hub.tokens()
    fresh = (await _refresh(hub, told["refresh_token"], "the first key")).json()
    reply = await _refresh(hub, told["refresh_token"], key)
    assert (reply.status_code, reply.json()["error"]) == (400, "invalid_grant")
    for token in (told["access_token"], fresh["access_token"]):
        assert not await hub.is_good(token)
    assert (await _refresh(hub, fresh["refresh_token"])).json()["error"] == "invalid_grant"


async def test_with_its_key_the_same_reply_comes_again(hub: Hub) -> None:
    """Whoever has not got the reply asks once more, and loses nothing."""
    told = await hub.tokens()
    first = (await _refresh(hub, told["refresh_token"], "renewal-1")).json()
    hub.clock.advance(100)
    again = (await _refresh(hub, told["refresh_token"], "renewal-1")).json()
    assert again.pop("expires_in") == first.pop("expires_in") - 100
    assert again == first
    assert await hub.is_good(first["access_token"])
    assert (await _refresh(hub, first["refresh_token"], "renewal-2")).status_code == 200


async def test_the_reply_does_not_come_again_once_something_has_come_of_it(hub: Hub) -> None:
    told = await hub.tokens()
    first = (await _refresh(hub, told["refresh_token"], "renewal-1")).json()
    second = (await _refresh(hub, first["refresh_token"], "renewal-2")).json()
    reply = await _refresh(hub, told["refresh_token"], "renewal-1")
    assert reply.json()["error"] == "invalid_grant"
    assert not await hub.is_good(second["access_token"])


async def test_the_reply_does_not_come_again_after_its_access_token_has_ended(hub: Hub) -> None:
    told = await hub.tokens()
    first = (await _refresh(hub, told["refresh_token"], "renewal-1")).json()
    hub.clock.advance(3601)
    assert (await _refresh(hub, told["refresh_token"], "renewal-1")).status_code == 400
    assert (await _refresh(hub, first["refresh_token"])).status_code == 400


async def test_a_kept_reply_is_sealed_and_opens_nothing(hub: Hub) -> None:
    told = await hub.tokens()
    first = (await _refresh(hub, told["refresh_token"], "renewal-1")).json()
    kept = [
        c
        for c in await hub.provider.credentials.of_kind(CredentialKind.REFRESH)
        if "sealed" in c.claims
    ]
    assert len(kept) == 1
    assert kept[0].account is None
    assert first["refresh_token"] not in str(kept)
    assert first["access_token"] not in str(kept)
    assert kept[0].digest != digest_of_secret(Secret(told["refresh_token"]))


@pytest.mark.parametrize("same_key", [True, False])
async def test_many_who_refresh_at_once(hub: Hub, same_key: bool) -> None:
    """With one key all get one reply; with keys of their own the sign-in ends."""
    told = await hub.tokens()
    replies = await asyncio.gather(
        *(_refresh(hub, told["refresh_token"], "k" if same_key else f"k{n}") for n in range(12))
    )
    bodies = [reply.json() for reply in replies]
    if same_key:
        assert len({body["refresh_token"] for body in bodies}) == 1
        assert await hub.is_good(bodies[0]["access_token"])
        return
    assert sorted({reply.status_code for reply in replies}) == [200, 400]
    given = [body for body in bodies if "access_token" in body]
    assert len(given) == 1
    assert not await hub.is_good(given[0]["access_token"])


async def test_fewer_scopes_may_be_asked_for_and_come_back_the_next_time(hub: Hub) -> None:
    told = await hub.tokens()
    fewer = (await _refresh(hub, told["refresh_token"], scope="openid read")).json()
    assert fewer["scope"] == "openid read"
    all_of_it = (await _refresh(hub, fewer["refresh_token"])).json()
    assert all_of_it["scope"] == told["scope"]
    more = await _refresh(hub, all_of_it["refresh_token"], scope="admin")
    assert more.json()["error"] == "invalid_scope"
    assert (await _refresh(hub, all_of_it["refresh_token"])).status_code == 200


async def test_no_refresh_token_without_offline_access(hub: Hub) -> None:
    assert "refresh_token" not in await hub.tokens(scope="openid read")


@pytest.mark.parametrize(
    ("form", "key", "error"),
    [
        ({"refresh_token": "guessed"}, None, "invalid_grant"),
        ({"refresh_token": None}, None, "invalid_request"),
        ({"client_id": "agQP2xVM6JqMHvGc"}, None, "invalid_grant"),
        ({}, "k" * 256, "invalid_request"),
    ],
)
async def test_what_is_no_refresh_is_refused_and_ends_nothing(
    hub: Hub, form: dict[str, Any], key: str | None, error: str
) -> None:
    told = await hub.tokens()
    headers = None if key is None else {"idempotency-key": key}
    sent = {"grant_type": "refresh_token", "refresh_token": told["refresh_token"], **form}
    assert (await hub.token(headers, **sent)).json()["error"] == error
    assert (await _refresh(hub, told["refresh_token"])).status_code == 200


async def test_an_access_token_is_no_refresh_token(hub: Hub) -> None:
    told = await hub.tokens()
    assert (await _refresh(hub, told["access_token"])).json()["error"] == "invalid_grant"


async def test_it_ends_thirty_days_after_its_last_use_and_half_a_year_after_the_first(
    hub: Hub,
) -> None:
    token = (await hub.tokens())["refresh_token"]
    for _ in range(6):
        hub.clock.advance(29 * DAY)
        reply = await _refresh(hub, token)
        assert reply.status_code == 200
        token = reply.json()["refresh_token"]
    hub.clock.advance(6 * DAY)  # 180 days since the sign-in
    assert (await _refresh(hub, token)).json()["error"] == "invalid_grant"
    idle = (await hub.tokens())["refresh_token"]
    hub.clock.advance(30 * DAY)
    assert (await _refresh(hub, idle)).json()["error"] == "invalid_grant"


async def test_a_client_that_was_removed_gets_nothing(hub: Hub) -> None:
    _, secret = await hub.register()
    assert secret is not None
    given = {"client_id": APP, "redirect_uri": WEB, "client_secret": secret.reveal()}
    code = await hub.code(client_id=APP, redirect_uri=WEB)
    told = (await hub.redeem(code, **given)).json()
    await hub.provider.clients.remove(APP, now=hub.clock.now())
    del given["redirect_uri"]
    assert (await _refresh(hub, told["refresh_token"], **given)).json()["error"] == "invalid_client"
    assert not await hub.is_good(told["access_token"])
