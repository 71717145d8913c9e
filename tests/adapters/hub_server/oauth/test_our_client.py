"""Our client signs in to our hub with nothing but its address."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from polaris.application.retry import RetryPolicy
from polaris.errors import SignInError
from polaris.ports.credentials import CredentialKind
from polaris.ports.interaction import SignInEvent
from polaris.testing import (
    InMemoryArtifacts,
    InMemoryArtifactStorage,
    InMemoryJobs,
    InMemoryTokenVault,
    ScriptedInteraction,
)
from polaris_adapters.hub_http.auth import HubAuth, SignInSettings
from polaris_adapters.hub_http.auth.discovery import discover
from polaris_adapters.hub_http.auth.sign_in_settings import DEFAULT_SCOPES, PUBLIC_CLIENT_ID
from polaris_adapters.hub_http.call import Call
from polaris_adapters.hub_http.options import parse_options
from polaris_adapters.hub_http.session import HttpSession
from polaris_adapters.hub_server import Hub as HubPorts
from polaris_adapters.hub_server import create_app
from polaris_adapters.hub_server.account_callers import AccountCallers
from polaris_adapters.hub_server.oauth import mount_oauth
from tests.adapters.hub_server.oauth.driving import HUB, PASSWORD

if TYPE_CHECKING:
    from tests.adapters.hub_server.oauth.driving import Browser, Hub

PUBLIC = "https://clerk.polarishub.io/oauth"


class Person(ScriptedInteraction):
    """Does in a browser what is asked for: enters codes, or signs in and pastes."""

    def __init__(self, browser: Browser, *, agrees: bool = True, pastes: bool = False) -> None:
        super().__init__(answers=["yes"] if pastes else [])
        self.browser, self.decision = browser, "allow" if agrees else "deny"

    async def _decide(self) -> None:
        if "Sign in" in self.browser.text:
            await self.browser.send(username="alice", password=PASSWORD)
        await self.browser.send()

    async def tell(self, event: SignInEvent, /) -> None:
        await super().tell(event)
        if event.kind == "device_code":
            await self.browser.open(str(event.details["verification_uri_complete"]))
            await self._decide()
            await self.browser.send(decision=self.decision)

    async def ask(self, question: str, /, *, hidden: bool = False) -> str:
        page = [event.details["url"] for event in self.events if event.kind == "browser"][-1]
        await self.browser.open(str(page))
        await self.browser.send(username="alice", password=PASSWORD)
        await self.browser.send(decision=self.decision)
        assert self.browser.left is not None
        return self.browser.left


@pytest.fixture
async def make_auth(hub: Hub) -> AsyncIterator[Callable[..., Any]]:
    """Yields a function that makes what signs in to the hub; its settings are the defaults."""
    opened: list[HttpSession] = []
    ports = HubPorts(
        InMemoryArtifacts(hub.clock, InMemoryJobs(hub.clock)),
        InMemoryArtifactStorage(),
        AccountCallers(hub.provider.accounts, hub.provider.credentials, hub.clock),
        hub.clock,
    )
    app = mount_oauth(create_app(ports), hub.provider)

    def make(person: ScriptedInteraction | None = None, vault: Any = None) -> Any:
        settings = SignInSettings(
            hub_url=f"{HUB}/",
            api_url=f"{HUB}/api",
            hub_token_url=f"{HUB}/api/auth/token",
            authorize_url=f"{PUBLIC}/authorize",
            token_fetch_url=f"{PUBLIC}/token",
            user_info_url=f"{PUBLIC}/userinfo",
            callback_url=f"{HUB}/oauth2/callback",
            scopes=DEFAULT_SCOPES,
            client_id=PUBLIC_CLIENT_ID,
        )
        http = {"default_timeout": (10, 200), "ca_bundle": None}
        options = parse_options({"transport": httpx.ASGITransport(app)}, http)
        session = HttpSession(settings.api_url, options, hub.clock, RetryPolicy(attempts=2))
        found = vault or InMemoryTokenVault()
        auth = HubAuth(session, settings, found, person or ScriptedInteraction(), environment={})
        session.bearer = auth
        opened.append(session)
        return auth

    yield make
    for session in opened:
        await session.aclose()


async def _me(auth: HubAuth) -> dict[str, Any]:
    found: dict[str, Any] = (await auth._session.send(Call("GET", "v3/me", "ask"))).json()
    return found


async def test_by_a_code_entered_elsewhere_renewed_and_out_again(
    hub: Hub, make_auth: Callable[..., Any]
) -> None:
    vault = InMemoryTokenVault()
    auth = make_auth(Person(hub.browser), vault)
    identity = await auth.sign_in()
    assert (identity.user.slug, identity.email) == ("alice", "alice@example.org")
    status = await auth.status()
    assert (status.road, status.renewable) == ("device", True)
    me = await _me(auth)
    assert (me["username"], me["scopes"]) == ("alice", ["read", "write"])
    before = (await auth.token()).reveal()
    hub.clock.advance(3600)
    # In another process, which knows only what is kept.
    other = make_auth(vault=vault)
    assert (await _me(other))["username"] == "alice"
    after = (await other.token()).reveal()
    assert after != before
    assert (await other.status()).scope == "openid profile email read write offline_access"
    await other.sign_out()
    assert not await hub.is_good(after)
    kept = await hub.provider.credentials.of_kind(CredentialKind.REFRESH)
    assert not [c for c in kept if c.is_good(hub.clock.now())]


async def test_by_a_code_that_is_pasted(hub: Hub, make_auth: Callable[..., Any]) -> None:
    obtaining = make_auth(Person(hub.browser, pastes=True))._obtaining
    server = await discover(obtaining.session, obtaining.settings)
    token = await obtaining._by_pasting(server, open_browser=False)
    assert hub.browser.left is not None
    assert hub.browser.left.startswith(f"{HUB}/oauth2/callback?code=")
    assert await hub.is_good(token.access.reveal())


async def test_a_code_that_is_declined_is_told(hub: Hub, make_auth: Callable[..., Any]) -> None:
    with pytest.raises(SignInError, match="access_denied"):
        await make_auth(Person(hub.browser, agrees=False)).sign_in()


async def test_a_token_made_on_the_page_works(hub: Hub, make_auth: Callable[..., Any]) -> None:
    await hub.browser.sign_in()
    await hub.browser.open("/account")
    await hub.browser.post("/account/tokens", {
        "csrf": _csrf(hub), "name": "CI", "scope_read": "1", "days": "30",
    })  # fmt: skip
    token = hub.browser.text.partition("polaris_pat_")[2].partition("<")[0]
    headers = {"authorization": f"Bearer polaris_pat_{token}"}
    auth = make_auth()
    reply = await auth._session.send(Call("GET", "v3/me", "ask", headers=headers, authorize=False))
    assert reply.json()["scopes"] == ["read"]


def _csrf(hub: Hub) -> str:
    return hub.browser.text.partition('name="csrf" value="')[2].partition('"')[0]


async def test_the_hub_says_how_one_signs_in_to_it(hub: Hub, make_auth: Callable[..., Any]) -> None:
    session = make_auth()._session
    found = await session.send(Call("GET", f"{HUB}/.well-known/polaris-hub", "ask"))
    login = found.json()["login"]
    assert login["issuer"] == HUB
    assert login["client_id"] == "polaris-cli"
