"""Our client signs in to a hub of one's own, with nothing but its address."""

from __future__ import annotations

import asyncio
import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from dependency_injector import providers

from polaris.bootstrap.container import build_container, close_container
from polaris.hub.async_client import AsyncPolarisHubClient
from polaris.hub.settings import PolarisHubSettings
from polaris.testing import ScriptedInteraction
from tests.e2e.serve.servers import COMMAND
from tests.e2e.visitor import NEW_PASSWORD

if TYPE_CHECKING:
    from tests.e2e.oidc_provider.webdriver import Chromium
    from tests.e2e.own_sign_in.conftest import Hub
    from tests.e2e.visitor import Visitor


def _polaris(hub: Hub, *arguments: str) -> subprocess.CompletedProcess[str]:
    return hub.serving.run("--hub", f"{hub.url}/", *arguments)


def _follow(chromium: Chromium, url: str, password: str) -> None:
    """Do what a user does: sign in by a temporary password, choose another, allow the program."""
    chromium.open(url)
    chromium.wait_for("#username")
    chromium.type("#username", "ada-l")
    chromium.type("#password", password)
    chromium.click("button[type=submit]")
    chromium.wait_for("#current")
    chromium.type("#current", password)
    chromium.type("#new", NEW_PASSWORD)
    chromium.type("#again", NEW_PASSWORD)
    chromium.click("button[type=submit]")
    chromium.wait_for("button[value=allow]")
    assert "publish" in chromium.text
    chromium.click("button[value=allow]")
    chromium.wait_for("h1 + p")


async def test_chromium_leads_back_to_the_program(
    hub: Hub, chromium: Chromium, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The browser's own rules hold: cookies, form-action, and the redirect to this machine."""
    monkeypatch.setenv("NO_PROXY", "*")
    tasks: list[asyncio.Task[None]] = []

    async def browser(url: str) -> None:
        work = asyncio.to_thread(_follow, chromium, url, hub.password)
        tasks.append(asyncio.create_task(work))

    settings = PolarisHubSettings(hub_url=f"{hub.url}/", cache_dir=tmp_path / "cache")
    container = build_container(settings)
    container.interaction.override(providers.Object(ScriptedInteraction(browser)))
    try:
        async with AsyncPolarisHubClient(settings, container=container) as client:
            identity = await client.login()
            assert (identity.user.slug, identity.email) == ("ada-l", "ada@example.org")
            assert (await client.get("/v3/me")).json()["scopes"] == ["read", "write"]
        await asyncio.gather(*tasks)
    finally:
        await close_container(container)
    assert chromium.title == "Signed in"
    assert urlsplit(chromium.url).hostname == "127.0.0.1"


def test_the_command_line_signs_in_by_a_code_and_out_again(hub: Hub, visitor: Visitor) -> None:
    command = [*COMMAND, "--hub", f"{hub.url}/", "--json", "auth", "login",
               "--no-auto-open-browser"]  # fmt: skip
    with subprocess.Popen(
        command, env=dict(hub.serving.environment), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        events: list[dict[str, Any]] = []
        for line in process.stdout:
            events.append(json.loads(line))
            if events[-1]["event"] == "device_code":
                visitor.visit(events[-1]["verification_uri_complete"], shows="Signed in</h1>")
        assert process.stderr is not None
        error = process.stderr.read()
    assert process.returncode == 0, error
    assert [event["event"] for event in events][-1] == "identity"
    status = _polaris(hub, "auth", "status", "--json")
    told = json.loads(status.stdout)
    assert (told["account"], told["road"], told["renewable"]) == ("ada-l", "device", True)
    token = _polaris(hub, "auth", "token").stdout.strip()
    assert token.startswith("polaris_at_")
    with hub.serving.http(headers={"authorization": f"Bearer {token}"}) as http:
        assert http.get("/api/v3/me").json()["username"] == "ada-l"
        assert _polaris(hub, "auth", "logout").returncode == 0
        assert http.get("/api/v3/me").status_code == 401
    assert _polaris(hub, "auth", "status").returncode == 3


def test_a_program_that_operators_register_signs_users_in(hub: Hub, visitor: Visitor) -> None:
    """`polaris hub client`, and the whole flow by hand: a confidential client of the web."""
    back, data = "https://app.example/back", str(hub.serving.data)
    added = hub.serving.run("hub", "client", "add", "our-app", "--name", "Our App", "--redirect",
                            back, "--data", data, "-q")  # fmt: skip
    assert added.returncode == 0, added.stderr
    secret = added.stdout.strip()
    assert secret.startswith("polaris_cs_")
    listed = hub.serving.run("hub", "client", "ls", "--json", "--data", data)
    assert [c["id"] for c in json.loads(listed.stdout)][-1] == "our-app"
    asked = {"response_type": "code", "client_id": "our-app", "redirect_uri": back, "state": "s",
             "scope": "openid profile", "code_challenge_method": "S256",
             "code_challenge": create_s256_code_challenge("v" * 64)}  # fmt: skip
    reached = visitor.visit(f"{hub.url}/oauth2/authorize?{urlencode(asked)}", until=back)
    answer = parse_qs(urlsplit(reached).query)
    assert answer["iss"] == [hub.url]
    redeemed = {"grant_type": "authorization_code", "code": answer["code"][0],
                "redirect_uri": back, "code_verifier": "v" * 64}  # fmt: skip
    with hub.serving.http(auth=("our-app", secret)) as http:
        tokens = http.post("/oauth2/token", data=redeemed).json()
        assert "id_token" in tokens
        removed = hub.serving.run("hub", "client", "rm", "our-app", "--data", data)
        assert removed.returncode == 0
        refused = http.post("/oauth2/token", data=redeemed)
        assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    with hub.serving.http(headers={"authorization": f"Bearer {tokens['access_token']}"}) as http:
        assert http.get("/oauth2/userinfo").status_code == 401
