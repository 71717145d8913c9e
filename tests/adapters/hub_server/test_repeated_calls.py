"""Calls that are made again with one Idempotency-Key, and identifiers of requests."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from starlette.responses import Response

from polaris.application.in_memory_replies import InMemoryReplies
from polaris.application.native_wire.bundle import bundled
from polaris.errors import HubBusyError, HubUnreachableError, InvalidInputError
from polaris.ports.artifacts import ArtifactRecord
from polaris.testing import ManualClock
from polaris_adapters.hub_server import Hub, create_app
from polaris_adapters.hub_server.remembered import BegunHere, RememberedReplies

Ask = Callable[..., Awaitable[httpx.Response]]

BUNDLE = bundled([{"key": "new", "size": 4}], [b"data"])


@pytest.fixture
async def path(
    published: Callable[..., Awaitable[ArtifactRecord]], path_of: Callable[[ArtifactRecord], str]
) -> str:
    return path_of(await published("molecules", access="public"))


async def test_a_call_is_done_once_for_a_key(ask: Ask, path: str) -> None:
    url, key = f"{path}/write?ifExists=raise", {"idempotency-key": "one"}
    first = await ask("POST", url, headers=key, content=BUNDLE)
    again = await ask("POST", url, headers=key, content=BUNDLE)
    assert first.json() == again.json() == {"written": [True]}
    assert first.headers["x-request-id"] != again.headers["x-request-id"]
    other = await ask("POST", url, headers={"idempotency-key": "two"}, content=BUNDLE)
    assert other.json()["code"] == "object_exists"
    # A refusal is remembered too.
    await ask("POST", f"{path}/delete", json={"keys": ["new"]})
    other = await ask("POST", url, headers={"idempotency-key": "two"}, content=BUNDLE)
    assert other.json()["code"] == "object_exists"


async def test_a_key_is_for_one_call_and_one_caller(ask: Ask, path: str) -> None:
    key = {"idempotency-key": "one"}
    await ask("POST", f"{path}/write", headers=key, content=BUNDLE)
    other = await ask("POST", f"{path}/delete", headers=key, json={"keys": ["new"]})
    assert (other.status_code, other.json()["code"]) == (400, "invalid_input")
    for who, status in (("stranger", 403), ("anonymous", 401)):
        reply = await ask("POST", f"{path}/write", who=who, headers=key, content=BUNDLE)
        assert reply.status_code == status


@pytest.mark.parametrize("key", ["", " ", "x" * 201, "a b", "ü"])
async def test_a_text_that_is_no_key_is_refused(ask: Ask, path: str, key: str) -> None:
    headers = {"idempotency-key": key.encode()}
    reply = await ask("POST", f"{path}/write", headers=headers, content=BUNDLE)
    assert (reply.status_code, reply.json()["code"]) == (400, "invalid_input")


async def test_a_call_that_is_under_way_is_not_begun_again() -> None:
    clock = ManualClock()
    replies = RememberedReplies(clock)
    begun = await replies.begin("alice", "key", "call")
    assert isinstance(begun, BegunHere)
    with pytest.raises(HubBusyError):
        await replies.begin("alice", "key", "call")
    with pytest.raises(InvalidInputError):
        await replies.begin("alice", "key", "another call")
    assert isinstance(await replies.begin("bob", "key", "call"), BegunHere)
    await replies.end(begun, None)
    assert isinstance(await replies.begin("alice", "key", "call"), BegunHere)


async def test_a_call_whose_process_died_can_be_made_again() -> None:
    clock = ManualClock()
    replies = RememberedReplies(clock)
    dead = await replies.begin("alice", "key", "call")
    clock.advance(14)
    with pytest.raises(HubBusyError) as caught:
        await replies.begin("alice", "key", "call")
    # Whoever asks again after that finds out soon.
    assert caught.value.retry_after == 1
    clock.advance(1)
    alive = await replies.begin("alice", "key", "call")
    assert isinstance(dead, BegunHere)
    assert isinstance(alive, BegunHere)
    await replies.end(dead, Response(b"late"))
    await replies.end(alive, Response(b"ok", headers={"etag": '"1"'}))
    reply = await replies.begin("alice", "key", "call")
    assert isinstance(reply, Response)
    assert (reply.body, reply.headers["etag"], reply.headers["content-length"]) == (
        b"ok",
        '"1"',
        "2",
    )


async def test_a_call_that_takes_long_is_not_begun_again_while_its_process_lives() -> None:
    clock = ManualClock()
    store = _Renewed()
    replies = RememberedReplies(clock, store, under_way=10, beat=0.001)
    begun = await replies.begin("alice", "key", "call")
    assert isinstance(begun, BegunHere)
    clock.advance(9)
    async with replies.renewed(begun):
        await store.is_renewed.wait()
    clock.advance(9)
    assert await _wait_told(replies) == 1
    clock.advance(1)
    assert isinstance(await replies.begin("alice", "key", "call"), BegunHere)


async def _wait_told(replies: RememberedReplies) -> float | None:
    with pytest.raises(HubBusyError) as caught:
        await replies.begin("alice", "key", "call")
    return caught.value.retry_after


class _Renewed(InMemoryReplies):
    """A store that tells when a call has been renewed."""

    def __init__(self) -> None:
        super().__init__()
        self.is_renewed = asyncio.Event()

    async def renew(self, *arguments: Any, **given: Any) -> None:
        await super().renew(*arguments, **given)
        self.is_renewed.set()


class _Away(InMemoryReplies):
    """A store that goes away after a call has begun."""

    async def end(self, *arguments: object, **given: object) -> None:
        raise HubUnreachableError("The database cannot be reached")

    async def renew(self, *arguments: object, **given: object) -> None:
        raise HubUnreachableError("The database cannot be reached")


async def test_what_was_done_is_told_though_it_cannot_be_remembered(hub: Hub, path: str) -> None:
    transport = httpx.ASGITransport(create_app(hub, _Away()))
    async with httpx.AsyncClient(transport=transport, base_url="http://hub") as http:
        headers = {"authorization": "Bearer token-of-the-owner", "idempotency-key": "one"}
        reply = await http.post(f"{path}/write", headers=headers, content=BUNDLE)
    assert (reply.status_code, reply.json()) == (200, {"written": [True]})


async def test_replies_are_forgotten_after_a_while_and_the_oldest_first() -> None:
    clock = ManualClock()
    replies = RememberedReplies(clock, InMemoryReplies(most=2), seconds=10, largest=4)

    async def made(key: str, reply: Response) -> bool:
        begun = await replies.begin("alice", key, "call")
        if isinstance(begun, BegunHere):
            await replies.end(begun, reply)
        return isinstance(begun, BegunHere)

    assert await made("a", Response(b"ok"))
    assert await made("b", Response(b"ok"))
    assert not await made("b", Response(b"ok"))
    assert await made("c", Response(b"ok"))
    assert await made("a", Response(b"ok"))
    clock.advance(11)
    for _ in range(2):
        assert await made("c", Response(b"too long"))
        assert await made("c", Response(status_code=500))


@pytest.mark.parametrize(
    ("given", "kept"),
    [("abc-1.2_3", True), ("x" * 129, False), ("a b", False), ("", False), ("ü", False)],
)
async def test_a_request_has_an_identifier(ask: Ask, given: str, kept: bool) -> None:
    reply = await ask("GET", "/api/v3/dataset/acme/x", headers={"x-request-id": given.encode()})
    found = reply.headers["x-request-id"]
    assert reply.json()["requestId"] == found
    assert (found == given) is kept
    assert found
