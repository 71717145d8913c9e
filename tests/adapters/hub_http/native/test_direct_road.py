"""Large objects that go past the hub, to a store that the hub gives addresses of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import attrs
import httpx
import pytest

from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.ports.artifact_storage import ArtifactStorage
from polaris.ports.artifacts import ArtifactLocation
from polaris.ports.storage import Read, StoragePort, Write
from polaris.ports.storage_powers import SignedRequest, SignRequest
from polaris.testing.fakes.in_memory_storage import InMemoryStorage
from polaris_adapters.hub_http.native.calls import NativeCalls
from polaris_adapters.hub_http.native.storage import NativeStorage
from polaris_adapters.hub_http.session import HttpSession
from polaris_adapters.hub_server import Hub, create_app

HERE = ArtifactLocation(ArtifactRef(ArtifactKind.DATASET, "acme", "some-data"), "0" * 64)
DATA = bytes(range(256)) * 4

Answer = Callable[[httpx.Request], Awaitable[httpx.Response]]


class SigningStorage(InMemoryStorage):
    """Signs addresses of a store elsewhere, each with a number of its own.

    Attributes:
        root: Where that store is.
        signed: How many addresses have been given.
    """

    root = "https://bucket.example/objects"
    signed = 0

    async def sign(
        self, requests: Sequence[SignRequest], /, *, seconds: int
    ) -> list[SignedRequest | None]:
        found: list[SignedRequest | None] = []
        for request in requests:
            self.signed += 1
            url = f"{self.root}/{request.key}?number={self.signed}"
            headers = {"x-amz-checksum-sha256": "c3Vt", "authorization": "Basic x"}
            ends = datetime(2030, 1, 1, tzinfo=UTC)
            found.append(SignedRequest(request.method, url, headers, ends))
        return found


@attrs.frozen
class One:
    """An `ArtifactStorage` of one store."""

    store: SigningStorage

    async def open(self, location: ArtifactLocation, /, *, write: bool = False) -> StoragePort:
        return self.store


@attrs.define
class Bucket:
    """The store elsewhere, over the same objects.

    Attributes:
        store: The objects.
        requests: What it was asked.
        answers: What it answers next, instead of what it has; an exception is raised.
    """

    store: SigningStorage
    requests: list[httpx.Request] = attrs.field(factory=list)
    answers: list[Any] = attrs.field(factory=list)

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Exception):
            raise answer
        if answer is not None:
            return httpx.Response(answer)
        key = request.url.path.removeprefix("/objects/")
        if request.method == "PUT":
            await self.store.put([Write(key, await request.aread())])
            return httpx.Response(200)
        [data] = await self.store.get([Read(key)])
        if data is None:
            return httpx.Response(404)
        version = f'"{hash(data)}"'
        if request.headers.get("if-match", version) != version:
            return httpx.Response(412)
        first, _, last = request.headers["range"].removeprefix("bytes=").partition("-")
        part = data[int(first) : int(last) + 1]
        told = f"bytes {first}-{int(first) + len(part) - 1}/{len(data)}"
        return httpx.Response(206, content=part, headers={"content-range": told, "etag": version})


class Roads(httpx.AsyncBaseTransport):
    """The hub at one address, its store at another."""

    def __init__(self, hub: Any, bucket: Answer) -> None:
        self.hub, self.bucket = httpx.ASGITransport(hub), bucket
        self.paths: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "bucket.example":
            return await self.bucket(request)
        self.paths.append(request.url.path.rpartition("/")[2])
        return await self.hub.handle_async_request(request)


@pytest.fixture
def objects() -> SigningStorage:
    return SigningStorage()


@pytest.fixture
def bucket(objects: SigningStorage) -> Bucket:
    return Bucket(objects)


@pytest.fixture
def roads(hub: Hub, objects: SigningStorage, bucket: Bucket) -> Roads:
    storage: ArtifactStorage = One(objects)
    return Roads(create_app(attrs.evolve(hub, storage=storage)), bucket)


@pytest.fixture
async def store(sessions: Callable[..., HttpSession], roads: Roads) -> StoragePort:
    return await NativeStorage(NativeCalls(sessions(roads)), 100).open(HERE, write=True)


async def test_the_token_goes_to_the_hub_only(
    store: StoragePort, bucket: Bucket, roads: Roads
) -> None:
    assert await store.put([Write("large", DATA), Write("small", b"x")]) == [True, True]
    assert await store.get([Read("large"), Read("small")]) == [DATA, b"x"]
    assert "large" not in roads.paths
    # 1 to write, and 11 to read as much as fits into a bundle each time.
    assert len(bucket.requests) == 12
    for request in bucket.requests:
        assert "authorization" not in request.headers
        assert "idempotency-key" not in request.headers
        assert "token" not in str(request.headers)
    assert "x-amz-checksum-sha256" in bucket.requests[0].headers


async def test_an_address_that_is_refused_is_asked_for_again(
    store: StoragePort, bucket: Bucket, objects: SigningStorage
) -> None:
    bucket.answers = [403, None, None, None, 403]
    assert await store.put([Write("large", DATA)]) == [True]
    assert await store.get([Read("large")]) == [DATA]
    assert objects.signed == 4
    numbers = [request.url.params["number"] for request in bucket.requests]
    assert numbers == ["1", "2", "3", "3", "3", *["4"] * 9]


async def test_a_store_that_always_refuses_is_gone_around(
    store: StoragePort, bucket: Bucket, roads: Roads, objects: SigningStorage
) -> None:
    bucket.answers = [403] * 4
    assert await store.put([Write("large", DATA)]) == [True]
    assert await store.get([Read("large")]) == [DATA]
    assert objects.signed == 4
    assert "large" in roads.paths


@pytest.mark.parametrize("answer", [404, 412, 200, 416, 500])
async def test_what_the_store_says_is_not_taken_for_what_the_hub_says(
    store: StoragePort, bucket: Bucket, roads: Roads, answer: int
) -> None:
    await store.put([Write("large", DATA)])
    bucket.answers = [answer] * 3
    assert await store.get([Read("large"), Read("missing")]) == [DATA, None]
    assert "large" in roads.paths


async def test_a_store_that_cannot_be_reached_is_tried_once(
    store: StoragePort, bucket: Bucket, roads: Roads, objects: SigningStorage
) -> None:
    bucket.answers = [httpx.ConnectError("no way") for _ in range(100)]
    for _ in range(3):
        assert await store.put([Write("large", DATA)]) == [True]
        assert await store.get([Read("large")]) == [DATA]
    assert objects.signed == 1
    assert len(bucket.requests) == 3


async def test_an_object_that_changes_while_it_is_read_is_of_one_version(
    store: StoragePort, bucket: Bucket, roads: Roads, objects: SigningStorage
) -> None:
    await store.put([Write("large", DATA)])
    changed = DATA[::-1]

    async def changing(request: httpx.Request) -> httpx.Response:
        reply = await bucket(request)
        if len(bucket.requests) == 3:
            await objects.put([Write("large", changed)])
        return reply

    roads.bucket = changing
    assert await store.get([Read("large")]) == [changed]


@pytest.mark.parametrize(
    "root",
    ["http://bucket.example/objects", "https://user:password@bucket.example/objects", "ftp://x/y"],
)
async def test_an_address_that_must_not_be_followed_is_not(
    store: StoragePort, bucket: Bucket, objects: SigningStorage, root: str
) -> None:
    objects.root = root
    assert await store.put([Write("large", DATA)]) == [True]
    assert await store.get([Read("large")]) == [DATA]
    assert bucket.requests == []


async def test_a_hub_that_signs_nothing_is_asked_once(
    sessions: Callable[..., HttpSession], hub: Hub
) -> None:
    class Older(Roads):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if request.url.path.endswith("/sign"):
                self.paths.append("sign")
                return httpx.Response(404, json={"detail": "There is nothing"})
            return await super().handle_async_request(request)

    roads = Older(create_app(hub), Bucket(SigningStorage()))
    native = NativeStorage(NativeCalls(sessions(roads)), 100)
    store = await native.open(HERE, write=True)
    for _ in range(2):
        assert await store.put([Write("large", DATA)]) == [True]
        assert await store.get([Read("large")]) == [DATA]
    assert roads.paths.count("sign") == 1
