"""Users sign in to a hub of one's own by a certified OpenID provider."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.oidc_provider import install

if TYPE_CHECKING:
    from tests.e2e.oidc_provider.webdriver import Chromium
    from tests.e2e.serve.servers import Serve

REQUIRED = bool(os.environ.get("POLARIS_REQUIRE_TOOLS"))


@pytest.fixture
def issuer() -> Iterator[str]:
    node = shutil.which("node")
    try:
        folder = install.installed()
    except install.ProviderMissingError as error:
        (pytest.fail if REQUIRED else pytest.skip)(f"{error}: OUR HUB IS NOT TRIED AGAINST IT.")
    assert node is not None
    with subprocess.Popen(
        [node, "server.mjs"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True,
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            yield str(json.loads(process.stdout.readline())["issuer"])
        finally:
            process.terminate()


def _sign_in(chromium: Chromium, url: str, name: str) -> None:
    chromium.open(f"{url}/account")
    chromium.wait_for("a.button")
    chromium.click("a.button")
    chromium.wait_for("input[name=login]")
    chromium.type("input[name=login]", name)
    chromium.type("input[name=password]", "any")
    chromium.click("button[type=submit]")
    chromium.wait_for("input[name=prompt][value=consent]")
    chromium.click("button[type=submit]")
    chromium.wait_for("main h1")


def _given(issuer: str, **more: str) -> dict[str, Any]:
    return {
        "POLARIS_SERVER_OIDC_ISSUER": issuer,
        "POLARIS_SERVER_OIDC_CLIENT_ID": "hub",
        "POLARIS_SERVER_OIDC_CLIENT_SECRET": "only for tests",
        **more,
    }


def test_a_new_user_gets_an_account(serve: Serve, issuer: str, chromium: Chromium) -> None:
    """With the provider's own pages, cookies and redirects, and an ID token that it signed."""
    serving = serve(**_given(issuer, POLARIS_SERVER_OIDC_CREATES_ACCOUNTS="true"))
    _sign_in(chromium, serving.url, "robin")
    assert chromium.url == f"{serving.url}/account"
    assert "robin" in chromium.text
    listed = serving.run("hub", "user", "ls", "--json", "--data", str(serving.data))
    assert "robin" in [user["slug"] for user in json.loads(listed.stdout)]


def test_a_user_without_an_account_is_told(serve: Serve, issuer: str, chromium: Chromium) -> None:
    serving = serve(**_given(issuer))
    _sign_in(chromium, serving.url, "robin")
    assert "no account on this hub" in chromium.text
    chromium.open(f"{serving.url}/account")
    assert chromium.has("#username")
