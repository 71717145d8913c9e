"""Signing in by a code that is entered on another machine (RFC 8628)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from polaris.errors import HubReplyError, PolarisHubError, SignInError

if TYPE_CHECKING:
    from tests.adapters.hub_http.auth.conftest import LoginHub, MakeAuth


async def test_a_code_is_shown_and_asked_for_until_it_has_been_entered(
    hub: LoginHub, make_auth: MakeAuth
) -> None:
    hub.device_replies = ["authorization_pending"] * 3
    made = make_auth()
    assert (await made.auth.sign_in()).user.slug == "alice"
    shown = next(event for event in made.person.events if event.kind == "device_code")
    assert "WDJB-MJHT" in shown.message
    assert shown.details["verification_uri"] == "https://hub.example/enter"
    assert "device-code-secret" not in repr(made.person.events)
    assert made.clock.sleeps == [5, 5, 5, 5]


async def test_slow_down_makes_the_pauses_longer_for_good(
    hub: LoginHub, make_auth: MakeAuth
) -> None:
    """RFC 8628 section 3.5."""
    hub.device_replies = ["slow_down", "authorization_pending", "slow_down"]
    made = make_auth()
    await made.auth.sign_in()
    assert made.clock.sleeps == [5, 10, 10, 15]


@pytest.mark.parametrize(
    "error",
    ["access_denied", "expired_token", "invalid_grant", "invalid_request", "invalid_client",
     "unauthorized_client", "unsupported_grant_type", "invalid_scope", "of_tomorrow"],
)  # fmt: skip
async def test_other_errors_end_the_sign_in(hub: LoginHub, make_auth: MakeAuth, error: str) -> None:
    hub.device_replies = ["authorization_pending", error]
    made = make_auth()
    with pytest.raises(SignInError, match=error) as caught:
        await made.auth.sign_in()
    assert caught.value.hint
    assert len(hub.forms("/token")) == 2
    assert made.vault.saved == []


async def test_a_code_that_nobody_enters_ends(hub: LoginHub, make_auth: MakeAuth) -> None:
    hub.device_replies = ["authorization_pending"] * 1000
    made = make_auth()
    with pytest.raises(SignInError, match="not entered in time"):
        await made.auth.sign_in()
    assert sum(made.clock.sleeps) <= 300
    assert len(hub.forms("/token")) == 60


async def test_a_server_that_is_away_is_asked_ever_more_rarely(
    hub: LoginHub, make_auth: MakeAuth
) -> None:
    """RFC 8628 section 3.5: exponential backoff after a timeout."""
    hub.instead["/token"] = [httpx.ReadTimeout("slow"), httpx.ReadTimeout("slow")]
    made = make_auth()
    assert (await made.auth.sign_in()).user.slug == "alice"
    assert made.clock.sleeps == [5, 10, 20]


async def test_a_server_that_stays_away_is_told_of(hub: LoginHub, make_auth: MakeAuth) -> None:
    hub.instead["/token"] = lambda _: httpx.Response(503)
    made = make_auth()
    with pytest.raises(PolarisHubError) as caught:
        await made.auth.sign_in()
    assert caught.value.retryable


@pytest.mark.parametrize(
    "body",
    [
        {}, {"device_code": "x"}, {"device_code": 5, "user_code": "A", "verification_uri": "x"},
        {"device_code": "x", "user_code": "", "verification_uri": "https://hub.example/"},
        {"device_code": "x", "user_code": "A"},
        {"device_code": "x", "user_code": "A", "verification_uri": "javascript:alert(1)"},
        {"device_code": "x", "user_code": "A", "verification_uri": "http://evil.example/"},
        ["no object"], "text", None,
    ],
)  # fmt: skip
async def test_a_reply_without_what_is_needed_is_refused(
    hub: LoginHub, make_auth: MakeAuth, body: Any
) -> None:
    hub.instead["/device"] = httpx.Response(200, json=body)
    with pytest.raises(HubReplyError):
        await make_auth().auth.sign_in()


async def test_a_server_that_offers_no_codes_after_all_is_told_of(
    hub: LoginHub, make_auth: MakeAuth
) -> None:
    hub.instead["/device"] = httpx.Response(400, json={"error": "unauthorized_client"})
    with pytest.raises(SignInError, match="unauthorized_client"):
        await make_auth().auth.sign_in()


@pytest.mark.parametrize("value", [None, "5", -1, 0, True, [], 1e300])
async def test_pauses_are_five_seconds_unless_a_number_says_otherwise(
    hub: LoginHub, make_auth: MakeAuth, value: Any
) -> None:
    usual = hub._device(httpx.Request("POST", "https://hub.example/device")).json()
    hub.instead["/device"] = httpx.Response(200, json=usual | {"interval": value})
    made = make_auth()
    await made.auth.sign_in()
    assert made.clock.sleeps == [5]


async def test_an_interrupted_sign_in_leaves_nothing_behind(
    hub: LoginHub, make_auth: MakeAuth
) -> None:
    made = make_auth()

    def interrupt(_: httpx.Request) -> httpx.Response:
        task.cancel()
        return httpx.Response(400, json={"error": "authorization_pending"})

    hub.instead["/token"] = interrupt
    task = asyncio.create_task(made.auth.sign_in())
    with pytest.raises(asyncio.CancelledError):
        await task
    assert made.vault.saved == []
    assert await made.auth.current() is None
    del hub.instead["/token"]
    assert (await made.auth.sign_in()).user.slug == "alice"
