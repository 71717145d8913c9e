"""Renewing: early, once, and without losing a token whatever happens."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from polaris.domain.secret import Secret
from polaris.errors import (
    HubUnavailableError,
    HubUnreachableError,
    SignInError,
    StorageError,
)
from polaris.testing import InMemoryTokenVault
from polaris.testing.suites.at_once import at_once

if TYPE_CHECKING:
    from tests.adapters.hub_http.auth.conftest import LoginHub, MakeAuth


async def _signed_in(hub: LoginHub, make_auth: MakeAuth, **given: Any) -> Any:
    """Sign in to a hub that takes the login server's tokens, which can be renewed."""
    hub.exchanges = False
    made = make_auth(**given)
    await made.auth.sign_in()
    hub.requests.clear()
    return made


def _renewals(hub: LoginHub) -> list[dict[str, str]]:
    return [f for f in hub.forms("/token") if f["grant_type"] == "refresh_token"]


async def test_a_token_is_renewed_a_minute_before_it_ends(
    hub: LoginHub, make_auth: MakeAuth
) -> None:
    made = await _signed_in(hub, make_auth)
    made.clock.advance(539)
    assert (await made.auth.token()).reveal() == "external-access-1"
    made.clock.advance(2)
    assert (await made.auth.token()).reveal() == "external-access-2"
    assert [form["refresh_token"] for form in _renewals(hub)] == ["external-refresh-1"]


async def test_a_short_token_is_not_renewed_at_every_call(
    hub: LoginHub, make_auth: MakeAuth
) -> None:
    hub.lifetime = 30
    made = await _signed_in(hub, make_auth)
    for _ in range(22):
        await made.auth.token()
        made.clock.advance(1)
    assert _renewals(hub) == []
    made.clock.advance(1)
    await made.auth.token()
    assert len(_renewals(hub)) == 1


async def test_fifty_callers_renew_once(hub: LoginHub, make_auth: MakeAuth) -> None:
    made = await _signed_in(hub, make_auth)
    made.clock.advance(590)
    found = await asyncio.gather(*(made.auth.token() for _ in range(50)))
    assert {token.reveal() for token in found} == {"external-access-2"}
    assert len(_renewals(hub)) == 1


def test_callers_in_threads_renew_once(hub: LoginHub, make_auth: MakeAuth) -> None:
    made = asyncio.run(_signed_in(hub, make_auth))
    made.clock.advance(590)

    async def call(_: int) -> set[str]:
        found = await asyncio.gather(*(made.auth.token() for _ in range(10)))
        return {token.reveal() for token in found}

    assert at_once(call, 5) == [{"external-access-2"}] * 5
    assert len(_renewals(hub)) == 1


async def test_clients_that_share_a_vault_renew_once(hub: LoginHub, make_auth: MakeAuth) -> None:
    first = await _signed_in(hub, make_auth)
    others = [make_auth(vault=first.vault) for _ in range(3)]
    first.clock.advance(590)
    clients = [first, *others]
    found = await asyncio.gather(*(client.auth.token() for client in clients for _ in range(5)))
    assert {token.reveal() for token in found} == {"external-access-2"}
    assert len(_renewals(hub)) == 1


async def test_the_newest_refresh_token_is_kept_and_used(
    hub: LoginHub, make_auth: MakeAuth
) -> None:
    made = await _signed_in(hub, make_auth)
    for _ in range(4):
        made.clock.advance(590)
        await make_auth(vault=made.vault).auth.token()
    assert [f["refresh_token"] for f in _renewals(hub)] == [
        f"external-refresh-{number}" for number in range(1, 5)
    ]


async def test_a_reply_without_a_refresh_token_keeps_the_old_one(
    hub: LoginHub, make_auth: MakeAuth
) -> None:
    made = await _signed_in(hub, make_auth)
    hub.instead["/token"] = [httpx.Response(200, json={"access_token": "n", "expires_in": 600})]
    made.clock.advance(590)
    await made.auth.token()
    hub.live.add("external-refresh-1")
    made.clock.advance(590)
    await made.auth.token()
    assert [f["refresh_token"] for f in _renewals(hub)] == ["external-refresh-1"] * 2


