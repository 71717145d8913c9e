"""A hub's provider in this process, and a browser without a window that visits it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import attrs
import httpx
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from polaris.domain.accounts import Account
from polaris.domain.secret import Secret
from polaris.ports.accounts import StoredPassword
from polaris.testing import ManualClock
from polaris_adapters.hub_server.oauth import Client, Provider
from tests.page_forms import forms_of

HUB = "https://hub.example"
PASSWORD = "a long enough word"
VERIFIER = "v" * 64
LOOPBACK = "http://127.0.0.1:45678/callback"
WEB = "https://app.example/back"
APP, APP_NAME = "some-app", "Some App"


@attrs.define
class Browser:
    """Keeps cookies, follows redirects of the hub, and sends the forms of pages.

    Attributes:
        http: Makes the requests.
        page: What was seen last.
        left: Where the hub sent the browser away to, if it did.
    """

    http: httpx.AsyncClient
    page: httpx.Response | None = None
    left: str | None = None

    @property
    def text(self) -> str:
        assert self.page is not None
        return self.page.text

    @property
    def status(self) -> int:
        assert self.page is not None
        return self.page.status_code

    @property
    def answer(self) -> dict[str, str]:
        """The parameters with which the browser was sent away."""
        assert self.left is not None, self.text
        return {name: values[0] for name, values in parse_qs(urlsplit(self.left).query).items()}

    async def open(self, path: str, **keywords: Any) -> httpx.Response:
        return await self._follow(await self.http.get(urljoin(HUB, path), **keywords))

    async def send(self, index: int = 0, /, **values: str) -> httpx.Response:
        """Send a form of the page, with other values where they are given."""
        assert self.page is not None
        action, fields = forms_of(self.page.text)[index]
        return await self.post(action, fields | values)

    async def post(self, path: str, form: dict[str, str], **keywords: Any) -> httpx.Response:
        return await self._follow(await self.http.post(urljoin(HUB, path), data=form, **keywords))

    async def _follow(self, reply: httpx.Response) -> httpx.Response:
        self.left = None
        for _ in range(10):
            self.page = reply
            if not reply.is_redirect:
                return reply
            where = urljoin(str(reply.request.url), reply.headers["location"])
            if not where.startswith(f"{HUB}/") or where.startswith(f"{HUB}/oauth2/callback?"):
                self.left = where
                return reply
            reply = await self.http.get(where)
        raise AssertionError("the redirects do not end")

    async def sign_in(self, username: str = "alice", password: str = PASSWORD) -> None:
        await self.open("/sign-in?again=1")
        await self.send(username=username, password=password)


@attrs.define
class Hub:
    """A hub's provider, and what drives it."""

    provider: Provider
    clock: ManualClock
    browser: Browser
    http: httpx.AsyncClient
    alice: Account
    new_browser: Callable[[], Browser]

    def authorize_url(self, **changes: str | None) -> str:
        asked: dict[str, str | None] = {
            "response_type": "code",
            "client_id": "polaris-cli",
            "redirect_uri": LOOPBACK,
            "scope": "openid profile email offline_access read write",
            "state": "some state & more",
            "code_challenge": create_s256_code_challenge(VERIFIER),
            "code_challenge_method": "S256",
        }
        given = {name: value for name, value in (asked | changes).items() if value is not None}
        return f"/oauth2/authorize?{urlencode(given)}"

    async def code(self, **changes: str | None) -> str:
        """Sign alice in if need be, allow the client, and return the code."""
        await self.browser.open(self.authorize_url(**changes))
        if "/sign-in" in str(self.browser.page.request.url):  # type: ignore[union-attr]
            await self.browser.send(username="alice", password=PASSWORD)
        if self.browser.left is None:
            await self.browser.send(decision="allow")
        return self.browser.answer["code"]

    async def token(
        self, headers: dict[str, str] | None = None, /, **form: str | None
    ) -> httpx.Response:
        """Ask the token endpoint, as the built-in client unless another is named."""
        sent = {"client_id": "polaris-cli", **form}
        return await self.post("/oauth2/token", headers, **sent)

    async def post(
        self, path: str, headers: dict[str, str] | None = None, /, **form: str | None
    ) -> httpx.Response:
        kept = {name: value for name, value in form.items() if value is not None}
        return await self.http.post(urljoin(HUB, path), data=kept, headers=headers)

    async def redeem(self, code: str, **changes: str | None) -> httpx.Response:
        asked: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": LOOPBACK,
            "code_verifier": VERIFIER,
        }
        return await self.token(**(asked | changes))

    async def tokens(self, **changes: str | None) -> dict[str, Any]:
        """Return what a whole sign-in gives."""
        reply = await self.redeem(await self.code(**changes))
        assert reply.status_code == 200, reply.text
        found: dict[str, Any] = reply.json()
        return found

    async def is_good(self, access_token: str) -> bool:
        headers = {"authorization": f"Bearer {access_token}"}
        reply = await self.http.get(f"{HUB}/oauth2/userinfo", headers=headers)
        return reply.status_code == 200

    async def register(self, **changes: Any) -> tuple[Client, Secret | None]:
        """Register a client with a secret."""
        confidential = changes.pop("confidential", True)
        given: dict[str, Any] = {"id": APP, "name": APP_NAME, "redirect_uris": [WEB]}
        client = Client(**(given | changes))
        secret = await self.provider.clients.add(
            client, confidential=confidential, now=self.clock.now()
        )
        return client, secret

    async def add_user(self, slug: str, *, temporary: bool = False, **changes: Any) -> Account:
        account = Account(id=f"id-of-{slug}", slug=slug, type="user", created_at=self.clock.now(),
                          **changes)  # fmt: skip
        hashed = self.provider.passwords.hash(PASSWORD)
        await self.provider.accounts.add(account, password=StoredPassword(hashed, temporary))
        return account
