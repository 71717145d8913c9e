"""Signing out: RFC 7009, and what happens when the server does not play along."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from polaris.domain.secret import Secret

if TYPE_CHECKING:
    from tests.adapters.hub_http.auth.conftest import LoginHub, MakeAuth


async def test_tokens_are_taken_back_and_forgotten(hub: LoginHub, make_auth: MakeAuth) -> None:
    made = make_auth()
    await made.auth.sign_in()
    await made.auth.sign_out()
    assert hub.forms("/revoke") == [
        {
            "token": "external-refresh-1",
            "token_type_hint": "refresh_token",
            "client_id": "some-client",
        },
        {
            "token": "external-access-1",
            "token_type_hint": "access_token",
            "client_id": "some-client",
        },
    ]
    assert await made.auth.current() is None
    assert made.vault.saved[-1].entries == ()
    assert await make_auth(vault=made.vault).auth.current() is None


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ConnectError("away"),
        httpx.Response(503),
        httpx.Response(400, json={"error": "unsupported_token_type"}),
        httpx.Response(404),
        httpx.Response(403, text="<html>"),
    ],
)
async def test_a_server_that_does_not_take_them_back_is_told_of(
    hub: LoginHub, make_auth: MakeAuth, answer: Any
) -> None:
    made = make_auth()
    await made.auth.sign_in()
    hub.instead["/revoke"] = [answer] * 10
    await made.auth.sign_out()
    notes = [event.message for event in made.person.events if event.kind == "note"]
    assert len(notes) == 1
    assert "external-refresh-1" not in notes[0]
    assert made.vault.saved[-1].entries == ()


async def test_a_hub_that_is_away_does_not_keep_anybody_signed_in(
    hub: LoginHub, make_auth: MakeAuth
) -> None:
    made = make_auth()
    await made.auth.sign_in()
    hub.instead["/.well-known/oauth-authorization-server"] = httpx.ConnectError("away")
    await made.auth.sign_out()
    assert "did not take the tokens back" in made.person.events[-2].message
    assert await made.auth.current() is None


async def test_a_server_that_offers_nothing_is_told_of(hub: LoginHub, make_auth: MakeAuth) -> None:
    hub.metadata["revocation_endpoint"] = None
    made = make_auth()
    await made.auth.sign_in()
    await made.auth.sign_out()
    assert "stay good until" in made.person.events[-2].message


async def test_tokens_do_not_go_to_a_server_that_did_not_give_them(
    hub: LoginHub, make_auth: MakeAuth
) -> None:
    made = make_auth()
    await made.auth.sign_in()
    hub.metadata["revocation_endpoint"] = "https://evil.example/revoke"
    await made.auth.sign_out()
    assert "evil.example" not in {request.url.host for request in hub.requests}


async def test_signing_out_where_nobody_is_signed_in_asks_nobody(
    hub: LoginHub, make_auth: MakeAuth
) -> None:
    made = make_auth()
    await made.auth.sign_out()
    assert hub.requests == []
    assert made.vault.saved == []


async def test_what_is_damaged_is_replaced(make_auth: MakeAuth) -> None:
    made = make_auth()
    await made.auth.sign_in()
    made.vault.is_damaged = True
    await made.auth.sign_out()
    assert await made.auth.current() is None


async def test_a_token_of_the_settings_is_put_aside_until_the_next_sign_in(
    make_auth: MakeAuth, jwt: Callable[..., str]
) -> None:
    made = make_auth(token=Secret(jwt({"username": "alice"})))
    assert await made.auth.current() is not None
    await made.auth.sign_out()
    assert await made.auth.current() is None
    assert made.person.events[-1].kind == "note"
    await made.auth.sign_in()
    assert await made.auth.current() is not None
