"""A hub of one's own in a process of its own, a user on it, and browsers."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin

import attrs
import httpx
import pytest

from tests.e2e.oidc_provider.webdriver import Chromium
from tests.e2e.serve.servers import Serve, Serving

__all__ = ["NEW_PASSWORD", "Hub", "Visitor"]

HERE = Path(__file__).resolve().parent
NEW_PASSWORD = "a few words to remember"
REQUIRED = bool(os.environ.get("POLARIS_REQUIRE_TOOLS"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here takes real processes and sockets."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.network)


@attrs.frozen
class Hub:
    """A hub that runs, with the user ``ada-l``.

    Attributes:
        serving: Its process.
        password: The temporary password of the user.
    """

    serving: Serving
    password: str

    @property
    def url(self) -> str:
        return self.serving.url


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    home = tmp_path / "home"
    home.mkdir()
    starting = Serve(home)
    yield starting
    starting.close()


@pytest.fixture
def hub(serve: Serve) -> Hub:
    serving = serve()
    added = serving.run("hub", "user", "add", "ada-l", "--email", "ada@example.org", "-q",
                        "--data", str(serving.data))  # fmt: skip
    assert added.returncode == 0, added.stderr
    return Hub(serving, added.stdout.strip())


@pytest.fixture
def chromium(tmp_path: Path) -> Iterator[Chromium]:
    driver, browser = shutil.which("chromedriver"), shutil.which("chromium")
    if driver is None or browser is None:
        message = "CHROMIUM AND ITS DRIVER ARE MISSING: NOBODY SIGNS IN TO OUR HUB BY A BROWSER."
        (pytest.fail if REQUIRED else pytest.skip)(message)
    chrome = Chromium(str(driver), str(browser), tmp_path / "profile")
    try:
        yield chrome
    finally:
        chrome.close()


class _Forms(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "form":
            self.forms.append((found.get("action") or "", {}))
        elif tag == "input" and self.forms and found.get("name"):
            self.forms[-1][1][str(found["name"])] = found.get("value") or ""


class Visitor:
    """A browser without a window, whose user does what the pages of the hub ask for.

    Attributes:
        agrees: Whether programs are allowed.
        text: The last page.
    """

    def __init__(self, username: str, password: str) -> None:
        self.known = {"username": username, "password": password, "current": password,
                      "new": NEW_PASSWORD, "again": NEW_PASSWORD}  # fmt: skip
        self.agrees = True
        self.text = ""
        self._http = httpx.Client(trust_env=False, timeout=30, follow_redirects=False)

    def visit(self, url: str, *, until: str = "-", shows: str = "-\n-") -> str:
        """Open a page, and fill in what comes.

        Args:
            url: The page.
            until: How the address begins that ends the visit.
            shows: What a page shows that ends it.

        Returns:
            The address at the end.
        """
        reply = self._http.get(url)
        for _ in range(12):
            if reply.is_redirect:
                url = urljoin(str(reply.request.url), reply.headers["location"])
                if url.startswith(until):
                    return url
                reply = self._http.get(url)
                continue
            self.text = reply.text
            if shows in reply.text:
                return str(reply.request.url)
            action, fields = _Forms(reply.text).forms[0]
            if 'name="decision"' in reply.text:
                fields["decision"] = "allow" if self.agrees else "deny"
            filled = {name: self.known.get(name, value) for name, value in fields.items()}
            reply = self._http.post(urljoin(str(reply.request.url), action), data=filled)
        raise AssertionError(f"the pages do not end: {reply.text[:500]}")

    def close(self) -> None:
        self._http.close()


@pytest.fixture
def visitor(hub: Hub) -> Iterator[Visitor]:
    found = Visitor("ada-l", hub.password)
    yield found
    found.close()
