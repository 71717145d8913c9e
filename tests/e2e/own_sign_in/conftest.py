"""A hub of one's own in a process of its own, a user on it, and browsers."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from tests.e2e.oidc_provider.webdriver import Chromium
from tests.e2e.serve.servers import Serve, Serving
from tests.e2e.visitor import Visitor

__all__ = ["Hub"]

HERE = Path(__file__).resolve().parent
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


@pytest.fixture
def visitor(hub: Hub) -> Iterator[Visitor]:
    found = Visitor("ada-l", hub.password)
    yield found
    found.close()
