"""Transports that users hand in, whichever library and kind they are of."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

from polaris.errors import HubUnreachableError, InvalidSettingsError
from polaris_adapters.hub_http.call import Call
from polaris_adapters.hub_http.family import bridged, httpx


@pytest.fixture
def other() -> Iterator[ModuleType]:
    """The other library of the family; where it is not installed, a copy of this one."""
    if httpx.__name__ == "httpx2":
        yield importlib.import_module("httpx")
        return
    spec = importlib.util.find_spec("httpx")
    assert spec is not None
    assert spec.origin is not None
    found = importlib.util.spec_from_file_location(
        "httpx2", spec.origin, submodule_search_locations=spec.submodule_search_locations
    )
    assert found is not None
    assert found.loader is not None
    module = sys.modules["httpx2"] = importlib.util.module_from_spec(found)
    try:
        found.loader.exec_module(module)
        for name in module.__all__:
            with contextlib.suppress(AttributeError, TypeError):
                getattr(module, name).__module__ = "httpx2"
        yield module
    finally:
        for name in [name for name in sys.modules if name.partition(".")[0] == "httpx2"]:
            del sys.modules[name]


def test_a_transport_of_this_library_is_taken_as_it_is() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200))
    assert bridged(transport) is transport


@pytest.mark.parametrize("value", [7, "transport", object(), httpx.Response(200)])
def test_what_is_no_transport_is_refused(value: Any) -> None:
    with pytest.raises(InvalidSettingsError, match="transport cannot be a"):
        bridged(value)


async def test_a_transport_that_blocks_runs_on_a_thread(make: Callable[..., Any]) -> None:
    threads: list[threading.Thread] = []

    class Blocking(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            threads.append(threading.current_thread())
            return httpx.Response(200, json={"got": request.content.decode()})

    made = make(transport=Blocking())
    reply = await made.session.send(Call("PUT", "x", "y", content=b"body"))
    assert reply.json() == {"got": "body"}
    assert threads[0] is not threading.main_thread()


async def test_errors_of_a_blocking_transport_are_ours(make: Callable[..., Any]) -> None:
    class Broken(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            raise httpx.ReadError("reset")

    made = make(transport=Broken())
    with pytest.raises(HubUnreachableError):
        await made.session.send(Call("POST", "x", "y"))


async def test_a_body_that_comes_in_parts_crosses_the_bridge(make: Callable[..., Any]) -> None:
    class Parts(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            yield from (b'{"a"', b": 1}")

    class Blocking(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            return httpx.Response(200, stream=Parts())

    made = make(transport=Blocking())
    assert (await made.session.send(Call("GET", "x", "y"))).json() == {"a": 1}


class Closing(httpx.AsyncBaseTransport):
    """Counts how often it and its replies are closed."""

    def __init__(self) -> None:
        self.closed = 0
        self.replies_closed = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        owner = self

        class Body(httpx.AsyncByteStream):
            async def __aiter__(self) -> AsyncIterator[bytes]:
                yield b"x" * 10
                await asyncio.sleep(0)

            async def aclose(self) -> None:
                owner.replies_closed += 1

        return httpx.Response(200, stream=Body())

    async def aclose(self) -> None:
        self.closed += 1


async def test_replies_and_transports_are_closed(make: Callable[..., Any]) -> None:
    transport = Closing()
    made = make(transport=transport)
    await made.session.send(Call("GET", "x", "y"))
    assert transport.replies_closed >= 1
    await made.session.aclose()
    await made.session.aclose()
    assert transport.closed == 1


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_a_mock_of_the_other_library_answers(
    make: Callable[..., Any], other: ModuleType
) -> None:
    seen: list[Any] = []

    def answer(request: Any) -> Any:
        seen.append(request)
        return other.Response(201, json={"a": 1}, headers={"x-request-id": "r-1"})

    made = make(transport=other.MockTransport(answer), tokens=("secret",))
    reply = await made.session.send(Call("PUT", "x", "y", json={"b": 2}))
    assert reply.status_code == 201
    assert reply.json() == {"a": 1}
    assert reply.headers["x-request-id"] == "r-1"
    (request,) = seen
    assert isinstance(request, other.Request)
    assert request.headers["authorization"] == "Bearer secret"
    assert request.content == b'{"b":2}'


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_errors_of_the_other_library_are_ours(
    make: Callable[..., Any], other: ModuleType
) -> None:
    def fail(_: Any) -> Any:
        raise other.ConnectError("refused")

    made = make(transport=other.MockTransport(fail))
    with pytest.raises(HubUnreachableError, match="no connection: refused") as caught:
        await made.session.send(Call("POST", "x", "y"))
    assert not caught.value.may_have_arrived
