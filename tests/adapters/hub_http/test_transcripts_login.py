"""How released clients signed in, ours does too: recorded exchanges, replayed.

Ours comes to the same tokens by forms of the same fields, but for what is new in each sign-in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import attrs
import httpx
import pytest
from dependency_injector import providers

from polaris.bootstrap.container import HubContainer, build_container
from polaris.hub.client import PolarisHubClient
from polaris.hub.settings import PolarisHubSettings
from polaris.model import Model
from polaris.testing import ManualClock, ScriptedInteraction


@attrs.define
class SignIn:
    """A client that has not signed in yet.

    Attributes:
        client: The client.
        hub: What it speaks to.
        person: Pastes the recorded code.
    """

    client: PolarisHubClient
    hub: Any
    person: ScriptedInteraction

    def forms(self, path: str) -> list[tuple[dict[str, str], dict[str, str]]]:
        """The forms that were sent to a path, each with the recorded one."""
        sent = [asked.form for asked in self.hub.asked if asked.path == path]
        recorded = [
            dict(parse_qsl(exchange["request"]["body"]))
            for exchange in self.hub.exchanges
            if exchange["request"]["path"] == path
        ]
        assert len(sent) == len(recorded)
        return list(zip(sent, recorded, strict=True))


Begin = Callable[..., SignIn]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def begin(replay: Callable[..., Any], clock: ManualClock, tmp_path: Path) -> Iterator[Begin]:
    begun: list[tuple[PolarisHubClient, HubContainer]] = []

    def opened(*transcripts: str, generation: str = "g2", **changes: Any) -> SignIn:
        hub = replay(*transcripts)
        login = f"{hub.url}/ext/oauth"
        settings = PolarisHubSettings(
            hub_url=f"{hub.url}/", authorize_url=f"{login}/authorize",
            token_fetch_url=f"{login}/token", user_info_url=f"{login}/userinfo",
            generation=generation, cache_dir=tmp_path / "cache", max_attempts=1,
            token_store="memory", **changes,
        )  # fmt: skip
        person = ScriptedInteraction(answers=["CODE123"] * 3)
        container = build_container(settings, http_options={"transport": httpx.MockTransport(hub)})
        container.interaction.override(providers.Object(person))
        container.clock.override(providers.Object(clock))
        client = PolarisHubClient(container=container)
        begun.append((client, container))
        return SignIn(client, hub, person)

    yield opened
    for client, _ in begun:
        client.close()


def _differing(pair: tuple[dict[str, str], dict[str, str]]) -> set[str]:
    sent, recorded = pair
    return {key for key in {**sent, **recorded} if sent.get(key) != recorded.get(key)}


@pytest.mark.parametrize("transcript", ["0.13.0_login", "0.13.0_login_overwrite"])
def test_a_code_is_pasted_and_the_token_exchanged(begin: Begin, transcript: str) -> None:
    opened = begin(transcript)
    if transcript == "0.13.0_login_overwrite":
        # Nobody tells who it is: this recording began with a user who was known.
        user = {"email": "a@b.c", "sub": "user_1"}
        opened.hub.exchanges.append(
            {
                "request": {"method": "GET", "path": "/ext/oauth/userinfo", "body": None},
                "response": {"status": 200, "headers": {}, "body": user},
            }
        )
    opened.client.login(overwrite="overwrite" in transcript, auto_open_browser=False)
    [external] = opened.forms("/ext/oauth/token")
    # The address of the hub, and a verifier that is new each time.
    assert _differing(external) == {"code_verifier", "redirect_uri"}
    assert external[0]["redirect_uri"] == "https://hub.example/oauth2/callback"
    [exchange] = opened.forms("/api/auth/token")
    assert _differing(exchange) == set()
    shown = next(str(e.details["url"]) for e in opened.person.events if "url" in e.details)
    query = dict(parse_qsl(urlsplit(shown).query))
    assert query["code_challenge_method"] == "S256"
    assert query["scope"] == "profile email"


def test_the_older_generation_takes_the_external_token(begin: Begin) -> None:
    """0.6.0_login."""
    opened = begin("0.6.0_login", generation="g1")
    identity = opened.client.login(auto_open_browser=False)
    assert identity.user.slug == "alice"
    [external] = opened.forms("/ext/oauth/token")
    assert _differing(external) == {"code_verifier", "redirect_uri"}
    asked = opened.hub.sent("GET /ext/oauth/userinfo")
    assert asked.headers["authorization"] == "Bearer ext.2"
    assert "POST /api/auth/token" not in opened.hub.lines


async def test_the_external_token_is_refreshed_and_exchanged_again(
    begin: Begin, clock: ManualClock
) -> None:
    """0.13.0_refresh."""
    opened = begin("0.13.0_login", "0.13.0_refresh")
    opened.client.login(auto_open_browser=False)
    await clock.sleep(86_390)
    opened.client.upload_model(Model(name="My_Model", owner="acme"))
    _, refresh = opened.forms("/ext/oauth/token")
    # Of this sign-in; the recorded one was of another.
    assert _differing(refresh) == {"refresh_token"}
    assert refresh[0]["refresh_token"] == "ref.2"
    _, exchange = opened.forms("/api/auth/token")
    assert _differing(exchange) == set()
    sent = opened.hub.sent("PUT /api/v2/model/acme/my-model")
    assert sent.headers["authorization"] == "Bearer hub.jwt.1"


def test_a_password_gives_a_token(begin: Begin) -> None:
    """0.13.0_password_upload_model."""
    opened = begin("0.13.0_password_upload_model", username="alice", password="s3cret word")
    opened.client.upload_model(Model(name="My_Model", owner="acme"))
    [exchange] = opened.forms("/api/auth/token")
    assert _differing(exchange) == set()
    sent = opened.hub.sent("PUT /api/v2/model/acme/my-model")
    assert sent.headers["authorization"] == "Bearer hub.jwt.1"
