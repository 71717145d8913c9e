"""Calls to an outside provider over HTTP."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from polaris.errors import HubUnreachableError
from polaris_adapters.hub_server.oauth import Fetched, HttpFetch

pytestmark = pytest.mark.network


class _Answers(BaseHTTPRequestHandler):
    def _answer(self) -> None:
        length = int(self.headers.get("content-length", 0))
        body = self.rfile.read(length) or self.headers.get("x-said", "").encode()
        status = 302 if self.path == "/elsewhere" else 200
        if self.path == "/endless":
            body = b"x" * (2**20 + 1)
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        if status == 302:
            self.send_header("location", "/other")
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = _answer  # noqa: N815  as the library names them

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")


async def test_what_is_sent_and_what_comes(url: str) -> None:
    fetch = HttpFetch()
    assert await fetch("GET", f"{url}/", headers={"x-said": "hello"}) == Fetched(200, b"hello")
    assert await fetch("POST", f"{url}/", form={"a": "b c"}) == Fetched(200, b"a=b+c")


async def test_redirects_are_not_followed(url: str) -> None:
    assert (await HttpFetch()("GET", f"{url}/elsewhere")).status == 302


async def test_too_much_is_refused(url: str) -> None:
    with pytest.raises(HubUnreachableError, match="too much"):
        await HttpFetch()("GET", f"{url}/endless")


@pytest.mark.parametrize("address", ["http://127.0.0.1:{}/", "http://[broken", "gopher://x/"])
async def test_what_cannot_be_reached_is_told_in_our_words(address: str) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = address.format(closed.getsockname()[1])
        with pytest.raises(HubUnreachableError):
            await HttpFetch()("GET", url)
