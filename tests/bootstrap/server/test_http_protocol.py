"""Connections whose heads are slow or long are ended; others are not."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from polaris.bootstrap.server.http_protocol import BoundedHttp

pytestmark = pytest.mark.network


class Hasty(BoundedHttp):
    head_seconds = 0.2
    longest_head = 1000


async def _count(request: Request) -> Response:
    return Response(str(len(await request.body())))


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    app = Starlette(routes=[Route("/", _count, methods=["POST"])])
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, http=Hasty, ws="none", log_level="critical", log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield listening.getsockname()[1]
    server.should_exit = True
    thread.join(timeout=30)
    listening.close()


def _all(connection: socket.socket) -> bytes:
    found = b""
    while piece := connection.recv(65536):
        found += piece
    return found


HEAD = b"POST / HTTP/1.1\r\nHost: x\r\n"


@pytest.mark.parametrize("begun", [b"", b"POST / HT", HEAD + b"X-Slow: "])
def test_a_head_that_does_not_come_ends_the_connection(port: int, begun: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(begun)
        assert _all(connection) == b""


def test_a_head_without_end_is_refused(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(HEAD + b"X-Long: " + b"x" * 600)
        connection.sendall(b"x" * 600)
        assert _all(connection).startswith(b"HTTP/1.1 400 ")


def test_a_body_may_be_longer_and_slower_and_another_request_may_follow(port: int) -> None:
    body = b"x" * 5000
    request = HEAD + b"Content-Length: 5000\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        for _ in range(2):
            connection.sendall(request + body[:10])
            # Longer than a head may take.
            threading.Event().wait(0.3)
            connection.sendall(body[10:])
            reply = connection.recv(65536)
            while not reply.endswith(b"\r\n\r\n5000"):
                reply += connection.recv(65536)
            assert reply.startswith(b"HTTP/1.1 200 ")
