"""How buckets of hubs over HTTP are reached: as the user wants HTTP clients to be."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme

from polaris.bootstrap.transports.http_buckets import open_buckets
from polaris.domain.secret import Secret
from polaris.errors import StorageError
from polaris.ports.buckets import BucketCredentials, BucketPlace
from polaris.ports.storage import Read, StoragePort
from polaris_adapters.hub_http.options import parse_options

Open = Callable[..., StoragePort]


async def _credentials() -> BucketCredentials:
    return BucketCredentials("AK", Secret("SK"))


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def served() -> list[str]:
    """The first lines of what was asked."""
    return []


def _serve(served: list[str], context: ssl.SSLContext | None) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.append(self.path)
            self.send_response(200)
            for name, value in {
                "content-length": "4", "etag": '"e"',
                "last-modified": "Thu, 01 Jan 2026 00:00:00 GMT",
            }.items():  # fmt: skip
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(b"data")

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
        if context is not None:
            server.socket = context.wrap_socket(
                server.socket, server_side=True, do_handshake_on_connect=False
            )
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.fixture
def port(served: list[str]) -> Iterator[int]:
    yield from _serve(served, None)


@pytest.fixture
def tls_port(served: list[str], authority: trustme.CA) -> Iterator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    yield from _serve(served, context)


def _open(endpoint: str, **given: Any) -> StoragePort:
    settings = {"default_timeout": (2, 2), "ca_bundle": given.pop("ca_bundle", None)}
    place = BucketPlace(endpoint, "bkt")
    return open_buckets(parse_options(given, settings)).open(place, _credentials)


@pytest.mark.network
async def test_an_authority_of_the_settings_is_trusted(
    tls_port: int, authority: trustme.CA, tmp_path: Path
) -> None:
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    storage = _open(f"https://localhost:{tls_port}", ca_bundle=str(bundle))
    assert await storage.get([Read("a")]) == [b"data"]


@pytest.mark.network
async def test_an_authority_of_a_context_is_trusted(tls_port: int, authority: trustme.CA) -> None:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    storage = _open(f"https://localhost:{tls_port}", verify=context)
    assert await storage.get([Read("a")]) == [b"data"]


@pytest.mark.network
async def test_verification_can_be_switched_off(tls_port: int) -> None:
    storage = _open(f"https://localhost:{tls_port}", ca_bundle=False)
    assert await storage.get([Read("a")]) == [b"data"]


@pytest.mark.network
@pytest.mark.slow
async def test_an_unknown_authority_is_not_trusted(tls_port: int, served: list[str]) -> None:
    """It takes obstore's five further tries."""
    storage = _open(f"https://localhost:{tls_port}")
    with pytest.raises(StorageError):
        await storage.get([Read("a")])
    assert served == []


@pytest.mark.network
async def test_a_proxy_is_gone_through(port: int, served: list[str]) -> None:
    storage = _open("http://s3.never.example", proxy=f"http://127.0.0.1:{port}")
    assert await storage.get([Read("a")]) == [b"data"]
    assert served == ["http://s3.never.example/bkt/a"]


@pytest.mark.parametrize("name", ["transport", "mounts"])
def test_what_stands_for_the_network_is_not_gone_past(name: str) -> None:
    mock = httpx.MockTransport(lambda _: httpx.Response(200))
    given: dict[str, Any] = {"transport": mock, "mounts": {"all://": mock}}
    with pytest.raises(StorageError) as caught:
        _open("https://s3.example", **{name: given[name]})
    assert "https://s3.example" in caught.value.message
    assert caught.value.hint
