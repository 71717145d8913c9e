"""Many at once, on the databases that hubs have."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from polaris.ports.credentials import CredentialKind
from polaris_adapters.sql_catalogue import SqlAccounts, SqlAttempts, SqlCredentials
from polaris_adapters.sql_catalogue.keys import SqlKeys

if TYPE_CHECKING:
    import httpx

    from polaris_adapters.sql_catalogue import Database
    from tests.adapters.hub_server.oauth.driving import Hub


@pytest.fixture
async def kept(database: Database, open_hub: Callable[..., Any]) -> Any:
    """A hub whose accounts and credentials are in a database."""
    ports = {
        "accounts": SqlAccounts(database),
        "credentials": SqlCredentials(database),
        "keys": SqlKeys(database),
        "attempts": SqlAttempts(database),
    }
    return await open_hub(ports=ports)


async def _refresh(hub: Hub, token: str, key: str) -> httpx.Response:
    headers = {"idempotency-key": key}
    return await hub.token(headers, grant_type="refresh_token", refresh_token=token)


async def test_whoever_refreshes_at_once_with_other_keys_ends_the_sign_in(kept: Hub) -> None:
    """Nothing of the family is good afterwards, whatever the order in which they were served."""
    for _ in range(3):
        token = (await kept.tokens())["refresh_token"]
        replies = await asyncio.gather(*(_refresh(kept, token, f"k{n}") for n in range(6)))
        given = [reply.json() for reply in replies if reply.status_code == 200]
        assert len(given) == 1
        assert not await kept.is_good(given[0]["access_token"])
        left = await kept.provider.credentials.of_account(kept.alice.id, CredentialKind.REFRESH)
        assert not [c for c in left if c.is_good(kept.clock.now())]


async def test_whoever_refreshes_at_once_with_one_key_gets_one_reply(kept: Hub) -> None:
    told = await kept.tokens()
    replies = await asyncio.gather(
        *(_refresh(kept, told["refresh_token"], "one") for _ in range(6))
    )
    assert {reply.status_code for reply in replies} == {200}
    assert len({reply.json()["refresh_token"] for reply in replies}) == 1
    assert await kept.is_good(replies[0].json()["access_token"])


async def test_of_many_who_redeem_a_code_one_gets_tokens_and_loses_them(kept: Hub) -> None:
    code = await kept.code()
    replies = await asyncio.gather(*(kept.redeem(code) for _ in range(6)))
    given = [reply.json() for reply in replies if reply.status_code == 200]
    assert len(given) == 1
    assert not await kept.is_good(given[0]["access_token"])


async def test_a_device_asks_while_a_person_decides(kept: Hub) -> None:
    begun = await kept.post("/oauth2/device_authorization", client_id="polaris-cli")
    code = begun.json()
    await kept.browser.sign_in()
    await kept.browser.open(code["verification_uri_complete"])
    await kept.browser.send()
    grant = "urn:ietf:params:oauth:grant-type:device_code"

    async def ask() -> httpx.Response:
        return await kept.token(grant_type=grant, device_code=code["device_code"])

    await asyncio.gather(kept.browser.send(decision="allow"), *(ask() for _ in range(4)))
    assert "Signed in" in kept.browser.text
    last = await ask()
    assert last.status_code == 200 or last.json()["error"] == "invalid_grant"
