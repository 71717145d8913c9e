"""The transport over HTTP: what is wired to what, by the settings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import attrs
import httpx
import platformdirs
import pytest

from polaris.application.retry import RetryPolicy
from polaris.bootstrap.container import build_container
from polaris.bootstrap.transports.http_hub import open_http_sign_in
from polaris.errors import InvalidSettingsError
from polaris.hub.client import PolarisHubClient
from polaris.hub.settings import PolarisHubSettings
from polaris.ports.transport import TransportRequest
from polaris.testing import ManualClock
from polaris_adapters.hub_http.auth import HubAuth

PUBLIC = "https://polarishub.io/"


def _request(settings: PolarisHubSettings, **options: Any) -> TransportRequest:
    container = build_container(settings)
    return TransportRequest(
        settings.hub_url,
        attrs.asdict(settings, recurse=False),
        ManualClock(),
        container.progress(),
        options,
    )


def _cached(folder: Path) -> None:
    folder.mkdir(parents=True)
    token = {"access_token": "of-polaris-lib", "expires_at": 4_000_000_000}
    (folder / "hub_auth_token.json").write_text(json.dumps(token))


def test_a_client_of_a_hub_over_http_is_made_without_asking_anybody() -> None:
    def nobody(request: httpx.Request) -> httpx.Response:
        pytest.fail(f"{request.url} was asked")

    for url in ("https://hub.example/", "http://hub.example:8080/"):
        settings = PolarisHubSettings(hub_url=url)
        with PolarisHubClient(settings, transport=httpx.MockTransport(nobody)) as client:
            assert url in repr(client)


def test_keywords_that_cannot_be_used_are_refused_at_once() -> None:
    settings = PolarisHubSettings(hub_url="https://hub.example/")
    with pytest.raises(InvalidSettingsError, match="bogus"):
        PolarisHubClient(settings, bogus=1)


def test_the_retry_policy_is_that_of_the_settings() -> None:
    settings = PolarisHubSettings(hub_url="https://hub.example/", max_attempts=2, total_timeout=7)
    expected = RetryPolicy(attempts=2, total=7)
    assert build_container(settings).retry_policy() == expected
    assert open_http_sign_in(_request(settings)).session.retry == expected


async def test_a_token_of_a_keyword_wins_over_the_settings() -> None:
    settings = PolarisHubSettings(hub_url="https://hub.example/", token="of-settings")
    found = open_http_sign_in(_request(settings, token={"access_token": "of-keyword"}))
    assert (await found.auth.token()).reveal() == "of-keyword"
    assert (await open_http_sign_in(_request(settings)).auth.token()).reveal() == "of-settings"


async def test_what_polaris_lib_has_cached_is_used_at_the_public_hub_only() -> None:
    _cached(Path(platformdirs.user_cache_dir("polaris")))
    public = open_http_sign_in(_request(PolarisHubSettings(hub_url=PUBLIC)))
    assert (await public.auth.token()).reveal() == "of-polaris-lib"
    for changes in (
        {"hub_url": "https://hub.example/"},
        {"hub_url": PUBLIC, "api_url": "https://evil.example/api"},
    ):
        other = open_http_sign_in(_request(PolarisHubSettings(**changes)))
        assert await other.auth.current() is None
    without = _request(PolarisHubSettings(hub_url=PUBLIC), cache_auth_token=False)
    assert await open_http_sign_in(without).auth.current() is None


@pytest.mark.parametrize(
    ("changes", "options", "kept_in"),
    [
        ({}, {}, "files in"),
        ({"token_store": "auto"}, {}, "files in"),
        ({"token_store": "file"}, {}, "files in"),
        ({"token_store": "keyring"}, {}, "the keyring"),
        ({"token_store": "memory"}, {}, "memory"),
        ({}, {"cache_auth_token": False}, "memory"),
        ({"token_store": "keyring"}, {"cache_auth_token": False}, "memory"),
    ],
)
def test_where_sign_ins_are_kept_is_chosen_by_the_settings(
    changes: dict[str, str], options: dict[str, Any], kept_in: str
) -> None:
    settings = PolarisHubSettings(hub_url="https://hub.example/", **changes)
    auth = open_http_sign_in(_request(settings, **options)).auth
    assert auth._kept.vault.describe().startswith(kept_in)
    if kept_in == "files in":
        assert platformdirs.user_state_dir("polaris") in auth._kept.vault.describe()


def test_the_client_signs_in_by_the_transport_of_the_test() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/auth/token":
            return httpx.Response(200, json={"access_token": "hub-token", "expires_in": 60})
        return httpx.Response(404)

    settings = PolarisHubSettings(
        hub_url="https://hub.example/", username="alice", password="s3cret"
    )
    with PolarisHubClient(settings, transport=httpx.MockTransport(handler)) as client:
        assert client.login().user.slug == "alice"
        assert client.user_as_owner.slug == "alice"
        assert client.user_info["username"] == "alice"
        client.logout()


def test_the_bearer_of_the_session_is_the_sign_in() -> None:
    found = open_http_sign_in(_request(PolarisHubSettings(hub_url="https://hub.example/")))
    assert isinstance(found.auth, HubAuth)
    assert found.session.bearer is found.auth


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("token_store", "vault"),
        ("generation", "g4"),
        ("max_attempts", 0),
        ("max_attempts", 1.5),
        ("max_attempts", "many"),
        ("total_timeout", 0),
        ("total_timeout", "inf"),
        ("total_timeout", True),
    ],
)
def test_values_that_cannot_be_are_refused(name: str, value: Any) -> None:
    with pytest.raises(InvalidSettingsError, match=name) as caught:
        PolarisHubSettings(hub_url="https://hub.example/", **{name: value})
    assert caught.value.problems[0].hint
