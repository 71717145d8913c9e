"""Replies of login servers that are missing something, have too much, or other types."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from polaris.domain.secret import Secret
from polaris.errors import HubReplyError, PolarisError
from polaris_adapters.hub_http.auth.refusals import Refusal
from polaris_adapters.hub_http.auth.token_replies import as_token

if TYPE_CHECKING:
    from tests.adapters.hub_http.auth.conftest import LoginHub, MakeAuth

NOW = datetime(2026, 1, 1, tzinfo=UTC)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
KEYS = (
    "access_token", "token_type", "expires_in", "expires_at", "refresh_token", "scope", "error",
    "error_description", "issued_token_type", "device_code", "user_code", "verification_uri",
    "interval", "username", "email", "sub", "issuer", "token_endpoint", "userinfo_endpoint",
    "authorization_endpoint", "device_authorization_endpoint", "revocation_endpoint",
    "code_challenge_methods_supported",
)  # fmt: skip
GOOD = {"access_token": "a.b.c", "token_type": "Bearer", "expires_in": 60}
BODIES = st.dictionaries(st.sampled_from(KEYS), JSON) | JSON


def _reply(body: Any, status: int = 200, **headers: str) -> httpx.Response:
    return httpx.Response(
        status,
        content=json.dumps(body).encode(),
        headers=headers,
        request=httpx.Request("POST", "https://login.example/token?secret=1"),
    )


@given(body=BODIES, status=st.sampled_from([200, 201, 204, 302, 400, 401, 404, 500]))
def test_any_reply_is_a_token_or_one_of_our_errors(body: Any, status: int) -> None:
    try:
        token = as_token(_reply(body, status), now=NOW)
    except (HubReplyError, Refusal):
        return
    assert status in (200, 201, 204)
    assert token.access.reveal()
    assert token.issuer == "https://login.example/token"


@given(changes=st.dictionaries(st.sampled_from(KEYS[2:6]), JSON))
def test_what_is_not_needed_may_have_any_type(changes: dict[str, Any]) -> None:
    token = as_token(_reply(GOOD | changes), now=NOW)
    assert token.access == Secret("a.b.c")
    assert token.expires_at is None or token.expires_at.utcoffset() is not None


@given(content=st.binary())
def test_a_reply_of_any_bytes_is_an_error(content: bytes) -> None:
    reply = httpx.Response(
        200, content=content, request=httpx.Request("POST", "https://login.example/token")
    )
    with pytest.raises(HubReplyError):
        as_token(reply, now=NOW)


@pytest.mark.parametrize(
    ("changes", "seconds"),
    [
        ({"expires_in": 60}, 60),
        ({"expires_in": "60"}, 60),
        ({"expires_in": 60.5}, 60.5),
        ({"expires_in": 0}, 0),
        ({"expires_in": -5}, 0),
        ({"expires_in": None}, None),
        ({"expires_in": "soon"}, None),
        ({"expires_in": True}, None),
        ({"expires_in": 1e300}, None),
        ({"expires_in": None, "expires_at": NOW.timestamp() + 90}, 90),
        ({"expires_in": 60, "expires_at": NOW.timestamp() + 9999}, 60),
        ({"expires_in": None, "expires_at": "2026-01-01T00:00:00Z"}, None),
    ],
)
def test_when_a_token_ends_is_counted_from_now(
    changes: dict[str, Any], seconds: float | None
) -> None:
    token = as_token(_reply(GOOD | changes), now=NOW)
    expected = None if seconds is None else NOW + timedelta(seconds=seconds)
    assert token.expires_at == expected


def test_a_wrong_clock_does_not_change_how_long_a_token_is_good() -> None:
    body = {**GOOD, "expires_in": None, "expires_at": NOW.timestamp() + 600}
    wrong = NOW - timedelta(days=3)
    token = as_token(_reply(body, date="Thu, 01 Jan 2026 00:00:00 GMT"), now=wrong)
    assert token.expires_at == wrong + timedelta(seconds=600)


@pytest.mark.parametrize("value", ["", " ", "two words\n", "\u00e9", "a" * 70000, 5, None, ["a"]])
def test_what_cannot_stand_in_a_header_is_no_token(value: Any) -> None:
    with pytest.raises(HubReplyError):
        as_token(_reply(GOOD | {"access_token": value}), now=NOW)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    path=st.sampled_from(
        ["/.well-known/oauth-authorization-server", "/token", "/device", "/userinfo",
         "/api/auth/token"]
    ),
    body=BODIES,
    status=st.sampled_from([200, 400, 401, 403, 404, 500, 503]),
)  # fmt: skip
async def test_no_reply_of_any_endpoint_raises_anything_but_our_errors(
    make_auth: MakeAuth, hub: LoginHub, path: str, body: Any, status: int
) -> None:
    hub.instead = {path: lambda _: _reply(body, status)}
    made = make_auth()
    try:
        identity = await made.auth.sign_in()
    except PolarisError:
        return
    assert identity.user.slug
    assert await made.auth.identity() == identity
