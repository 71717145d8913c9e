"""A hub's provider in this process."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware

from polaris.testing import (
    InMemoryAccounts,
    InMemoryAttempts,
    InMemoryCredentials,
    InMemoryKeys,
    ManualClock,
    QuickPasswords,
)
from polaris_adapters.hub_server.endpoints import RequestIds
from polaris_adapters.hub_server.oauth import Provider, ProviderSettings, oauth_routes
from tests.adapters.hub_server.oauth.driving import HUB, Browser, Hub


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def open_hub(clock: ManualClock) -> AsyncIterator[Callable[..., Any]]:
    """Yields a function that opens a hub with alice on it."""
    opened: list[httpx.AsyncClient] = []

    def client_of(app: Starlette) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        found = httpx.AsyncClient(transport=transport, base_url=HUB)
        opened.append(found)
        return found

    async def opening(fetch: Any = None, ports: Any = None, **settings: Any) -> Hub:
        more = {} if fetch is None else {"fetch": fetch}
        kept = ports or {
            "accounts": InMemoryAccounts(),
            "credentials": InMemoryCredentials(),
            "keys": InMemoryKeys(),
            "attempts": InMemoryAttempts(),
        }
        provider = Provider(
            **kept,
            passwords=QuickPasswords(),
            clock=clock,
            settings=ProviderSettings(**{"url": HUB, **settings}),
            **more,
        )
        app = Starlette(routes=oauth_routes(provider), middleware=[Middleware(RequestIds)])

        def new_browser() -> Browser:
            return Browser(client_of(app))

        hub = Hub(provider, clock, new_browser(), client_of(app), None, new_browser)  # type: ignore[arg-type]
        hub.alice = await hub.add_user("alice", name="Alice", email="alice@example.org")
        return hub

    yield opening
    for each in opened:
        await each.aclose()


@pytest.fixture
async def hub(open_hub: Callable[..., Any]) -> Any:
    return await open_hub()


@pytest.fixture
def words() -> Callable[[str], str]:
    """Returns a function that gives the words of a page."""
    return lambda page: re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).strip()