async def test_a_process_that_dies_before_it_saves_leaves_the_name_of_its_renewal(
    hub: LoginHub, make_auth: MakeAuth
) -> None:
    """A server that honours Idempotency-Key gives the answer that was lost once more."""
    made = await _signed_in(hub, make_auth)
    made.clock.advance(590)
    answers: dict[str, httpx.Response] = {}

    def once_for_each_key(request: httpx.Request) -> httpx.Response:
        key = request.headers["idempotency-key"]
        if key not in answers:
            answers[key] = hub._token(request)
        return answers[key]

    def dies(request: httpx.Request) -> httpx.Response:
        once_for_each_key(request)
        raise asyncio.CancelledError  # The process ends when the server has answered.

    hub.instead["/token"] = dies
    with pytest.raises(asyncio.CancelledError):
        await made.auth.token()
    assert "external-refresh-1" in hub.dead
    hub.instead["/token"] = once_for_each_key
    other = make_auth(vault=made.vault)
    assert (await other.auth.token()).reveal() == "external-access-2"
    assert len(answers) == 1
    other.clock.advance(590)
    assert (await other.auth.token()).reveal() == "external-access-3"
    assert len(answers) == 2


async def test_a_lost_answer_is_asked_for_again_by_the_same_name(
    hub: LoginHub, make_auth: MakeAuth
) -> None:
    made = await _signed_in(hub, make_auth)
    made.clock.advance(590)
    hub.instead["/token"] = [httpx.ReadError("reset"), httpx.Response(503)]
    assert (await made.auth.token()).reveal() == "external-access-2"
    keys = [r.headers["idempotency-key"] for r in hub.requests if r.url.path == "/token"]
    assert len(keys) == 3
    assert len(set(keys)) == 1


async def test_a_server_that_is_away_does_no_harm_while_the_token_is_good(
    hub: LoginHub, make_auth: MakeAuth
) -> None:
    made = await _signed_in(hub, make_auth)
    hub.instead["/token"] = lambda _: httpx.Response(503)
    made.clock.advance(545)
    assert (await made.auth.token()).reveal() == "external-access-1"
    made.clock.advance(590)
    with pytest.raises(HubUnavailableError):
        await made.auth.token()
    del hub.instead["/token"]
    assert (await made.auth.token()).reveal() == "external-access-2"


async def test_calls_do_not_wait_one_by_one_for_a_server_that_is_away(
    hub: LoginHub, make_auth: MakeAuth
) -> None:
    made = await _signed_in(hub, make_auth)
    hub.instead["/token"] = lambda _: httpx.Response(400, json={"error": "server_error"})
    made.clock.advance(545)
    for _ in range(20):
        await made.auth.token()
    assert len(_renewals(hub)) == 1
    made.clock.advance(11)
    await made.auth.token()
    assert len(_renewals(hub)) == 2


async def test_a_refresh_token_of_the_hub_is_used_at_the_hub(
    hub: LoginHub, make_auth: MakeAuth
) -> None:
    """Protocol section 4.2: better omitted, but used where there is one."""
    given = {"access_token": "hub-1", "refresh_token": "hub-refresh-1", "expires_in": 600}
    hub.instead["/api/auth/token"] = [httpx.Response(200, json=given)]
    made = make_auth()
    await made.auth.sign_in()
    hub.requests.clear()
    again = {"access_token": "hub-2", "expires_in": 600}
    hub.instead["/api/auth/token"] = [httpx.Response(200, json=again)]
    made.clock.advance(590)
    assert (await made.auth.token()).reveal() == "hub-2"
    assert hub.forms("/api/auth/token") == [
        {"grant_type": "refresh_token", "refresh_token": "hub-refresh-1", "client_id": "None"}
    ]


async def test_what_the_hub_does_not_renew_is_exchanged_anew(
    hub: LoginHub, make_auth: MakeAuth
) -> None:
    given = {"access_token": "hub-1", "refresh_token": "hub-refresh-1", "expires_in": 60}
    refused = httpx.Response(400, json={"error": "invalid_grant"})
    hub.instead["/api/auth/token"] = [httpx.Response(200, json=given), refused]
    made = make_auth()
    await made.auth.sign_in()
    made.clock.advance(50)
    assert (await made.auth.token()).reveal() == "hub-access-2"
    assert _renewals(hub) == []


