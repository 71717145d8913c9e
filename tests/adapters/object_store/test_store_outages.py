"""Stores behind which something is wrong for a while, and those that refuse for good."""

from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import obstore
import pytest

from polaris.domain.secret import Secret
from polaris.errors import (
    PolarisError,
    PolarisUnauthorizedError,
    StorageError,
    StorageUnavailableError,
)
from polaris.ports.buckets import BucketCredentials, BucketPlace
from polaris_adapters.object_store.bucket_client import OpenedBucket

pytestmark = pytest.mark.network


@contextmanager
def _answering(status: int) -> Iterator[str]:
    """Serve nothing but one status."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            serving.join()


async def _credentials() -> BucketCredentials:
    return BucketCredentials("key", Secret("secret"))


async def _error(url: str) -> PolarisError:
    bucket = OpenedBucket(BucketPlace(url, "polaris"), _credentials, {})
    # Sent once: what obstore repeats by itself is not the matter here.
    store = bucket.store(retries=0)
    with pytest.raises((StorageError, PolarisUnauthorizedError)) as caught:
        await bucket.each(
            lambda key: obstore.put(store, key, b"data", use_multipart=False), ["key"]
        )
    return caught.value


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
async def test_a_store_that_cannot_serve_now_may_be_asked_again(status: int) -> None:
    with _answering(status) as url:
        error = await _error(url)
    assert isinstance(error, StorageUnavailableError)
    assert error.retryable


@pytest.mark.parametrize("status", [400, 403, 501])
async def test_a_store_that_refuses_is_not_asked_again(status: int) -> None:
    with _answering(status) as url:
        error = await _error(url)
    assert not error.retryable


async def test_a_store_that_is_not_there_may_be_asked_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    error = await _error(f"http://127.0.0.1:{port}")
    assert isinstance(error, StorageUnavailableError)
