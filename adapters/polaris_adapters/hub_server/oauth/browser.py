"""A browser at the pages of the hub: its cookies, who is signed in, and forms that are its own.

Source: RFC 6265bis (cookies with the prefix ``__Host-``), RFC 6819 section 4.4.1.8.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import attrs
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from polaris.application.accounts.secrets import digest_of_secret, new_secret
from polaris.domain.accounts import Account
from polaris.domain.secret import Secret
from polaris.ports.credentials import Credential, CredentialKind
from polaris_adapters.hub_server.oauth.parameters import Parameters
from polaris_adapters.hub_server.oauth.provider import Provider
from polaris_adapters.hub_server.pages.rendering import page_response

__all__ = ["PageError", "Visit", "cookie_name", "local_path", "visit_of"]

_SESSION = CredentialKind.SESSION
_BROWSER = re.compile(r"[A-Za-z0-9_-]{43}")
# Where people may be sent after signing in: pages of the hub, and nothing that a browser could read
# as another place.
_LOCAL = re.compile(r"/(?:account|device|oauth2/authorize)(?:\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?")
_AGENTS = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = ("Windows", "Android", "iPhone", "iPad", "Mac OS", "Linux")


class PageError(Exception):
    """What people are told on a page of its own.

    Args:
        status: HTTP status.
        title: What is wrong, a few words.
        text: What to do about it.
    """

    def __init__(self, status: int, title: str, text: str) -> None:
        super().__init__(title)
        self.status, self.title, self.text = status, title, text


def local_path(text: str | None, *, otherwise: str = "/account") -> str:
    """Return where to go on; only pages of the hub, whatever was asked for."""
    found = text or ""
    return found if len(found) < 8000 and _LOCAL.fullmatch(found) else otherwise


@attrs.frozen(kw_only=True)
class Visit:
    """One request of a browser.

    Attributes:
        provider: The hub.
        request: The request.
        base: Address of the hub, without a ``/`` at its end.
        browser: A secret of this browser, which its forms are bound to.
        session: Its session; None where nobody is signed in.
        account: Who is.
    """

    provider: Provider
    request: Request
    base: str
    browser: str = attrs.field(repr=False)
    session: Credential | None = None
    account: Account | None = None

    @property
    def auth_time(self) -> int:
        """When the user signed in, seconds since 1970."""
        return 0 if self.session is None else int(self.session.claims.get("auth_time", 0))

    @property
    def must_change(self) -> bool:
        """Whether the password is a temporary one, so that all else has to wait."""
        return self.session is not None and self.session.claims.get("must_change") is True

    def proof(self, what: str) -> str:
        """Return what only this browser in this session could have been given for something."""
        bound = "" if self.session is None else self.session.digest
        text = f"{what}\n{bound}".encode()
        return hmac.new(self.browser.encode(), text, hashlib.sha256).hexdigest()

    def proves(self, what: str, shown: str | None) -> bool:
        """Say whether a proof is the one for something."""
        given = (shown or "").encode("utf-8", "replace")
        return hmac.compare_digest(given, self.proof(what).encode())

    def require_own_form(self, form: Parameters) -> None:
        """Refuse a form that another site, or another session, has made.

        Raises:
            PageError: It is not one of our pages' for this browser.
        """
        site = self.request.headers.get("sec-fetch-site", "same-origin")
        if site not in ("same-origin", "none") or not self.proves("form", form.get("csrf")):
            raise PageError(
                403,
                "This form is out of date",
                "Go back, load the page again, and send it once more. Cookies must be allowed.",
            )

    def page(
        self, template: str, /, *, status: int = 200, action: str | None = None, **values: Any
    ) -> Response:
        """Return a page.

        Args:
            template: Its name.
            status: HTTP status.
            action: Another place than the hub to which a form may lead in the end.
            **values: What it shows.
        """
        shown = {
            "settings": self.provider.settings,
            "account": self.account,
            "csrf": self.proof("form"),
            **values,
        }
        return self._known(page_response(template, status, action=action, **shown))

    def go(self, path: str) -> Response:
        """Return a redirect to a page of the hub, or to a redirect that was checked."""
        headers = {"cache-control": "no-store", "referrer-policy": "no-referrer"}
        return self._known(RedirectResponse(path, 303, headers))

    async def signed_in(
        self, account: Account, path: str, *, method: str, must_change: bool = False
    ) -> Response:
        """Begin a new session, end the one before, and go on."""
        provider, now = self.provider, self.provider.now()
        secret = new_secret(_SESSION)
        digest = digest_of_secret(secret)
        seconds = provider.settings.lifetimes.session
        agent = _agent(self.request.headers.get("user-agent", ""))
        claims: dict[str, Any] = {"auth_time": int(now.timestamp()), "method": method}
        if must_change:
            claims["must_change"] = True
        session = Credential(
            kind=_SESSION, digest=digest, account=account.id, family=digest, name=agent,
            created_at=now, expires_at=provider.after(seconds), claims=claims,
        )  # fmt: skip
        await provider.credentials.add(session)
        await self.end_session()
        response = attrs.evolve(self, session=session, account=account).go(path)
        self._cookie(response, "session", secret.reveal())
        return response

    async def end_session(self) -> None:
        """Sign this browser out; does nothing where nobody is signed in."""
        if self.session is not None:
            await self.provider.credentials.revoke(
                now=self.provider.now(), kind=_SESSION, digest=self.session.digest
            )

    def forgetting(self, response: Response) -> Response:
        """Return a reply that makes the browser forget its session."""
        self._cookie(response, "session", "", age=0)
        return response

    def _known(self, response: Response) -> Response:
        if _cookie_of(self.request, "browser", self.base) != self.browser:
            self._cookie(response, "browser", self.browser)
        return response

    def _cookie(self, response: Response, name: str, value: str, age: int | None = None) -> None:
        response.set_cookie(
            cookie_name(name, self.base), value, max_age=age, path="/",
            secure=self.base.startswith("https:"), httponly=True, samesite="lax",
        )  # fmt: skip


async def visit_of(provider: Provider, request: Request) -> Visit:
    """Return what is known of a browser."""
    base = provider.base(request)
    browser = _cookie_of(request, "browser", base)
    secret = _cookie_of(request, "session", base)
    session, account = await _session(provider, secret, provider.now())
    return Visit(
        provider=provider,
        request=request,
        base=base,
        browser=browser if _BROWSER.fullmatch(browser) else secrets.token_urlsafe(32),
        session=session,
        account=account,
    )


async def _session(
    provider: Provider, secret: str, now: datetime
) -> tuple[Credential | None, Account | None]:
    if not secret:
        return None, None
    found = await provider.credentials.find(_SESSION, digest_of_secret(Secret(secret)))
    if found is None or not found.is_good(now):
        return None, None
    account = await provider.open_account(found.account)
    return (None, None) if account is None else (found, account)


def cookie_name(name: str, base: str) -> str:
    """Return the name that a cookie has at a hub of this address."""
    if base.startswith("https:"):
        return f"__Host-polaris-{name}"
    # Cookies know no ports, and several hubs may be tried on one machine.
    return f"polaris-{name}-{urlsplit(base).port or 80}"


def _cookie_of(request: Request, name: str, base: str) -> str:
    return request.cookies.get(cookie_name(name, base), "")


def _agent(header: str) -> str:
    """Return what people call a browser."""
    browser = next((name for mark, name in _AGENTS if mark in header), "Browser")
    system = next((name for name in _SYSTEMS if name in header), None)
    return browser if system is None else f"{browser} on {system}"
