"""What guards requests: names of the hub, bodies, rates; and what every reply carries."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import attrs
import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message

from polaris.testing import ManualClock
from polaris_adapters.hub_server import Hub, create_app
from polaris_adapters.hub_server.operation import Operation, Readiness, operated
from polaris_adapters.hub_server.operation.hosts import name_of_host

WRITE = "/api/v3/dataset/acme/molecules/revisions/" + "0" * 64 + "/write"
OWNER = {"authorization": "Bearer token-of-the-owner"}

Get = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
def serving(hub: Hub, clock: ManualClock) -> Callable[..., Get]:
    """Returns what makes requests to a hub that is operated in a certain way."""

    def served(**how: Any) -> Get:
        readiness = Readiness({}, clock.monotonic)
        app = operated(create_app(hub), Operation(hub=hub, readiness=readiness, **how))
        client = how.pop("client", ("192.0.2.1", 1234))

        async def get(
            path: str = "/api/v3/dataset",
            method: str = "GET",
            url: str = "https://hub.example",
            **sent: Any,
        ) -> httpx.Response:
            address = sent.pop("client", client)
            transport = httpx.ASGITransport(app, client=address)
            async with httpx.AsyncClient(transport=transport, base_url=url) as http:
                return await http.request(method, path, **sent)

        return get

    return served


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("hub.example", 200),
        ("HUB.example.:8443", 200),
        ("a.inside.example", 200),
        ("inside.example", 421),
        ("evil.example", 421),
        ("hub.example.evil.org", 421),
        ("[::1]:8000", 200),
        ("[::1", 400),
        ("", 400),
        ("hub.example/path", 400),
        ("hub.example:port", 400),
        ("user@hub.example", 400),
    ],
)
async def test_a_hub_is_found_under_its_names_alone(
    serving: Callable[..., Get], host: str, status: int
) -> None:
    get = serving(hosts=("hub.example", "*.inside.example", "::1"))
    reply = await get(headers={"host": host})
    assert reply.status_code == status
    if status != 200:
        assert reply.headers["content-type"] == "application/problem+json"
        assert reply.json()["requestId"] == reply.headers["x-request-id"]
    # Who watches over the server asks by its address.
    assert (await get("/healthz", headers={"host": host})).status_code == 200


async def test_two_hosts_are_none(serving: Callable[..., Get]) -> None:
    get = serving(hosts=("hub.example",))
    twice = [("host", "hub.example"), ("host", "evil.example")]
    assert (await get(headers=twice)).status_code == 400


def test_any_name_is_good_for_a_star() -> None:
    assert name_of_host("X.example:80") == "x.example"


async def test_every_reply_tells_browsers_what_to_keep_to(serving: Callable[..., Get]) -> None:
    get = serving()
    for path, status in (("/api/v3/dataset", 200), ("/nothing", 404), ("/healthz", 200)):
        reply = await get(path)
        assert reply.status_code == status
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["x-frame-options"] == "DENY"
        assert "default-src 'none'" in reply.headers["content-security-policy"]
        assert reply.headers["strict-transport-security"].startswith("max-age=")
    assert "strict-transport-security" not in (await get(url="http://hub.example")).headers


async def test_pages_of_other_origins_may_read_nothing(serving: Callable[..., Get]) -> None:
    get = serving()
    asking = {"origin": "https://evil.example", "access-control-request-method": "PUT"}
    for method in ("GET", "OPTIONS"):
        reply = await get(method=method, headers=asking)
        assert not [name for name in reply.headers if name.startswith("access-control-")]


async def test_a_request_keeps_its_identifier(serving: Callable[..., Get]) -> None:
    reply = await serving()("/nothing", headers={"x-request-id": "mine-1"})
    assert reply.headers.get_list("x-request-id") == ["mine-1"]
    assert reply.json()["requestId"] == "mine-1"


async def _pieces(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


@pytest.mark.parametrize("announced", [True, False])
async def test_a_body_that_is_too_long_is_refused(
    serving: Callable[..., Get], announced: bool
) -> None:
    get = serving(largest_body=10)
    body = b"x" * 11 if announced else _pieces(b"x" * 6, b"x" * 5)
    reply = await get(WRITE, "POST", content=body, headers=OWNER)
    assert (reply.status_code, reply.json()["code"]) == (413, "invalid_input")
    assert reply.headers["connection"] == "close"
    fits = await get(WRITE, "POST", content=_pieces(b"x" * 6, b"x" * 4), headers=OWNER)
    assert fits.status_code == 400


async def _exchange(app: Any, receive: Callable[[], Awaitable[Message]]) -> list[Message]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": WRITE, "raw_path": WRITE.encode(),
        "query_string": b"", "scheme": "https", "root_path": "", "http_version": "1.1",
        "headers": [(b"host", b"hub.example"), (b"authorization", b"Bearer token-of-the-owner")],
        "client": ("192.0.2.1", 1), "server": ("hub.example", 443),
    }  # fmt: skip
    await app(scope, receive, send)
    return sent


async def test_a_body_that_stands_still_is_given_up(hub: Hub, clock: ManualClock) -> None:
    operation = Operation(hub=hub, readiness=Readiness({}, clock.monotonic), body_timeout=0.01)
    app = operated(create_app(hub), operation)
    first = asyncio.Event()

    async def receive() -> Message:
        if not first.is_set():
            first.set()
            return {"type": "http.request", "body": b"begun", "more_body": True}
        return await asyncio.Future()

    start, *_ = await _exchange(app, receive)
    assert start["status"] == 408


async def test_a_body_that_drips_is_given_up(hub: Hub, clock: ManualClock) -> None:
    operation = Operation(hub=hub, readiness=Readiness({}, clock.monotonic), body_timeout=30)
    app = operated(create_app(hub), operation)
    count = 0

    async def receive() -> Message:
        nonlocal count
        count += 1
        clock.advance(20)
        return {"type": "http.request", "body": b"x", "more_body": True}

    start, *_ = await _exchange(app, receive)
    assert (start["status"], count) == (408, 2)


async def test_the_time_of_the_hub_is_not_that_of_the_caller(hub: Hub, clock: ManualClock) -> None:
    operation = Operation(hub=hub, readiness=Readiness({}, clock.monotonic), body_timeout=30)
    app = create_app(hub)
    taken: list[bytes] = []

    async def slow(request: Request) -> Response:
        async for piece in request.stream():
            taken.append(piece)
            clock.advance(100)
        return Response("done")

    app.router.routes.insert(0, Route(WRITE, slow, methods=["POST"]))
    pieces = [b"a", b"b", b"c"]

    async def receive() -> Message:
        return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

    start, *_ = await _exchange(operated(app, operation), receive)
    assert (start["status"], b"".join(taken)) == (200, b"abc")


async def test_what_nobody_foresaw_is_told_like_any_failure(
    hub: Hub, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(hub)

    async def broken(request: Request) -> Response:
        raise RuntimeError("the folder /s3cr3t is gone")

    app.router.routes.append(Route("/broken", broken))
    operated(app, Operation(hub=hub, readiness=Readiness({}, clock.monotonic)))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="https://hub.example") as http:
        reply = await http.get("/broken")
    assert reply.status_code == 500
    assert reply.json()["requestId"] == reply.headers["x-request-id"]
    assert "s3cr3t" not in reply.text
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert "the folder /s3cr3t is gone" in caplog.text


async def test_who_makes_too_many_requests_is_told_when_to_come_back(
    serving: Callable[..., Get], clock: ManualClock
) -> None:
    get = serving(rate=0.5, burst=2)
    replies = [await get() for _ in range(3)]
    assert [reply.status_code for reply in replies] == [200, 200, 429]
    assert [reply.headers["ratelimit"] for reply in replies] == [
        '"requests";r=1;t=2',
        '"requests";r=0;t=2',
        '"requests";r=0;t=2',
    ]
    assert replies[2].headers["retry-after"] == "2"
    assert replies[0].headers["ratelimit-policy"] == '"requests";q=2;w=4'
    # Others are not kept away by that, nor is who waited.
    assert (await get(client=("192.0.2.2", 1))).status_code == 200
    assert (await get("/healthz")).status_code == 200
    clock.advance(2)
    assert [(await get()).status_code for _ in range(2)] == [200, 429]


async def test_requests_are_counted_by_account_once_the_hub_knows_it(
    serving: Callable[..., Get],
) -> None:
    get = serving(rate=0.01, burst=3)
    assert [(await get(headers=OWNER)).status_code for _ in range(4)] == [200] * 4
    # The first call was counted by its address, of which two are left.
    made_up = [await get(headers={"authorization": f"Bearer made-up-{i}"}) for i in range(3)]
    assert [reply.status_code for reply in made_up] == [401, 401, 429]
    assert (await get(headers=OWNER)).status_code == 429


async def test_there_is_no_bound_unless_one_is_asked_for(
    serving: Callable[..., Get], hub: Hub
) -> None:
    get = serving()
    replies = [await get() for _ in range(20)]
    assert {reply.status_code for reply in replies} == {200}
    assert "ratelimit" not in replies[-1].headers
    assert attrs.fields_dict(Operation)["rate"].default == 0
