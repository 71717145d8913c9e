"""Which calls are made again, how often, and after which wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from polaris.application.retry import RetryPolicy
from polaris.errors import (
    HubReplyError,
    HubUnavailableError,
    HubUnreachableError,
    PolarisHubError,
)
from polaris_adapters.hub_http.call import Call
from polaris_adapters.hub_http.family import httpx

GET = Call("GET", "v1/dataset", "list")
POST = Call("POST", "v2/result", "publish", json={"a": 1})
BUSY = [408, 425, 429, 500, 502, 503, 504]
REFUSALS = [400, 401, 403, 404, 405, 409, 410, 412, 413, 415, 422, 501, 505]
BROKEN = [
    httpx.ReadError("reset"),
    httpx.WriteError("reset"),
    httpx.ReadTimeout("slow"),
    httpx.RemoteProtocolError("peer closed connection without sending complete message body"),
]
UNSENT = [
    httpx.ConnectError("refused"),
    httpx.ConnectTimeout("slow"),
    httpx.PoolTimeout("full"),
]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("status", BUSY)
async def test_a_call_that_may_be_repeated_is(
    make: Callable[..., Any], method: str, status: int
) -> None:
    made = make(status, status, 200)
    assert (await made.session.send(Call(method, "x", "do it"))).status_code == 200
    assert len(made.script.requests) == 3


@pytest.mark.parametrize("status", REFUSALS)
async def test_a_refusal_is_final(make: Callable[..., Any], status: int) -> None:
    made = make(status)
    with pytest.raises(PolarisHubError) as caught:
        await made.session.send(GET)
    assert caught.value.status == status
    assert not caught.value.retryable
    assert len(made.script.requests) == 1


@pytest.mark.parametrize("status", BUSY)
async def test_tries_are_bounded(make: Callable[..., Any], status: int) -> None:
    made = make(status, policy=RetryPolicy(attempts=4))
    with pytest.raises(HubUnavailableError):
        await made.session.send(GET)
    assert len(made.script.requests) == 4


@pytest.mark.parametrize("error", BROKEN + UNSENT, ids=lambda error: type(error).__name__)
async def test_broken_connections_are_made_again(
    make: Callable[..., Any], error: Exception
) -> None:
    made = make(error, error, 200)
    assert (await made.session.send(GET)).status_code == 200
    assert len(made.script.requests) == 3


@pytest.mark.parametrize("status", [s for s in BUSY if s != 429])
async def test_a_post_that_the_hub_may_have_acted_on_is_not_repeated(
    make: Callable[..., Any], status: int
) -> None:
    made = make(status)
    with pytest.raises(HubUnavailableError):
        await made.session.send(POST)
    assert len(made.script.requests) == 1


@pytest.mark.parametrize("error", BROKEN, ids=lambda error: type(error).__name__)
async def test_a_post_that_may_have_arrived_is_not_repeated(
    make: Callable[..., Any], error: Exception
) -> None:
    made = make(error)
    with pytest.raises(HubUnreachableError) as caught:
        await made.session.send(POST)
    assert caught.value.may_have_arrived
    assert len(made.script.requests) == 1


@pytest.mark.parametrize("error", UNSENT, ids=lambda error: type(error).__name__)
async def test_a_post_that_never_arrived_is_repeated(
    make: Callable[..., Any], error: Exception
) -> None:
    made = make(error, 201)
    assert (await made.session.send(POST)).status_code == 201


async def test_a_post_that_was_turned_away_at_the_door_is_repeated(
    make: Callable[..., Any],
) -> None:
    made = make(429, 201)
    assert (await made.session.send(POST)).status_code == 201


async def test_a_post_is_repeated_where_the_hub_honours_its_key(make: Callable[..., Any]) -> None:
    made = make(503, httpx.ReadError("reset"), 201, keys=True)
    assert (await made.session.send(POST)).status_code == 201
    keys = made.script.sent("idempotency-key")
    assert len(keys) == 3
    assert len(set(keys)) == 1
    assert keys[0]


async def test_two_calls_have_two_keys(make: Callable[..., Any]) -> None:
    made = make(201)
    await made.session.send(POST)
    await made.session.send(POST)
    assert len(set(made.script.sent("idempotency-key"))) == 2


async def test_a_read_has_no_key(make: Callable[..., Any]) -> None:
    made = make(200)
    await made.session.send(GET)
    assert made.script.sent("idempotency-key") == [None]


async def test_a_policy_around_the_calls_does_not_multiply_the_tries(
    make: Callable[..., Any],
) -> None:
    made = make(503, policy=RetryPolicy(attempts=3))
    with pytest.raises(HubUnavailableError):
        await RetryPolicy(attempts=5).call(lambda: made.session.send(GET), clock=made.clock)
    assert len(made.script.requests) == 3


async def test_a_policy_around_the_calls_does_not_repeat_a_post(make: Callable[..., Any]) -> None:
    made = make(httpx.ReadError("reset"))
    with pytest.raises(HubUnreachableError):
        await RetryPolicy().call(lambda: made.session.send(POST), clock=made.clock)
    assert len(made.script.requests) == 1


async def test_waits_stay_below_their_bounds(make: Callable[..., Any]) -> None:
    made = make(503, policy=RetryPolicy(attempts=8, total=1e6, initial=1.0, maximum=10.0))
    with pytest.raises(HubUnavailableError):
        await made.session.send(GET)
    bounds = [1.0, 2.0, 4.0, 8.0, 10.0, 10.0, 10.0]
    assert len(made.clock.sleeps) == len(bounds)
    for slept, bound in zip(made.clock.sleeps, bounds, strict=True):
        assert 0 <= slept <= bound


async def test_the_hub_says_when_to_come_back(make: Callable[..., Any]) -> None:
    reply = httpx.Response(429, headers={"retry-after": "17"})
    made = make(reply, 200, policy=RetryPolicy(initial=1.0))
    await made.session.send(GET)
    (slept,) = made.clock.sleeps
    assert 17 <= slept <= 18


async def test_a_hub_that_wants_to_be_left_alone_for_long_is(make: Callable[..., Any]) -> None:
    reply = httpx.Response(503, headers={"retry-after": "999999999"})
    made = make(reply)
    with pytest.raises(HubUnavailableError) as caught:
        await made.session.send(GET)
    assert len(made.script.requests) == 1
    assert made.clock.sleeps == []
    assert caught.value.retry_after == 3600
    assert "3600 s" in caught.value.hint


async def test_all_tries_end_with_the_total_time(make: Callable[..., Any]) -> None:
    reply = httpx.Response(503, headers={"retry-after": "20"})
    made = make(reply, policy=RetryPolicy(attempts=99, total=50.0, initial=0.1))
    with pytest.raises(HubUnavailableError):
        await made.session.send(GET)
    assert len(made.script.requests) == 3
    assert made.clock.monotonic() <= 50


class Drip(httpx.AsyncByteStream):
    """A body that never ends, and comes byte by byte."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            await asyncio.sleep(0)
            yield b" "


