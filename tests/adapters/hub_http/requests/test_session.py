"""Clients for event loops, replies as they are read, and JSON in them."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import threading
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polaris.errors import HubReplyError, PolarisHubError
from polaris_adapters.hub_http.call import Call, json_object
from polaris_adapters.hub_http.family import httpx

GET = Call("GET", "v1/dataset", "list")


async def test_a_loop_has_one_client(make: Callable[..., Any]) -> None:
    made = make(200)
    assert made.session.client() is made.session.client()


def test_each_loop_has_a_client_of_its_own(make: Callable[..., Any]) -> None:
    made = make(200)
    clients: list[httpx.AsyncClient] = []

    async def use() -> None:
        await made.session.send(GET)
        clients.append(made.session.client())

    asyncio.run(use())
    thread = threading.Thread(target=lambda: asyncio.run(use()))
    thread.start()
    thread.join()
    assert clients[0] is not clients[1]
    assert len(made.script.requests) == 2


async def test_a_session_that_was_closed_begins_anew(make: Callable[..., Any]) -> None:
    made = make(200)
    await made.session.send(GET)
    first = made.session.client()
    await made.session.aclose()
    assert first.is_closed
    await made.session.send(GET)
    assert made.session.client() is not first


async def test_a_packed_reply_is_unpacked(make: Callable[..., Any]) -> None:
    packed = gzip.compress(b'{"a": 1}')
    made = make(httpx.Response(200, content=packed, headers={"content-encoding": "gzip"}))
    reply = await made.session.send(GET)
    assert json_object(reply) == {"a": 1}
    assert "content-encoding" not in reply.headers
    assert reply.headers["content-length"] == str(len(b'{"a": 1}'))


async def test_the_length_in_a_reply_to_head_is_kept(make: Callable[..., Any]) -> None:
    made = make(httpx.Response(200, headers={"content-length": "12345"}))
    reply = await made.session.send(Call("HEAD", "x", "look"))
    assert reply.headers["content-length"] == "12345"


async def test_a_reply_is_given_whatever_its_status(make: Callable[..., Any]) -> None:
    made = make(418)
    assert (await made.session.send_raw(GET)).status_code == 418


async def test_only_the_statuses_that_were_asked_for_are_answers(make: Callable[..., Any]) -> None:
    made = make(200)
    with pytest.raises(PolarisHubError):
        await made.session.send(Call("GET", "x", "y", expect=(307,)))
    made = make(307)
    assert (await made.session.send(Call("GET", "x", "y", expect=(307,)))).status_code == 307


@pytest.mark.parametrize(
    ("call", "content"),
    [
        (Call("PUT", "x", "y", json={"a": "ü"}), '{"a":"ü"}'.encode()),
        (Call("POST", "x", "y", form={"a": "b c"}), b"a=b+c"),
        (Call("PUT", "x", "y", content=b"\x00\xff"), b"\x00\xff"),
        (Call("GET", "x", "y"), b""),
    ],
)
async def test_bodies(make: Callable[..., Any], call: Call, content: bytes) -> None:
    made = make(200)
    await made.session.send(call)
    assert made.script.requests[0].content == content


@pytest.mark.parametrize(
    "call",
    [
        Call("GET", "x", "y", headers={"x-name": "naïve☃"}),
        Call("PUT", "x", "y", json={"a": float("nan")}),
        Call("PUT", "x", "y", json={"a": object()}),
    ],
    ids=["header", "nan", "object"],
)
async def test_what_cannot_be_written_is_an_error_of_ours(
    make: Callable[..., Any], call: Call
) -> None:
    made = make(200)
    with pytest.raises(PolarisHubError, match="cannot be written"):
        await made.session.send(call)
    assert made.script.requests == []


def _reply(content: bytes) -> httpx.Response:
    request = httpx.Request("GET", "https://hub.example/x?key=secret")
    return httpx.Response(200, content=content, request=request)


@pytest.mark.parametrize(
    "content", [b"", b"<html>sign in</html>", b"[1]", b"null", b"{", b"\xff\xfe", b"[" * 10**5]
)
def test_what_is_no_object_is_told(content: bytes) -> None:
    with pytest.raises(HubReplyError, match=r"answer of https://hub\.example/x") as caught:
        json_object(_reply(content))
    assert "secret" not in str(caught.value)
    assert caught.value.hint


@given(st.binary(max_size=100))
def test_any_bytes_are_an_object_or_an_error_of_ours(content: bytes) -> None:
    with contextlib.suppress(HubReplyError):
        assert isinstance(json_object(_reply(content)), dict)
