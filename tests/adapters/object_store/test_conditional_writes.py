"""Writes that may not replace, over a network that loses replies; and how buckets are reached."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import attrs
import pytest

from polaris.domain.secret import Secret
from polaris.errors import ObjectExistsError, PolarisUnauthorizedError, StorageError
from polaris.ports.buckets import BucketCredentials, BucketPlace
from polaris.ports.storage import IfExists, Read, Write
from polaris_adapters.object_store import conditional_writes
from polaris_adapters.object_store.bucket import BucketStorage, ObstoreBuckets

pytestmark = pytest.mark.network


@attrs.define
class Bucket:
    """A store of S3 in memory that can be told to go wrong.

    Attributes:
        objects: Content and metadata by key.
        faults: What happens to each of the next writes: ``lost``, written but not answered;
            ``busy``, refused for now; ``fine``.
        before_retry: Called before the second and each further write.
        requests: Method, key and headers of what was asked.
    """

    objects: dict[str, tuple[bytes, dict[str, str]]] = attrs.field(factory=dict)
    faults: list[str] = attrs.field(factory=list)
    before_retry: Callable[[], object] | None = None
    requests: list[tuple[str, str, dict[str, str]]] = attrs.field(factory=list)

    def put(self, key: str, headers: dict[str, str], body: bytes) -> int | None:
        """Return the status; None for no answer."""
        if sum(method == "PUT" for method, _, _ in self.requests) > 1 and self.before_retry:
            self.before_retry()
        fault = self.faults.pop(0) if self.faults else "fine"
        if fault == "busy":
            return 503
        if headers.get("if-none-match") == "*" and key in self.objects:
            return 412
        metadata = {n: v for n, v in headers.items() if n.startswith("x-amz-meta-")}
        self.objects[key] = body, metadata
        return None if fault == "lost" else 200


@pytest.fixture
def bucket() -> Bucket:
    return Bucket()


@pytest.fixture
def address(bucket: Bucket) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _handle(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            key = self.path.partition("?")[0].removeprefix("/bkt/")
            bucket.requests.append((self.command, key, headers))
            if self.command == "PUT":
                status = bucket.put(key, headers, body)
                if status is None:
                    self.close_connection = True
                    return
                self._answer(status, b"", {"etag": '"e"'})
                return
            found = bucket.objects.get(key)
            if found is None:
                self._answer(404, b"", {})
                return
            modified = "Thu, 01 Jan 2026 00:00:00 GMT"
            self._answer(200, found[0], {"etag": '"e"', "last-modified": modified, **found[1]})

        def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {**headers, "content-length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_HEAD = do_PUT = do_DELETE = _handle  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


async def _credentials() -> BucketCredentials:
    return BucketCredentials("AK", Secret("SK"), Secret("jwt/sto"))


@pytest.fixture
def storage(address: str, monkeypatch: pytest.MonkeyPatch) -> BucketStorage:
    monkeypatch.setattr(conditional_writes, "_PAUSE", 0.001)
    place = BucketPlace(address, "bkt", metadata={"md5": "X-Amz-Meta-md5sum"})
    return BucketStorage(place, _credentials)


def _puts(bucket: Bucket) -> int:
    return sum(method == "PUT" for method, _, _ in bucket.requests)


@pytest.mark.parametrize("if_exists", [IfExists.RAISE, IfExists.SKIP])
async def test_a_write_whose_reply_was_lost_was_ours(
    storage: BucketStorage, bucket: Bucket, if_exists: IfExists
) -> None:
    bucket.faults = ["lost"]
    assert await storage.put([Write("a", b"ours")], if_exists=if_exists) == [True]
    assert await storage.get([Read("a")]) == [b"ours"]
    assert _puts(bucket) == 2


async def test_what_another_wrote_meanwhile_was_not_ours(
    storage: BucketStorage, bucket: Bucket
) -> None:
    bucket.faults = ["busy"]
    # The same content, even: who wrote it is what counts.
    bucket.before_retry = lambda: bucket.objects.setdefault(
        "a", (b"ours", {"x-amz-meta-polaris-write": "another"})
    )
    with pytest.raises(ObjectExistsError):
        await storage.put([Write("a", b"ours")], if_exists=IfExists.RAISE)
    assert bucket.objects["a"][1]["x-amz-meta-polaris-write"] == "another"


async def test_what_was_there_before_is_not_asked_about(
    storage: BucketStorage, bucket: Bucket
) -> None:
    bucket.objects["a"] = b"old", {}
    assert await storage.put([Write("a", b"new")], if_exists=IfExists.SKIP) == [False]
    assert [method for method, _, _ in bucket.requests] == ["PUT"]
    assert bucket.objects["a"][0] == b"old"


async def test_what_vanished_again_was_not_ours(storage: BucketStorage, bucket: Bucket) -> None:
    bucket.faults = ["lost"]

    def replaced() -> None:
        bucket.objects["a"] = b"theirs", {}

    bucket.before_retry = replaced
    assert await storage.put([Write("a", b"ours")], if_exists=IfExists.SKIP) == [False]


async def test_a_store_that_stays_busy_is_told_of(storage: BucketStorage, bucket: Bucket) -> None:
    bucket.faults = ["busy"] * 50
    with pytest.raises(StorageError):
        await storage.put([Write("a", b"x")], if_exists=IfExists.SKIP)
    assert _puts(bucket) == 5
    assert "a" not in bucket.objects


async def test_requests_carry_checksums_and_the_session_token(
    storage: BucketStorage, bucket: Bucket
) -> None:
    await storage.put([Write("t.parquet", b"x")])
    [(_, key, headers)] = bucket.requests
    assert key == "t.parquet"
    assert headers["content-type"] == "application/vnd.apache.parquet"
    assert headers["x-amz-meta-md5sum"] == "9dd4e461268c8034f5c8564e155c67a6"
    assert headers["x-amz-security-token"] == "jwt/sto"
    assert headers["x-amz-content-sha256"].startswith("2d711642b726b044")
    assert "/auto/s3/aws4_request" in headers["authorization"]
    assert "SK" not in str(headers)


async def test_credentials_that_end_are_asked_for_again(address: str, bucket: Bucket) -> None:
    """A transfer outlives the right with which it began."""
    given = 0

    async def credentials() -> BucketCredentials:
        nonlocal given
        given += 1
        ended = datetime.now(UTC) - timedelta(seconds=1)
        return BucketCredentials("AK", Secret("SK"), Secret(f"jwt/{given}"), ended)

    storage = ObstoreBuckets().open(BucketPlace(address, "bkt"), credentials)
    for key in ("a", "b", "c"):
        await storage.put([Write(key, b"x")])
    tokens = [headers["x-amz-security-token"] for _, _, headers in bucket.requests]
    assert tokens == ["jwt/1", "jwt/2", "jwt/3"]


async def test_a_failure_to_get_credentials_comes_through_as_it_is(address: str) -> None:
    async def refused() -> BucketCredentials:
        raise PolarisUnauthorizedError("Cannot get access: signed out", hint="Sign in.")

    storage = BucketStorage(BucketPlace(address, "bkt"), refused)
    with pytest.raises(PolarisUnauthorizedError) as caught:
        await storage.get([Read("a")])
    assert caught.value.message == "Cannot get access: signed out"


async def test_a_store_that_is_not_there_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conditional_writes, "_PAUSE", 0.001)
    place = BucketPlace("http://127.0.0.1:9", "bkt")
    storage = BucketStorage(place, _credentials, {"connect_timeout": "1s", "timeout": "1s"})
    with pytest.raises(StorageError) as caught:
        await storage.put([Write("a", b"x")], if_exists=IfExists.SKIP)
    assert "http://127.0.0.1:9/bkt" in caught.value.message