async def test_a_body_that_drips_does_not_outlive_the_total_time(make: Callable[..., Any]) -> None:
    made = make(httpx.Response(200, stream=Drip()), policy=RetryPolicy(attempts=1, total=0.05))
    with pytest.raises(HubUnreachableError, match="no answer in time"):
        await made.session.send(GET)


async def test_data_that_drips_does_not_outlive_it_by_much(make: Callable[..., Any]) -> None:
    class Slower(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield b" "
            await asyncio.Event().wait()

    made = make(httpx.Response(200, stream=Slower()), policy=RetryPolicy(attempts=1, total=0.05))
    with pytest.raises(HubUnreachableError, match="no answer in time"):
        await made.session.send(Call("GET", "x", "read", largest=None))


async def test_data_that_keeps_coming_may_outlive_the_total_time(make: Callable[..., Any]) -> None:
    class Steady(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            until = asyncio.get_running_loop().time() + 0.1
            while asyncio.get_running_loop().time() < until:
                yield bytes(2**16)
                await asyncio.sleep(0)

    made = make(httpx.Response(200, stream=Steady()), policy=RetryPolicy(attempts=1, total=0.02))
    reply = await made.session.send(Call("GET", "x", "read", largest=None))
    assert len(reply.content) > 0


async def test_a_body_that_is_too_long_is_refused_and_not_asked_for_again(
    make: Callable[..., Any],
) -> None:
    made = make(httpx.Response(200, content=bytes(1001)))
    with pytest.raises(HubReplyError, match="longer than 1000 bytes"):
        await made.session.send(Call("GET", "x", "list", largest=1000))
    assert len(made.script.requests) == 1


async def test_what_unpacks_to_too_much_is_refused(make: Callable[..., Any]) -> None:
    import gzip

    packed = gzip.compress(bytes(10**6))
    made = make(httpx.Response(200, content=packed, headers={"content-encoding": "gzip"}))
    with pytest.raises(HubReplyError, match="longer than"):
        await made.session.send(Call("GET", "x", "list", largest=10**5))


async def test_what_cannot_be_unpacked_is_an_error_of_ours(make: Callable[..., Any]) -> None:
    made = make(httpx.Response(200, stream=Bytes(b"junk"), headers={"content-encoding": "gzip"}))
    with pytest.raises(HubReplyError, match="decoded"):
        await made.session.send(GET)
    assert len(made.script.requests) == 1


class Bytes(httpx.AsyncByteStream):
    """A body as it is on the wire."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._data


async def test_cancelling_is_not_an_answer_to_try_again(make: Callable[..., Any]) -> None:
    arrived = asyncio.Event()

    async def hang(_: httpx.Request) -> httpx.Response:
        arrived.set()
        await asyncio.Event().wait()
        raise AssertionError

    made = make(hang)
    task = asyncio.create_task(made.session.send(GET))
    await arrived.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(made.script.requests) == 1
