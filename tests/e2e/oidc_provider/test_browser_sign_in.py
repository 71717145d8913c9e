"""Code and PKCE with a loopback redirect, against the certified provider."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import httpx
import pytest

from polaris.domain.secret import Secret
from polaris.errors import SignInError
from polaris.testing import ScriptedInteraction
from polaris_adapters.hub_http.auth.authorization import Authorization
from polaris_adapters.hub_http.auth.discovery import discover
from polaris_adapters.hub_http.auth.refusals import Refusal

if TYPE_CHECKING:
    from tests.e2e.oidc_provider.conftest import MakeAuth, Provider, Visitor


class Browsing:
    """Lets a visitor follow the page that is opened, and change the redirect on its way."""

    def __init__(self, visitor: Visitor, **changes: str) -> None:
        self.visitor, self.changes = visitor, changes
        self.replies: list[httpx.Response] = []
        self.task: asyncio.Task[None] | None = None

    async def __call__(self, url: str) -> None:
        self.task = asyncio.create_task(self._follow(url))

    async def _follow(self, url: str) -> None:
        redirect = parse_qs(urlsplit(url).query)["redirect_uri"][0]
        reached = urlsplit(await self.visitor.visit(url, until=redirect))
        values = {name: found[0] for name, found in parse_qs(reached.query).items()} | self.changes
        address = urlunsplit(reached._replace(query=urlencode(values)))
        async with httpx.AsyncClient(verify=False, trust_env=False) as client:
            self.replies.append(await client.get(address))


async def test_chromium_signs_in_and_shows_that_it_can_be_closed(
    make_auth: MakeAuth, chromium: Any
) -> None:
    def follow(url: str) -> None:
        chromium.open(url)
        chromium.wait_for("input[name=login]")
        chromium.type("input[name=login]", "alice")
        chromium.type("input[name=password]", "any")
        chromium.click("button[type=submit]")
        chromium.wait_for("input[name=prompt][value=consent]")
        chromium.click("button[type=submit]")
        chromium.wait_for("h1 + p")  # our own page

    tasks: list[asyncio.Task[None]] = []

    async def browser(url: str) -> None:
        tasks.append(asyncio.create_task(asyncio.to_thread(follow, url)))

    made = make_auth(ScriptedInteraction(browser))
    identity = await made.auth.sign_in()
    await asyncio.gather(*tasks)
    assert identity.user.slug == "alice"
    assert identity.email == "alice@example.org"
    assert chromium.title == "Signed in"
    assert "close this window" in chromium.text
    assert urlsplit(chromium.url).hostname == "127.0.0.1"


async def test_a_visitor_signs_in(make_auth: MakeAuth, visitor: Visitor) -> None:
    made = make_auth(ScriptedInteraction(Browsing(visitor)))
    assert (await made.auth.sign_in()).user.slug == "alice"
    status = await made.auth.status()
    assert status.road == "browser"
    assert status.renewable
    assert "openid" in status.scope


async def test_consent_that_is_declined_is_told(make_auth: MakeAuth, visitor: Visitor) -> None:
    visitor.agrees = False
    made = make_auth(ScriptedInteraction(Browsing(visitor)))
    with pytest.raises(SignInError, match="access_denied"):
        await made.auth.sign_in()
    assert made.vault.saved == []


async def test_a_wrong_state_is_refused(make_auth: MakeAuth, visitor: Visitor) -> None:
    browsing = Browsing(visitor, state="another")
    made = make_auth(ScriptedInteraction(browsing), patience=1.5)
    with pytest.raises(SignInError, match="refused"):
        await made.auth.sign_in()
    assert [reply.status_code for reply in browsing.replies] == [400]
    assert made.vault.saved == []


@pytest.mark.parametrize("iss", ["https://evil.example", ""])
async def test_a_wrong_issuer_is_refused(
    make_auth: MakeAuth, visitor: Visitor, provider: Provider, iss: str
) -> None:
    before = provider.counts()
    made = make_auth(ScriptedInteraction(Browsing(visitor, iss=iss)))
    with pytest.raises(SignInError, match="refused"):
        await made.auth.sign_in()
    assert provider.counts() == before


async def _code(made: Any, visitor: Visitor, redirect: str) -> tuple[Authorization, Secret, str]:
    """Return a request, the code that answers it, and where the code is redeemed."""
    server = await discover(made.session, made.auth._settings)
    request = Authorization(
        server, client_id="polaris", redirect_uri=redirect, scope="openid offline_access"
    )
    reached = await visitor.visit(request.url, until=redirect)
    return request, request.code(parse_qs(urlsplit(reached).query)), server.token_endpoint


async def test_a_code_is_good_once_and_its_replay_takes_back_what_it_gave(
    make_auth: MakeAuth, visitor: Visitor, provider: Provider
) -> None:
    made = make_auth()
    redirect = "http://127.0.0.1:45678/callback"
    request, code, endpoint = await _code(made, visitor, redirect)
    requests = made.auth._obtaining.requests

    async def redeem() -> Any:
        return await requests.by_code(
            endpoint, code=code, redirect_uri=redirect, verifier=request.verifier
        )

    first = await redeem()
    with pytest.raises(Refusal, match="invalid_grant"):
        await redeem()
    with pytest.raises(Refusal, match="invalid_grant"):
        await requests.by_refresh(first, at_hub=False, scope="", key="k")


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "http://127.0.0.1:45679/callback"},
        {"redirect_uri": "http://127.0.0.1:45678/elsewhere"},
        {"verifier": Secret("x" * 64)},
        {"code": Secret("guessed")},
    ],
    ids=["port", "path", "verifier", "code"],
)
async def test_a_code_is_good_for_its_redirect_and_its_verifier_only(
    make_auth: MakeAuth, visitor: Visitor, changes: dict[str, Any]
) -> None:
    made = make_auth()
    redirect = "http://127.0.0.1:45678/callback"
    request, code, endpoint = await _code(made, visitor, redirect)
    usual: dict[str, Any] = {"redirect_uri": redirect, "verifier": request.verifier}
    given = {"code": code} | usual | changes
    with pytest.raises(Refusal, match="invalid_grant"):
        await made.auth._obtaining.requests.by_code(endpoint, **given)


async def test_a_redirect_that_is_not_registered_is_refused_by_the_provider(
    make_auth: MakeAuth, visitor: Visitor
) -> None:
    made = make_auth()
    server = await discover(made.session, made.auth._settings)
    request = Authorization(
        server, client_id="polaris", redirect_uri="http://evil.example/callback", scope="openid"
    )
    await visitor.visit(request.url)
    assert visitor.last is not None
    assert visitor.last.status_code == 400
    assert "redirect_uri" in visitor.last.text
