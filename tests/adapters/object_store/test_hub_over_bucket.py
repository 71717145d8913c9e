"""A hub whose objects are in a bucket, and its client, in one process: all suites through the wire.

Large objects go past the hub; where they cannot, they go through it.
"""

from __future__ import annotations

import asyncio
import hashlib
import socket
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from polaris.application.retry import RetryPolicy
from polaris.application.scoped_storage import ScopedStorage
from polaris.application.verification import VerifyingStorage
from polaris.domain.checksums.sha256sums import Sha256Manifest
from polaris.domain.identity import ArtifactKind, ArtifactRef, HubOwner
from polaris.domain.secret import Secret
from polaris.ports.artifact_storage import ArtifactStorage, ArtifactStorageUpkeep
from polaris.ports.artifacts import ArtifactLocation
from polaris.ports.auth import Identity
from polaris.ports.storage import ByteRange, IfExists, Read, StoragePort, Write
from polaris.testing import InMemoryArtifacts, ManualClock
from polaris.testing.suites.artifact_storage import ArtifactStorageSuite
from polaris.testing.suites.artifact_storage_upkeep import ArtifactStorageUpkeepSuite
from polaris.testing.suites.storage import StorageSuite
from polaris_adapters.hub_http.native.calls import NativeCalls
from polaris_adapters.hub_http.native.storage import NativeStorage
from polaris_adapters.hub_http.options import parse_options
from polaris_adapters.hub_http.session import HttpSession
from polaris_adapters.hub_server import Caller, Hub, KnownTokens, create_app
from polaris_adapters.object_store import RevisionStorage
from polaris_adapters.object_store.bucket import BucketStorage
from tests.served_apps import served_app

