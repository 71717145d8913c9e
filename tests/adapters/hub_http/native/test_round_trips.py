"""How many calls things take, and what happens when calls are lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import attrs
import httpx
import pytest

from polaris.application.native_wire.records import revision_path
from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.errors import (
    ArtifactNotFoundError,
    ObjectNotFoundError,
    PolarisUnauthorizedError,
    StorageError,
)
from polaris.ports.artifacts import ArtifactLocation
from polaris.ports.storage import ByteRange, IfExists, Read, Write
from polaris.testing.suites.artifact_drafts import draft_of, publish
from polaris.testing.suites.storage_listings import all_below
from polaris_adapters.hub_http.native.artifacts import NativeArtifacts
from polaris_adapters.hub_http.native.calls import NativeCalls
from polaris_adapters.hub_http.native.hidden_targets import NativeDeposit
from polaris_adapters.hub_http.native.objects import NativeObjects
from polaris_adapters.hub_http.native.storage import NativeStorage
from polaris_adapters.hub_http.session import HttpSession
from polaris_adapters.hub_server import Hub, create_app

pytestmark = pytest.mark.parametrize("backend", ["memory"], indirect=True)

HERE = ArtifactLocation(ArtifactRef(ArtifactKind.DATASET, "acme", "some-data"), "0" * 64)
PATH = revision_path(HERE.ref, HERE.revision)


@attrs.define
class Lossy(httpx.AsyncBaseTransport):
    """Hands requests on, counts them, and loses the first replies to some of them.

    Attributes:
        inner: Answers.
        lose: How many replies to ``POST`` and ``PUT`` are lost, after the hub has acted.
        asked: How often each method and last part of the path was asked for.
        sent: The longest body.
    """

    inner: httpx.AsyncBaseTransport
    lose: int = 0
    asked: Counter[str] = attrs.field(factory=Counter)
    sent: int = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        content = await request.aread()
        self.sent = max(self.sent, len(content))
        self.asked[f"{request.method} {request.url.path.rpartition('/')[2]}"] += 1
        reply = await self.inner.handle_async_request(request)
        if self.lose > 0 and request.method in ("POST", "PUT"):
            self.lose -= 1
            raise httpx.ReadError("the connection broke")
        return reply


@pytest.fixture
def wire(hub: Hub) -> Lossy:
    return Lossy(httpx.ASGITransport(create_app(hub)))


@pytest.fixture
def store(wire: Lossy, sessions: Callable[..., HttpSession]) -> NativeObjects:
    return NativeObjects(NativeCalls(sessions(wire)), PATH, "some data")


async def test_ten_thousand_small_objects_take_a_handful_of_calls(
    store: NativeObjects, wire: Lossy
) -> None:
    writes = [Write(f"data.zarr/x/{i}", b"%d" % i) for i in range(10_000)]
    assert await store.put(writes) == [True] * 10_000
    assert await store.get([Read(w.key) for w in writes]) == [w.data for w in writes]
    assert len(await all_below(store)) == 10_000
    await store.delete([w.key for w in writes])
    assert wire.asked == {"POST write": 1, "POST read": 1, "GET objects": 1, "POST delete": 1}


async def test_bundles_are_bounded(store: NativeObjects, wire: Lossy) -> None:
    store = attrs.evolve(store, bundle_bytes=1000)
    writes = [Write(f"{i}", bytes([i]) * 300) for i in range(10)]
    await store.put(writes)
    assert await store.get([Read(w.key) for w in writes]) == [w.data for w in writes]
    assert wire.asked == {"POST write": 4, "POST read": 4}
    assert wire.sent < 1200


@pytest.mark.parametrize(
    ("part", "start", "stop"),
    [(None, 0, 5000), (ByteRange(10), 10, 5000), (ByteRange(-4990), 10, 5000),
     (ByteRange(5, 3000), 5, 3000), (ByteRange(-9999), 0, 5000), (ByteRange(1, 9999), 1, 5000)],
)  # fmt: skip
async def test_a_large_object_is_read_piece_by_piece(
    store: NativeObjects, wire: Lossy, part: ByteRange | None, start: int, stop: int
) -> None:
    store = attrs.evolve(store, bundle_bytes=1000)
    data = bytes(i % 251 for i in range(5000))
    assert await store.put([Write("large ü", data), Write("small", b"x")]) == [True, True]
    found = await store.get([Read("small"), Read("large ü", part), Read("missing")])
    assert found == [b"x", data[start:stop], None]
    assert wire.asked["PUT large ü"] == 1
    assert wire.asked["HEAD large ü"] == 1
    assert wire.asked["GET large ü"] == -(-(stop - start) // 1000)


async def test_a_large_object_that_changes_while_it_is_read_is_read_anew(
    store: NativeObjects, wire: Lossy, hub: Hub
) -> None:
    store = attrs.evolve(store, bundle_bytes=1000)
    await store.put([Write("large", b"a" * 3000)])
    turns = 0
    handle = wire.inner.handle_async_request

    async def meddling(request: httpx.Request) -> httpx.Response:
        nonlocal turns
        reply = await handle(request)
        if request.method == "GET":
            turns += 1
            if turns == 2:
                inner = await hub.storage.open(HERE, write=True)
                await inner.put([Write("large", b"b" * 2500)])
        return reply

    wire.inner.handle_async_request = meddling  # type: ignore[method-assign]
    assert await store.get([Read("large")]) == [b"b" * 2500]


@pytest.mark.parametrize("size", [10, 3000])
async def test_a_write_whose_reply_is_lost_is_not_refused_as_already_there(
    store: NativeObjects, wire: Lossy, size: int
) -> None:
    store = attrs.evolve(store, bundle_bytes=1000)
    wire.lose = 2
    written = await store.put([Write("new", b"x" * size)], if_exists=IfExists.RAISE)
    assert written == [True]
    assert wire.asked.total() == 3


async def test_publishing_survives_lost_replies(
    wire: Lossy, sessions: Callable[..., HttpSession]
) -> None:
    artifacts = NativeArtifacts(NativeCalls(sessions(wire)))
    wire.lose = 1
    publication = await artifacts.begin(draft_of("molecules"), if_exists=IfExists.RAISE)
    wire.lose = 1
    record = await artifacts.commit(publication)
    assert record == await artifacts.get(record.ref)
    assert record.number == 1


async def test_a_hub_that_never_answers_is_a_failure_of_the_store(
    store: NativeObjects, wire: Lossy
) -> None:
    wire.lose = 100
    with pytest.raises(StorageError, match="broke"):
        await store.put([Write("new", b"x")])


class TestSomebodyElse:
    """A client that has not signed in."""

    @pytest.fixture
    def anonymous(self, wire: Lossy, sessions: Callable[..., HttpSession]) -> NativeCalls:
        return NativeCalls(sessions(wire, signed_in=False))

    async def test_cannot_write(self, anonymous: NativeCalls, calls: NativeCalls, hub: Hub) -> None:
        record = await publish(NativeArtifacts(calls), draft_of("molecules", access="public"))
        store = await NativeStorage(anonymous).open(record.location, write=True)
        with pytest.raises(PolarisUnauthorizedError):
            await store.put([Write("a", b"x")])
        with pytest.raises(PolarisUnauthorizedError):
            await store.delete(["a"])
        with pytest.raises(PolarisUnauthorizedError):
            await NativeDeposit(anonymous).deposit(record.location, [Write("a", b"x")])
        with pytest.raises(PolarisUnauthorizedError):
            await NativeArtifacts(anonymous).begin(draft_of("molecules"))

    async def test_does_not_see_what_is_private(
        self, anonymous: NativeCalls, calls: NativeCalls
    ) -> None:
        record = await publish(NativeArtifacts(calls), draft_of("molecules"))
        with pytest.raises(ArtifactNotFoundError):
            await NativeArtifacts(anonymous).get(record.ref)
        store = await NativeStorage(anonymous).open(record.location)
        with pytest.raises(ObjectNotFoundError):
            await store.get([Read("a")])
        with pytest.raises(ObjectNotFoundError):
            await all_below(store)

    async def test_reads_on_when_a_newer_revision_is_published(
        self, anonymous: NativeCalls, calls: NativeCalls
    ) -> None:
        owner, storage = NativeArtifacts(calls), NativeStorage(calls)
        first = await publish(owner, draft_of("molecules", "first", access="public"))
        await (await storage.open(first.location, write=True)).put([Write("a", b"old")])
        seen = await NativeArtifacts(anonymous).get(first.ref)
        await publish(owner, draft_of("molecules", "second", access="public"))
        store = await NativeStorage(anonymous).open(seen.location)
        assert await store.get([Read("a")]) == [b"old"]
        assert [stat.key for stat in await all_below(store)] == ["a"]
        assert (await store.stat(["a"]))[0] is not None
        assert (await store.list_folder()).objects
