"""Exchanging the login provider's token for one of the hub (RFC 8693, protocol section 4.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from polaris.errors import PolarisHubError, SignInError

if TYPE_CHECKING:
    from tests.adapters.hub_http.auth.conftest import LoginHub, MakeAuth


async def test_the_exchange_has_the_fields_of_the_protocol_in_their_order(
    hub: LoginHub, make_auth: MakeAuth
) -> None:
    made = make_auth()
    await made.auth.sign_in()
    assert list(hub.forms("/api/auth/token")[0].items()) == [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("subject_token", "external-access-1"),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
        ("requested_token_type", "urn:ietf:params:oauth:token-type:jwt"),
        ("client_id", "None"),
    ]
    sent = next(r for r in hub.requests if r.url.path == "/api/auth/token")
    assert sent.headers["content-type"].startswith("application/x-www-form-urlencoded")
    assert "authorization" not in sent.headers
    token = await made.auth.current()
    assert token is not None
    assert token.reveal() == "hub-access-2"


@pytest.mark.parametrize("status", [404, 405, 501])
async def test_a_hub_without_an_exchange_takes_the_external_token_itself(
    hub: LoginHub, make_auth: MakeAuth, status: int
) -> None:
    hub.instead["/api/auth/token"] = httpx.Response(status, text="<html>")
    made = make_auth()
    await made.auth.sign_in()
    token = await made.auth.current()
    assert token is not None
    assert token.reveal() == "external-access-1"


async def test_the_first_generation_is_not_asked_for_an_exchange(
    hub: LoginHub, make_auth: MakeAuth
) -> None:
    made = make_auth(generation="g1")
    await made.auth.sign_in()
    assert hub.forms("/api/auth/token") == []
    assert (await made.auth.token()).reveal() == "external-access-1"


async def test_the_second_generation_has_to_offer_it(hub: LoginHub, make_auth: MakeAuth) -> None:
    hub.exchanges = False
    made = make_auth(generation="g2")
    with pytest.raises(PolarisHubError):
        await made.auth.sign_in()
    assert made.vault.saved == []


@pytest.mark.parametrize(
    "reply",
    [
        httpx.Response(400, json={"error": "invalid_grant", "error_description": "unknown"}),
        httpx.Response(401, json={"error": "invalid_client"}),
        httpx.Response(403, json={"message": "without error: no token, whatever it looks like"}),
        httpx.Response(403, json={"access_token": "looks-like-one"}),
        httpx.Response(302, json={"access_token": "looks-like-one"}),
        httpx.Response(200, json={"error": "invalid_grant"}),
        httpx.Response(200, json={"message": "no token"}),
        httpx.Response(200, json={"access_token": "x", "token_type": "Storage"}),
        httpx.Response(302, headers={"location": "https://evil.example/"}),
        httpx.Response(200, text="<html>sign in to the proxy</html>"),
        httpx.Response(500),
    ],
)
async def test_what_is_no_token_is_never_kept(
    hub: LoginHub, make_auth: MakeAuth, reply: httpx.Response
) -> None:
    """Protocol section 13, defect 2: an error without ``error`` locks users of polaris-lib out."""
    hub.instead["/api/auth/token"] = lambda _: reply
    made = make_auth()
    with pytest.raises(PolarisHubError):
        await made.auth.sign_in()
    assert made.vault.saved == []
    assert await made.auth.current() is None
    del hub.instead["/api/auth/token"]
    assert (await made.auth.sign_in()).user.slug == "alice"


async def test_the_hubs_refusal_is_a_failed_sign_in(hub: LoginHub, make_auth: MakeAuth) -> None:
    hub.instead["/api/auth/token"] = httpx.Response(400, json={"error": "invalid_grant"})
    with pytest.raises(SignInError, match="exchange"):
        await make_auth().auth.sign_in()
