"""Tokens, and what the user gave to the client, go to the hub's own origin and nowhere else."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from polaris.errors import (
    AccessDeniedError,
    HubReplyError,
    PolarisHubError,
    PolarisUnauthorizedError,
)
from polaris_adapters.hub_http.call import Call
from polaris_adapters.hub_http.family import httpx

GET = Call("GET", "v1/dataset", "list")
ELSEWHERE = [
    "https://evil.example/api/v1/dataset",
    "http://hub.example/api/v1/dataset",
    "https://hub.example:444/api",
    "https://sub.hub.example/api",
    "https://hub.example.evil.example/api",
]


async def test_a_token_goes_along(make: Callable[..., Any]) -> None:
    made = make(200, tokens=("secret-1",))
    await made.session.send(GET)
    assert made.script.sent("authorization") == ["Bearer secret-1"]
    assert str(made.script.requests[0].url) == "https://hub.example/api/v1/dataset"


async def test_a_token_does_not_go_along_where_it_is_not_wanted(make: Callable[..., Any]) -> None:
    made = make(200, tokens=("secret-1",))
    await made.session.send(Call("GET", "x", "read", authorize=False))
    assert made.script.sent("authorization") == [None]


@pytest.mark.parametrize("url", ELSEWHERE)
async def test_nothing_of_the_user_goes_elsewhere(make: Callable[..., Any], url: str) -> None:
    made = make(
        200,
        tokens=("secret-1",),
        headers={"Authorization": "Basic secret-2", "X-Api-Key": "secret-3"},
        cookies={"session": "secret-4"},
        params={"key": "secret-5"},
    )
    await made.session.send(Call("GET", url, "read", params={"page": 1}))
    (request,) = made.script.requests
    assert "secret" not in str(request.headers.multi_items()) + str(request.url)
    assert request.url.params["page"] == "1"
    assert request.headers["user-agent"].startswith("polaris-hub/")
    assert request.extensions["timeout"] == {"connect": 10, "read": 200, "write": 200, "pool": 10}


async def test_what_the_user_gave_goes_to_the_hub(make: Callable[..., Any]) -> None:
    made = make(200, headers={"X-Api-Key": "secret-3"}, cookies={"a": "b"}, params={"key": "k"})
    await made.session.send(GET)
    (request,) = made.script.requests
    assert request.headers["x-api-key"] == "secret-3"
    assert request.headers["cookie"] == "a=b"
    assert request.url.params["key"] == "k"


@pytest.mark.parametrize(
    "url", ["https://hub.example\\@evil.example/", "https://hub.example\n@evil.example/x"]
)
async def test_an_address_that_can_be_read_in_two_ways_is_refused(
    make: Callable[..., Any], url: str
) -> None:
    made = make(200, tokens=("secret-1",))
    with pytest.raises(HubReplyError):
        await made.session.send(Call("GET", url, "read"))
    assert made.script.requests == []


@pytest.mark.parametrize("url", ["file:///etc/passwd", "http://[", "ftp://hub.example/x"])
async def test_only_the_web_is_asked(make: Callable[..., Any], url: str) -> None:
    made = make(200)
    with pytest.raises(PolarisHubError):
        await made.session.send(Call("GET", url, "read"))
    assert made.script.requests == []


async def test_a_user_name_in_an_address_is_not_sent(make: Callable[..., Any]) -> None:
    made = make(200)
    await made.session.send(Call("GET", "https://me:secret@hub.example/x", "read"))
    assert made.script.sent("authorization") == [None]


async def test_redirects_are_not_followed(make: Callable[..., Any]) -> None:
    made = make(
        httpx.Response(302, headers={"location": "https://evil.example/"}), tokens=("secret-1",)
    )
    with pytest.raises(HubReplyError, match="another place"):
        await made.session.send(GET)
    assert len(made.script.requests) == 1


async def test_a_refused_token_is_renewed_once(make: Callable[..., Any]) -> None:
    made = make(401, 200, tokens=("old", "new", "newer"))
    await made.session.send(GET)
    assert made.script.sent("authorization") == ["Bearer old", "Bearer new"]
    assert made.bearer.rejected == ["old"]


async def test_a_renewed_token_that_is_refused_ends_it(make: Callable[..., Any]) -> None:
    made = make(401, tokens=("old", "new", "newer"))
    with pytest.raises(PolarisUnauthorizedError, match="who you are") as caught:
        await made.session.send(GET)
    assert len(made.script.requests) == 2
    assert "Sign in again" in caught.value.hint
    # A token of the settings wins over any sign-in.
    assert "POLARIS_TOKEN" in caught.value.hint


async def test_a_token_that_cannot_be_renewed_is_not_sent_again(make: Callable[..., Any]) -> None:
    made = make(401, tokens=("old",))
    with pytest.raises(PolarisUnauthorizedError):
        await made.session.send(GET)
    assert len(made.script.requests) == 1


async def test_a_token_that_comes_back_the_same_is_not_sent_again(make: Callable[..., Any]) -> None:
    made = make(401, tokens=("old", "old"))
    with pytest.raises(PolarisUnauthorizedError):
        await made.session.send(GET)
    assert len(made.script.requests) == 1


async def test_a_post_is_sent_again_with_the_renewed_token(make: Callable[..., Any]) -> None:
    made = make(401, 201, tokens=("old", "new"))
    await made.session.send(Call("POST", "x", "publish", json={"a": 1}))
    assert [request.content for request in made.script.requests] == [b'{"a":1}'] * 2
    assert len(set(made.script.sent("idempotency-key"))) == 1


async def test_being_forbidden_does_not_renew_anything(make: Callable[..., Any]) -> None:
    made = make(403, tokens=("old", "new"))
    with pytest.raises(AccessDeniedError):
        await made.session.send(GET)
    assert made.bearer.rejected == []


async def test_who_is_not_signed_in_is_told_so(make: Callable[..., Any]) -> None:
    made = make(401)
    with pytest.raises(PolarisUnauthorizedError, match="who you are") as caught:
        await made.session.send(GET)
    assert "Sign in first" in caught.value.hint


async def test_without_a_token_nothing_is_sent_where_one_is_needed(
    make: Callable[..., Any],
) -> None:
    made = make(200)
    with pytest.raises(PolarisUnauthorizedError, match="nobody is signed in"):
        await made.session.send(Call("PUT", "x", "publish", require_token=True))
    assert made.script.requests == []


async def test_a_token_that_the_hub_repeats_is_not_shown(make: Callable[..., Any]) -> None:
    made = make(
        httpx.Response(403, json={"message": "the token secret-1 may not"}), tokens=("secret-1",)
    )
    with pytest.raises(AccessDeniedError) as caught:
        await made.session.send(GET)
    assert "may not" in str(caught.value)
    assert "secret-1" not in "".join(traceback.format_exception(caught.value))
    assert "secret-1" not in caught.value.response_text


async def test_logs_tell_of_further_tries_and_of_no_secret(
    make: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    made = make(
        503,
        httpx.ReadError("reset"),
        200,
        tokens=("secret-1",),
        headers={"x-api-key": "secret-2"},
    )
    with caplog.at_level(logging.DEBUG):
        await made.session.send(Call("GET", "x", "list", params={"X-Signature": "secret-3"}))
    ours = [record.getMessage() for record in caplog.records if record.name == "polaris"]
    assert len(ours) == 2
    assert ours[0].startswith("Could not list (hub_unavailable, HTTP status 503); try 2 of 6 in")
    assert ours[1].startswith("Could not list (hub_unreachable); try 3 of 6 in")
    assert "hub.example/api/x" in caplog.text  # The HTTP library logs addresses.
    assert "secret" not in caplog.text


async def test_logs_of_others_are_left_as_they_are(
    make: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    made = make(200)
    await made.session.send(GET)
    transport = httpx.MockTransport(lambda _: httpx.Response(200))
    with caplog.at_level(logging.INFO):
        async with httpx.AsyncClient(transport=transport) as client:
            await client.get("https://elsewhere.example/x?page=7")
    assert "page=7" in caplog.text


def test_a_representation_shows_no_secret(make: Callable[..., Any]) -> None:
    made = make(200, token="secret-1", headers={"x-api-key": "secret-2"})
    call = Call("POST", "x", "y", form={"p": "secret-3"}, headers={"h": "secret-4"})
    assert "secret" not in repr(made.session) + repr(made.session.options) + repr(call)
