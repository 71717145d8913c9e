"""Tokens that a hub refuses though they have not ended, and tokens that must not go somewhere."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from polaris.errors import PolarisUnauthorizedError, SignInError
from polaris_adapters.hub_http.call import Call

if TYPE_CHECKING:
    from tests.adapters.hub_http.auth.conftest import LoginHub, MakeAuth


async def _signed_in(hub: LoginHub, make_auth: MakeAuth) -> Any:
    hub.exchanges = False
    made = make_auth()
    await made.auth.sign_in()
    hub.requests.clear()
    return made


def _renewals(hub: LoginHub) -> list[dict[str, str]]:
    return [f for f in hub.forms("/token") if f["grant_type"] == "refresh_token"]


async def test_a_token_that_the_hub_refuses_is_replaced_once(
    hub: LoginHub, make_auth: MakeAuth
) -> None:
    made = await _signed_in(hub, make_auth)
    made.clock.advance(100)

    def refuses_the_first(request: httpx.Request) -> httpx.Response:
        right = request.headers["authorization"] == "Bearer external-access-2"
        return httpx.Response(200 if right else 401, json={})

    hub.instead["/api/v1/dataset"] = refuses_the_first
    calls = [made.session.send(Call("GET", "v1/dataset", "list")) for _ in range(10)]
    assert {reply.status_code for reply in await asyncio.gather(*calls)} == {200}
    assert len(_renewals(hub)) == 1


async def test_a_hub_that_refuses_every_token_is_not_hammered(
    hub: LoginHub, make_auth: MakeAuth
) -> None:
    made = await _signed_in(hub, make_auth)
    hub.instead["/api/v1/dataset"] = lambda _: httpx.Response(401)
    made.clock.advance(100)
    for _ in range(5):
        with pytest.raises(PolarisUnauthorizedError):
            await made.session.send(Call("GET", "v1/dataset", "list"))
    assert len(_renewals(hub)) == 1


async def test_tokens_do_not_go_to_another_api_than_they_are_for(
    hub: LoginHub, make_auth: MakeAuth, caplog: pytest.LogCaptureFixture
) -> None:
    made = await _signed_in(hub, make_auth)
    other = make_auth(vault=made.vault, api_url="https://evil.example/api")
    assert await other.auth.current() is None
    assert "sign in again" in caplog.text


async def test_a_refresh_token_goes_only_where_it_is_from(
    hub: LoginHub, make_auth: MakeAuth
) -> None:
    made = await _signed_in(hub, make_auth)
    made.clock.advance(590)
    other = make_auth(vault=made.vault, token_fetch_url="https://evil.example/token")
    await other.auth.token()
    assert {request.url.host for request in hub.requests} == {"hub.example"}


async def test_a_sign_in_that_was_taken_back_is_told_of(hub: LoginHub, make_auth: MakeAuth) -> None:
    made = await _signed_in(hub, make_auth)
    made.clock.advance(100)
    hub.live.clear()
    hub.instead["/api/v1/dataset"] = lambda _: httpx.Response(401)
    with pytest.raises(SignInError, match="invalid_grant") as caught:
        await made.session.send(Call("GET", "v1/dataset", "list"))
    assert "polaris auth login" in caught.value.hint
    for _ in range(3):
        with pytest.raises(PolarisUnauthorizedError):
            await made.session.send(Call("GET", "v1/dataset", "list"))
    assert len(_renewals(hub)) == 1
