"""What users hand to the client for its HTTP client."""

from __future__ import annotations

import ssl
from typing import Any

import pytest

from polaris.domain.secret import Secret
from polaris.errors import InvalidSettingsError
from polaris_adapters.hub_http.client_making import new_client, user_agent
from polaris_adapters.hub_http.family import httpx
from polaris_adapters.hub_http.options import HttpOptions, parse_options

SETTINGS = {"default_timeout": (10, 200), "ca_bundle": None}


def _parsed(**given: Any) -> HttpOptions:
    return parse_options(given, SETTINGS)


def _client(**given: Any) -> httpx.AsyncClient:
    transport = httpx.MockTransport(lambda _: httpx.Response(200))
    return new_client(_parsed(**{"transport": transport, **given}))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ((10, 200), (10, 200, 200, 10)),
        ([1.5, 2], (1.5, 2, 2, 1.5)),
        (7, (7, 7, 7, 7)),
        ("never", (None, None, None, None)),
        (None, (None, None, None, None)),
        ("timeout", (5, 5, 5, 5)),
        ((1, 2, 3, 4), (1, 2, 3, 4)),
        (httpx.Timeout(3, read=9), (3, 9, 3, 3)),
    ],
    ids=repr,
)
def test_timeouts_are_complete(value: Any, expected: Any) -> None:
    timeout = _client(timeout=value).timeout
    assert (timeout.connect, timeout.read, timeout.write, timeout.pool) == expected


def test_the_settings_give_the_timeout_where_the_user_does_not() -> None:
    assert _client().timeout.write == 200


@pytest.mark.parametrize(
    "value", ["soon", 0, -1, float("nan"), float("inf"), True, (1,), (1, 2, 3), (1, "2"), {}, "7"]
)
def test_a_timeout_that_cannot_be_one_is_refused(value: Any) -> None:
    with pytest.raises(InvalidSettingsError, match="timeout cannot be"):
        _parsed(timeout=value)


def test_connections_are_limited() -> None:
    limits = _parsed().arguments["limits"]
    assert limits.max_connections == 32
    assert limits.max_keepalive_connections == 16


def test_the_user_may_set_the_limits() -> None:
    limits = httpx.Limits(max_connections=2)
    assert _parsed(limits=limits).arguments["limits"] is limits


def test_what_is_unknown_is_refused_and_what_is_known_is_listed() -> None:
    with pytest.raises(InvalidSettingsError, match="takes no 'retries'") as caught:
        _parsed(retries=3)
    assert "transport" in caught.value.hint


@pytest.mark.parametrize("name", ["base_url", "follow_redirects", "auth"])
def test_what_the_client_decides_itself_is_refused(name: str) -> None:
    with pytest.raises(InvalidSettingsError, match=f"'{name}' cannot be given") as caught:
        _parsed(**{name: "x"})
    assert caught.value.hint.startswith("Instead, ")


@pytest.mark.parametrize(
    "token", ["abc", " abc\n", {"access_token": "abc", "expires_in": 3}, Secret("abc")]
)
def test_a_token_comes_in_several_forms(token: Any) -> None:
    found = _parsed(token=token).token
    assert found is not None
    assert found.reveal() == "abc"


@pytest.mark.parametrize("token", ["", " ", "a\nb", "töken", 7, ["a"], b"abc"])
def test_a_token_that_cannot_be_one_is_refused_and_not_shown(token: Any) -> None:
    with pytest.raises(InvalidSettingsError, match="token cannot be") as caught:
        _parsed(token=token)
    assert "töken" not in str(caught.value)


def test_no_token_is_none() -> None:
    assert _parsed(token=None).token is None
    assert _parsed(token={}).token is None


def test_we_say_who_we_are_unless_the_user_does() -> None:
    assert _client().headers["user-agent"] == user_agent()
    assert user_agent().startswith("polaris-hub/")
    assert _client(headers={"User-Agent": "mine"}).headers["user-agent"] == "mine"


@pytest.mark.parametrize(
    "given",
    [
        {"proxy": "gopher://proxy.example"},
        {"proxy": 7},
        {"headers": 7},
        {"mounts": {"x": httpx.MockTransport(lambda _: httpx.Response(200))}},
    ],
)
def test_what_the_http_client_cannot_use_is_an_error_of_ours(given: Any) -> None:
    with pytest.raises(InvalidSettingsError, match="cannot be made") as caught:
        _client(**given)
    assert "HTTPS_PROXY" in caught.value.hint


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "ALL_PROXY"])
def test_a_proxy_in_the_environment_that_cannot_be_used(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "gopher://proxy.example")
    with pytest.raises(InvalidSettingsError, match="cannot be made"):
        new_client(_parsed(verify=False))


def test_the_proxies_of_the_environment_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "inside.example")
    patterns = {pattern.pattern for pattern in new_client(_parsed(verify=False))._mounts}
    assert patterns == {"https://", "all://*inside.example"}


def test_the_proxies_of_the_environment_can_be_passed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    assert not new_client(_parsed(verify=False, trust_env=False))._mounts


def test_a_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "socksio", None)
    monkeypatch.setenv("ALL_PROXY", "socks5://proxy.example:1080")
    with pytest.raises(InvalidSettingsError, match="socksio"):
        new_client(_parsed(verify=False))


def test_that_nothing_is_verified_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    new_client(_parsed(verify=False))
    assert "Certificates are not verified" in caplog.text


def test_a_context_of_the_users_own_is_used() -> None:
    context = ssl.create_default_context()
    assert _parsed(verify=context).arguments["verify"] is context