pytestmark = [
    pytest.mark.slow,
    pytest.mark.network,
    # The suites open an event loop for each of several threads, whose connections nobody closes.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

TOKEN = Secret("token-of-the-owner")
OWNERS = {"acme", "acme-corp", "acme-cor"}
HERE = ArtifactLocation(ArtifactRef(ArtifactKind.DATASET, "acme", "molecules"), "0" * 64)
MIB = 2**20
LARGE = bytes(range(256)) * (20 * 1024)


class _Owner:
    """Gives the owner's token."""

    async def current(self) -> Secret | None:
        return TOKEN

    async def after_rejection(self, rejected: Secret, /) -> Secret | None:
        return None


@attrs.define(eq=False)
class Counted:
    """An application whose requests are noted, with the bytes that went through it."""

    app: ASGIApp
    paths: list[str] = attrs.field(factory=list)
    through: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self.paths.append(scope["path"].rpartition("/")[2])

        async def received() -> Any:
            message = await receive()
            self.through += len(message.get("body", b""))
            return message

        async def sent(message: Any) -> None:
            self.through += len(message.get("body", b""))
            await send(message)

        await self.app(scope, received, sent)


@pytest.fixture
def bucket(open_bucket: Callable[[], BucketStorage]) -> BucketStorage:
    found = open_bucket()
    found.place = attrs.evolve(found.place, metadata={"sha256": "x-amz-meta-sha256"})
    return BucketStorage(found.place, found.credentials)


@pytest.fixture
def served(bucket: BucketStorage) -> Iterator[tuple[Counted, str]]:
    """The hub on loopback, in a thread of this process."""
    clock = ManualClock()
    owner = Caller(Identity(HubOwner("acme", type="user")), OWNERS)
    # The clock of its addresses has to be that of the store.
    hub = Hub(
        InMemoryArtifacts(clock),
        RevisionStorage(ScopedStorage(bucket, "objects")),
        KnownTokens({TOKEN: owner}),
        clock,
    )
    app = Counted(create_app(hub))
    with served_app(app) as address:
        yield app, address


@pytest.fixture
def session(served: tuple[Counted, str]) -> HttpSession:
    settings: dict[str, Any] = {"default_timeout": 30.0, "ca_bundle": None}
    options = parse_options({"trust_env": False}, settings)
    return HttpSession(f"{served[1]}/api", options, ManualClock(), RetryPolicy(), _Owner())


@pytest.fixture
def native(session: HttpSession) -> NativeStorage:
    return NativeStorage(NativeCalls(session), MIB)


@pytest.fixture
async def store(native: NativeStorage, session: HttpSession) -> StoragePort:
    return await native.open(HERE, write=True)


class TestStorage(StorageSuite):
    # SeaweedFS takes it for a slash.
    unkept = "\\"

    @pytest.fixture
    def storage(self, native: NativeStorage) -> StoragePort:
        return asyncio.run(native.open(HERE, write=True))


class TestArtifactStorage(ArtifactStorageSuite):
    @pytest.fixture
    def artifact_storage(self, native: NativeStorage) -> ArtifactStorage:
        return native


class TestUpkeep(ArtifactStorageUpkeepSuite):
    @pytest.fixture
    def artifact_storage(self, bucket: BucketStorage) -> ArtifactStorage:
        return RevisionStorage(ScopedStorage(bucket, "objects"))

    @pytest.fixture
    def upkeep(self, artifact_storage: RevisionStorage) -> ArtifactStorageUpkeep:
        return artifact_storage


async def test_large_objects_go_past_the_hub(
    store: StoragePort, served: tuple[Counted, str], session: HttpSession, bucket: BucketStorage
) -> None:
    hub = served[0]
    parts = [None, ByteRange(5), ByteRange(2 * MIB, 4 * MIB), ByteRange(-2 * MIB), ByteRange(0)]
    small = Write("small", b"small")
    try:
        assert await store.put([Write("large/é", LARGE), small]) == [True, True]
        found = await store.get([*(Read("large/é", part) for part in parts), Read("small")])
    finally:
        await session.aclose()
    cuts = [LARGE if p is None else LARGE[p.start : p.stop] for p in parts]
    assert found == [*cuts, b"small"]
    assert "sign" in hub.paths
    assert "é" not in hub.paths
    assert hub.through < MIB
    [kept] = await bucket.kept_sums([f"objects/datasets/acme/molecules/{'0' * 64}/large/é"])
    assert kept is not None
    assert kept.sha256 == hashlib.sha256(LARGE).hexdigest()


@pytest.mark.parametrize("why", ["closed", "unreachable", "refused"])
async def test_where_the_store_cannot_be_reached_they_go_through_the_hub(
    store: StoragePort,
    served: tuple[Counted, str],
    session: HttpSession,
    bucket: BucketStorage,
    why: str,
) -> None:
    if why == "closed":
        bucket.signs = False
    elif why == "unreachable":
        with socket.create_server(("127.0.0.1", 0)) as listening:
            bucket.public_endpoint = f"http://127.0.0.1:{listening.getsockname()[1]}"
    else:
        # What is signed is old: the store refuses every address.
        now = bucket.now
        bucket.now = lambda: now().replace(year=2020)
    try:
        for _ in range(2):
            assert await store.put([Write("large", LARGE)]) == [True]
            assert await store.get([Read("large")]) == [LARGE]
    finally:
        await session.aclose()
    assert served[0].through > 4 * len(LARGE)
    if why != "refused":
        # Asked once, and remembered.
        assert served[0].paths.count("sign") == 1


async def test_whether_an_object_is_there_is_for_the_hub_to_say(
    store: StoragePort, served: tuple[Counted, str], session: HttpSession
) -> None:
    try:
        assert await store.put([Write("large", LARGE)], if_exists=IfExists.SKIP) == [True]
        assert await store.put([Write("large", LARGE)], if_exists=IfExists.SKIP) == [False]
    finally:
        await session.aclose()
    assert "sign" not in served[0].paths


async def test_what_comes_past_the_hub_is_checked(
    store: StoragePort, session: HttpSession, bucket: BucketStorage
) -> None:
    from polaris.errors import PolarisChecksumError

    manifest = Sha256Manifest.of({"large": hashlib.sha256(LARGE).hexdigest()})
    checked = VerifyingStorage(store, manifest, "some data")
    try:
        await store.put([Write("large", LARGE)])
        assert await checked.get([Read("large", ByteRange(0, 4))]) == [LARGE[:4]]
        key = f"objects/datasets/acme/molecules/{'0' * 64}/large"
        await bucket.put([Write(key, LARGE[::-1])])
        with pytest.raises(PolarisChecksumError):
            await checked.get([Read("large")])
    finally:
        await session.aclose()
