"""The certified OpenID provider, browsers that visit it, and sign-ins to it."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import attrs
import httpx
import pytest

from polaris.application.retry import RetryPolicy
from polaris.ports.clock import Clock
from polaris.testing import InMemoryTokenVault, ManualClock, ScriptedInteraction
from polaris_adapters.hub_http.auth import HubAuth, SignInSettings
from polaris_adapters.hub_http.options import parse_options
from polaris_adapters.hub_http.session import HttpSession

HERE = Path(__file__).resolve().parent
# In CI a tool that is missing is a failure, not a reason to skip.
REQUIRED = bool(os.environ.get("POLARIS_REQUIRE_TOOLS"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here takes real processes and sockets."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.network)


def _missing(what: str) -> None:
    message = f"{what}: SIGNING IN IS NOT TRIED AGAINST THE CERTIFIED OPENID PROVIDER."
    if REQUIRED:
        pytest.fail(message)
    pytest.skip(message)


def _load(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@attrs.frozen
class Provider:
    """A running provider.

    Attributes:
        issuer: Where it is.
    """

    issuer: str

    def counts(self) -> dict[str, int]:
        """How many token requests succeeded and failed so far."""
        with httpx.Client(verify=False, trust_env=False) as client:
            found: dict[str, int] = client.get(f"{self.issuer}/test/counts").json()
        return found


@pytest.fixture(scope="session")
def provider_process() -> Iterator[str]:
    install = _load("install")
    try:
        folder = install.installed()
    except install.ProviderMissingError as error:
        _missing(str(error))
    node = shutil.which("node")
    assert node is not None
    process = subprocess.Popen(
        [node, "server.mjs"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            _missing("THE PROVIDER DOES NOT START WITH THIS NODE.JS")
        yield json.loads(line)["issuer"]
    finally:
        process.terminate()
        process.wait(timeout=10)
        if process.stdout is not None:
            process.stdout.close()


@pytest.fixture
def provider(provider_process: str) -> Provider:
    return Provider(provider_process)


class _Form(HTMLParser):
    """The first form of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action: str | None = None
        self.fields: dict[str, str] = {}
        self._inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "form" and self.action is None:
            self.action, self._inside = found.get("action") or "", True
        elif tag in ("input", "button") and self._inside and found.get("name"):
            self.fields[str(found["name"])] = found.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False


class Visitor:
    """A browser without a window: follows redirects, and fills in forms as a user would.

    Attributes:
        user: Who signs in.
        agrees: Whether consent is given; otherwise it is declined.
        last: The last page that was seen.
    """

    def __init__(self, user: str = "alice") -> None:
        self.user = user
        self.agrees = True
        self.last: httpx.Response | None = None
        self._client = httpx.AsyncClient(verify=False, trust_env=False, timeout=20)

    async def visit(self, url: str, *, until: str = "", **fields: str) -> str:
        """Open a page and go on until nothing is left to do, or an address begins with ``until``.

        Returns:
            The address at the end.
        """
        reply = await self._client.get(url)
        for _ in range(30):
            self.last = reply
            if reply.is_redirect:
                url = urljoin(str(reply.request.url), reply.headers["location"])
                if until and url.startswith(until):
                    return url
                reply = await self._client.get(url)
                continue
            form = _Form(reply.text)
            if form.action is None:
                return str(reply.request.url)
            if not self.agrees and "confirm" in form.fields:
                address = urljoin(str(reply.request.url), form.action)
                # The page's other button.
                reply = await self._client.post(address, data={**form.fields, "abort": "yes"})
                return str(reply.request.url)
            if not self.agrees and form.fields.get("prompt") == "consent":
                abort = str(reply.request.url).rstrip("/") + "/abort"
                reply = await self._client.get(abort)
                continue
            known = {"login": self.user, "password": "any", **fields}
            filled = {k: known.get(k, v) for k, v in form.fields.items()}
            address = urljoin(str(reply.request.url), form.action)
            reply = await self._client.post(address, data=filled)
        raise AssertionError(f"the pages do not end: {reply.text[:500]}")

    async def aclose(self) -> None:
        await self._client.aclose()


@pytest.fixture
async def visitor() -> Any:
    found = Visitor()
    yield found
    await found.aclose()


@attrs.frozen
class Made:
    """A sign-in that a test works with."""

    auth: HubAuth
    session: HttpSession
    vault: Any
    person: ScriptedInteraction
    clock: Any


MakeAuth = Callable[..., Made]


@pytest.fixture
async def make_auth(provider: Provider) -> AsyncIterator[Callable[..., Made]]:
    """Yields a function that makes a `HubAuth` whose hub is the provider."""
    opened: list[HttpSession] = []

    def make(
        person: ScriptedInteraction | None = None,
        *,
        vault: Any = None,
        clock: Clock | None = None,
        patience: float = 60.0,
        **given: Any,
    ) -> Made:
        hub_url = f"{provider.issuer}/"
        public = "https://clerk.polarishub.io/oauth"
        values: dict[str, Any] = {
            "hub_url": hub_url,
            "api_url": f"{provider.issuer}/api",
            "hub_token_url": f"{provider.issuer}/api/auth/token",
            "authorize_url": f"{public}/authorize",
            "token_fetch_url": f"{public}/token",
            "user_info_url": f"{public}/userinfo",
            "callback_url": f"{provider.issuer}/oauth2/callback",
            "scopes": "openid profile email offline_access",
            "client_id": "polaris",
        }
        settings = SignInSettings(**values | given)
        options = parse_options(
            {"trust_env": False}, {"default_timeout": (10, 20), "ca_bundle": False}
        )
        used = clock or ManualClock()
        session = HttpSession(settings.api_url, options, used, RetryPolicy(attempts=2, total=30))
        vault = vault or InMemoryTokenVault()
        person = person or ScriptedInteraction()
        auth = HubAuth(session, settings, vault, person, environment={}, patience=patience)
        session.bearer = auth
        opened.append(session)
        return Made(auth, session, vault, person, used)

    yield make
    for session in opened:
        await session.aclose()


@pytest.fixture
def chromium(tmp_path: Path) -> Iterator[Any]:
    """Headless Chromium; the test is skipped where it is missing."""
    driver, browser = shutil.which("chromedriver"), shutil.which("chromium")
    if driver is None or browser is None:
        _missing("CHROMIUM AND ITS DRIVER ARE MISSING")
    chrome = _load("webdriver").Chromium(str(driver), str(browser), tmp_path / "profile")
    try:
        yield chrome
    finally:
        chrome.close()


@pytest.fixture
def python() -> str:
    return sys.executable


@pytest.fixture
def path_of() -> Callable[[str], str]:
    """Returns a function that gives the path of an address."""
    return lambda url: urlsplit(url).path
