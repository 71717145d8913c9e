"""Device codes (RFC 8628)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.adapters.hub_server.oauth.driving import APP, HUB, PASSWORD

if TYPE_CHECKING:
    import httpx

    from tests.adapters.hub_server.oauth.driving import Hub

GRANT = "urn:ietf:params:oauth:grant-type:device_code"


async def _begun(hub: Hub, **changes: str | None) -> dict[str, Any]:
    sent = {"client_id": "polaris-cli", "scope": "openid read write offline_access", **changes}
    reply = await hub.post("/oauth2/device_authorization", **sent)
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    return found


async def _ask(hub: Hub, device_code: str, **changes: str | None) -> httpx.Response:
    return await hub.token(**{"grant_type": GRANT, "device_code": device_code, **changes})


async def _decide(hub: Hub, code: dict[str, Any], decision: str = "allow") -> None:
    await hub.browser.open(code["verification_uri_complete"])
    if "Sign in" in hub.browser.text:
        await hub.browser.send(username="alice", password=PASSWORD)
    await hub.browser.send()
    await hub.browser.send(decision=decision)


async def test_a_device_waits_for_a_person(hub: Hub) -> None:
    code = await _begun(hub)
    assert code["verification_uri"] == f"{HUB}/device"
    assert (code["expires_in"], code["interval"]) == (600, 5)
    letters = code["user_code"].replace("-", "")
    assert len(letters) == 8
    assert set(letters) <= set("BCDFGHJKLMNPQRSTVWXZ")
    pending = await _ask(hub, code["device_code"])
    assert (pending.status_code, pending.json()["error"]) == (400, "authorization_pending")
    await _decide(hub, code)
    assert "Signed in" in hub.browser.text
    hub.clock.advance(5)
    told = (await _ask(hub, code["device_code"])).json()
    assert told["scope"] == "openid read write offline_access"
    assert "id_token" in told
    assert await hub.is_good(told["access_token"])
    again = await _ask(hub, code["device_code"])
    assert again.json()["error"] == "invalid_grant"
    assert not await hub.is_good(told["access_token"])


async def test_a_code_is_entered_however_it_is_written(hub: Hub) -> None:
    code = await _begun(hub)
    await hub.browser.sign_in()
    await hub.browser.open("/device")
    await hub.browser.send(user_code=f" {code['user_code'].lower().replace('-', ' ')} ")
    assert "Is this the code" in hub.browser.text


async def test_a_device_that_asks_too_often_has_to_wait_longer(hub: Hub) -> None:
    """RFC 8628 section 3.5: slow_down adds five seconds for good."""
    code = (await _begun(hub))["device_code"]
    errors = []
    for pause in (0, 1, 5, 10, 5, 25):
        hub.clock.advance(pause)
        errors.append((await _ask(hub, code)).json()["error"])
    pending, slow = "authorization_pending", "slow_down"
    assert errors == [pending, slow, slow, slow, slow, pending]


async def test_a_person_may_say_no(hub: Hub) -> None:
    code = await _begun(hub)
    await _decide(hub, code, "deny")
    assert "Declined" in hub.browser.text
    assert (await _ask(hub, code["device_code"])).json()["error"] == "access_denied"


async def test_a_code_ends(hub: Hub) -> None:
    code = await _begun(hub)
    hub.clock.advance(600)
    assert (await _ask(hub, code["device_code"])).json()["error"] == "expired_token"
    await hub.browser.sign_in()
    await hub.browser.open(code["verification_uri_complete"])
    await hub.browser.send()
    assert "No device waits" in hub.browser.text


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"device_code": "guessed"}, "invalid_grant"),
        ({"device_code": None}, "invalid_request"),
        ({"client_id": "agQP2xVM6JqMHvGc"}, "unauthorized_client"),
        ({"client_id": "nobody"}, "invalid_client"),
    ],
)
async def test_what_is_no_question_is_refused(
    hub: Hub, changes: dict[str, str | None], error: str
) -> None:
    code = await _begun(hub)
    sent = {"device_code": code["device_code"], **changes}
    assert (await _ask(hub, **sent)).json()["error"] == error


async def test_who_may_begin(hub: Hub) -> None:
    path = "/oauth2/device_authorization"
    refused = await hub.post(path, client_id="agQP2xVM6JqMHvGc")
    assert refused.json()["error"] == "unauthorized_client"
    assert (await hub.post(path, scope="read")).json()["error"] == "invalid_client"
    strange = await hub.post(path, client_id="polaris-cli", scope="everything")
    assert strange.json()["error"] == "invalid_scope"
    await hub.register(confidential=False, grants=[GRANT], redirect_uris=[], scopes=["read"])
    code = await hub.post(path, client_id=APP)
    assert code.status_code == 200
    # Another client cannot take what it waits for.
    taken = await _ask(hub, code.json()["device_code"])
    assert taken.json()["error"] == "invalid_grant"


async def test_the_letters_of_a_code_are_no_device_code(hub: Hub) -> None:
    code = await _begun(hub)
    await _decide(hub, code)
    letters = code["user_code"].replace("-", "")
    for guess in (letters, code["user_code"], f"user code {letters}"):
        assert (await _ask(hub, guess)).json()["error"] == "invalid_grant"


async def test_codes_cannot_be_guessed(hub: Hub) -> None:
    """RFC 8628 section 5.1."""
    code = await _begun(hub)
    await hub.browser.sign_in()
    statuses = []
    for number in range(12):
        await hub.browser.open("/device")
        await hub.browser.send(user_code="BCDFGHJ" + "BCDFGHJKLMNP"[number])
        statuses.append(hub.browser.status)
    assert statuses[:8] == [400] * 8
    assert statuses[-1] == 429
    assert hub.browser.page is not None
    assert int(hub.browser.page.headers["retry-after"]) > 0
    await hub.browser.open("/device")
    await hub.browser.send(user_code=code["user_code"])
    assert hub.browser.status == 429
    hub.clock.advance(100)
    await hub.browser.open("/device")
    await hub.browser.send(user_code=code["user_code"])
    assert hub.browser.status == 200


async def test_a_decision_is_only_for_a_code_that_was_shown(hub: Hub) -> None:
    code = await _begun(hub)
    await hub.browser.sign_in()
    await hub.browser.open("/device")
    await hub.browser.send(user_code=code["user_code"], decision="allow", proof="0" * 64)
    assert hub.browser.status == 403
    assert (await _ask(hub, code["device_code"])).json()["error"] == "authorization_pending"


async def test_of_many_questions_at_once_one_gets_tokens(hub: Hub) -> None:
    code = await _begun(hub)
    await _decide(hub, code)
    replies = await asyncio.gather(*(_ask(hub, code["device_code"]) for _ in range(6)))
    assert sorted(reply.status_code for reply in replies) == [200, *[400] * 5]
