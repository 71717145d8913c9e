"""Tokens for released clients: to whom, for what, for how long."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
JWT = "urn:ietf:params:oauth:token-type:jwt"
ACCESS = "urn:ietf:params:oauth:token-type:access_token"


async def test_a_password_gives_a_short_lived_token_for_calls(released: Any) -> None:
    reply = await released.grant(grant_type="password", username="alice", password="s3cret word")
    told = reply.json()
    assert reply.status_code == 200
    assert reply.headers["cache-control"] == "no-store"
    assert (told["token_type"], told["issued_token_type"], told["expires_in"]) == (
        "Bearer", JWT, 3600,
    )  # fmt: skip
    assert "refresh_token" not in told
    me = await released.ask("GET", "/api/v3/me", told["access_token"])
    assert me.json()["username"] == "alice-u"
    await released.clock.sleep(3601)
    assert (await released.ask("GET", "/api/v3/me", told["access_token"])).status_code == 401


async def test_a_token_that_was_signed_out_is_good_no_more(released: Any) -> None:
    reply = await released.grant(grant_type="password", username="alice", password="s3cret word")
    token = reply.json()["access_token"]
    assert (await released.ask("POST", "/api/v3/sign-out", token)).status_code == 200
    assert (await released.ask("GET", "/api/v3/me", token)).status_code == 401


async def test_an_external_token_is_exchanged(released: Any) -> None:
    form = {"grant_type": EXCHANGE, "subject_token_type": ACCESS, "requested_token_type": JWT}
    reply = await released.grant(subject_token="external-of-alice", **form)
    me = await released.ask("GET", "/api/v3/me", reply.json()["access_token"])
    assert me.json()["username"] == "alice-u"
    refused = await released.grant(subject_token="of-nobody", **form)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code"}, "unsupported_grant_type"),
        ({"grant_type": "password"}, "invalid_grant"),
        ({"grant_type": "password", "username": "alice", "password": "wrong"}, "invalid_grant"),
        ({"grant_type": "password", "username": "eve", "password": "s3cret word"}, "invalid_grant"),
        ({"grant_type": EXCHANGE}, "invalid_request"),
        ({"grant_type": EXCHANGE, "subject_token": "x"}, "invalid_request"),
        ({"grant_type": EXCHANGE, "subject_token": "x", "resource": "y"}, "invalid_grant"),
        (
            {"grant_type": EXCHANGE, "subject_token": "token-of-alice", "resource": "no urn"},
            "invalid_target",
        ),
        (
            {"grant_type": EXCHANGE, "subject_token": "token-of-alice", "scope": "all",
             "resource": "urn:polaris:dataset:acme:data-v1"},
            "invalid_scope",
        ),
    ],
)  # fmt: skip
async def test_what_is_refused_says_error(released: Any, form: Any, error: str) -> None:
    """A released client takes an object without ``error`` for a token, and keeps it."""
    reply = await released.grant(**form)
    assert 400 <= reply.status_code < 500
    assert reply.json()["error"] == error
    assert reply.json()["error_description"]


@pytest.mark.parametrize("body", [b"\xff\xfe", b"a=1&a=2", b"x" * 70_000, b"a&b;c" * 300])
async def test_what_is_no_form_says_error(released: Any, body: bytes) -> None:
    reply = await released.http.post("https://hub.example/api/auth/token", content=body)
    assert (reply.status_code, "error" in reply.json()) == (400, True)


async def test_what_is_not_shown_has_the_same_answer_as_what_is_not_there(released: Any) -> None:
    put = await released.ask("PUT", "/api/v2/model/acme/hidden-one", json={"name": "hidden-one"})
    assert put.status_code == 200
    answers = [
        await released.storage_grant(f"urn:polaris:model:acme:{slug}", "read", "token-of-mallory")
        for slug in ("hidden-one", "not-there")
    ]
    texts = [reply.text.replace("not-there", "hidden-one") for reply in answers]
    assert texts[0] == texts[1]
    assert answers[0].json()["error"] == "invalid_target"


async def test_a_stranger_gets_no_token_for_writing(released: Any) -> None:
    reply = await released.storage_grant(
        "urn:polaris:dataset:acme:data-v1", "write", "token-of-mallory"
    )
    assert (reply.status_code, reply.json()["error"]) == (403, "access_denied")


async def test_tokens_are_good_for_one_purpose(released: Any) -> None:
    reply = await released.grant(grant_type="password", username="alice", password="s3cret word")
    token = reply.json()["access_token"]
    signed = await released.ask("GET", f"/signed/table.parquet?sig={token}", "nobody")
    assert signed.status_code == 403
    head, _, rest = token.partition(".")
    for other in (f"{head}.{rest[:-2]}xx", "a.b.c", f"..{token}"):
        assert (await released.ask("GET", "/api/v3/me", other)).status_code == 401


async def test_a_hub_that_answers_nobody_still_lets_people_sign_in(
    open_released: Callable[..., Any],
) -> None:
    closed = open_released(anonymous=False)
    assert (await closed.ask("GET", "/api/v1/dataset", "nobody")).status_code == 401
    reply = await closed.grant(grant_type="password", username="alice", password="s3cret word")
    token = reply.json()["access_token"]
    assert (await closed.ask("GET", "/api/v1/dataset", token)).status_code == 200
    assert (await closed.ask("GET", "/signed/x?sig=y", "nobody")).status_code == 403


async def test_the_page_for_pasted_codes_shows_them_as_text(released: Any) -> None:
    page = await released.ask("GET", "/oauth2/callback?code=<b>x</b>", "nobody")
    assert page.status_code == 200
    assert "&lt;b&gt;x&lt;/b&gt;" in page.text
    assert (await released.ask("GET", "/oauth2/callback?error=denied", "nobody")).status_code == 400