async def test_a_renewal_that_is_refused_asks_for_a_new_sign_in_and_not_again(
    hub: LoginHub, make_auth: MakeAuth
) -> None:
    made = await _signed_in(hub, make_auth)
    hub.live.clear()
    made.clock.advance(601)
    with pytest.raises(SignInError, match="invalid_grant") as caught:
        await made.auth.token()
    assert "polaris auth login" in caught.value.hint
    for _ in range(3):
        with pytest.raises(SignInError):
            await make_auth(vault=made.vault).auth.token()
    assert len(_renewals(hub)) == 1
    assert (await made.auth.status()).is_over
    await made.auth.sign_in()
    assert (await made.auth.token()).reveal() == "external-access-2"


async def test_a_disk_that_is_full_stops_a_renewal_before_anything_is_sent(
    hub: LoginHub, make_auth: MakeAuth
) -> None:
    made = await _signed_in(hub, make_auth)
    made.vault.is_full = True
    made.clock.advance(601)
    with pytest.raises(StorageError):
        await made.auth.token()
    assert _renewals(hub) == []
    made.vault.is_full = False
    assert (await made.auth.token()).reveal() == "external-access-2"


async def test_a_disk_that_fills_up_meanwhile_loses_nothing(
    hub: LoginHub, make_auth: MakeAuth, caplog: pytest.LogCaptureFixture
) -> None:
    made = await _signed_in(hub, make_auth)
    made.clock.advance(590)

    def fills(request: httpx.Request) -> httpx.Response:
        made.vault.is_full = True
        found = hub._token(request)
        assert isinstance(found, httpx.Response)
        return found

    hub.instead["/token"] = fills
    with caplog.at_level(logging.WARNING):
        assert (await made.auth.token()).reveal() == "external-access-2"
    assert "in memory only" in caplog.text
    assert "external-access-2" not in caplog.text
    del hub.instead["/token"]
    made.vault.is_full = False
    made.clock.advance(11)
    await made.auth.token()
    assert (await make_auth(vault=made.vault).auth.token()).reveal() == "external-access-2"
    assert len(_renewals(hub)) == 1


async def test_what_could_not_be_saved_is_saved_when_the_client_is_closed(
    hub: LoginHub, make_auth: MakeAuth
) -> None:
    made = await _signed_in(hub, make_auth)
    made.clock.advance(590)
    full = InMemoryTokenVault.save
    count = 0

    async def fails_once(key: Any, value: Any, /) -> None:
        nonlocal count
        count += 1
        if count == 2:  # The first announces the renewal.
            raise StorageError("no space")
        await full(made.vault, key, value)

    made.vault.save = fails_once
    await made.auth.token()
    await made.auth.aclose()
    assert made.vault.saved[-1].current.token.access == Secret("external-access-2")


async def test_who_is_cancelled_does_not_stop_the_renewal_of_others(
    hub: LoginHub, make_auth: MakeAuth
) -> None:
    made = await _signed_in(hub, make_auth)
    made.clock.advance(590)
    tasks = [asyncio.create_task(made.auth.token()) for _ in range(3)]
    await asyncio.sleep(0)
    tasks[0].cancel()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(found[0], asyncio.CancelledError)
    assert {token.reveal() for token in found[1:]} == {"external-access-2"}  # type: ignore[union-attr]
    assert len(_renewals(hub)) == 1


async def test_the_hubs_token_is_exchanged_anew_while_the_other_is_good(
    hub: LoginHub, make_auth: MakeAuth
) -> None:
    made = make_auth()
    await made.auth.sign_in()
    hub.lifetime = 6000
    made.clock.advance(545)  # Both are to be renewed.
    await made.auth.token()
    assert len(_renewals(hub)) == 1
    assert len(hub.forms("/api/auth/token")) == 2
    assert hub.forms("/api/auth/token")[1]["subject_token"] == "external-access-3"


async def test_an_answer_that_never_comes_is_an_error_that_may_be_retried(
    hub: LoginHub, make_auth: MakeAuth
) -> None:
    made = await _signed_in(hub, make_auth)
    made.clock.advance(700)
    hub.instead["/token"] = lambda _: (_ for _ in ()).throw(httpx.ReadTimeout("slow"))
    with pytest.raises(HubUnreachableError):
        await made.auth.token()
