"""The server behind a real HTTP server, and the client on a real connection."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from polaris.application.retry import RetryPolicy
from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.domain.secret import Secret
from polaris.ports.artifacts import ArtifactLocation
from polaris.ports.storage import Read, StoragePort, Write
from polaris.testing import ManualClock
from polaris.testing.suites.storage_keys import ODD_KEYS
from polaris.testing.suites.storage_listings import all_below
from polaris_adapters.hub_http.native.calls import NativeCalls
from polaris_adapters.hub_http.native.objects import NativeObjects
from polaris_adapters.hub_http.options import parse_options
from polaris_adapters.hub_http.session import HttpSession
from polaris_adapters.hub_server import Hub, create_app
from tests.served_apps import served_app

pytestmark = pytest.mark.network

HERE = ArtifactLocation(ArtifactRef(ArtifactKind.DATASET, "acme", "molecules"), "0" * 64)
PATH = f"v3/dataset/acme/molecules/revisions/{HERE.revision}"
TOKEN = "token-of-the-owner"


class _Owner:
    """Gives the owner's token."""

    async def current(self) -> Secret | None:
        return Secret(TOKEN)

    async def after_rejection(self, rejected: Secret, /) -> Secret | None:
        return None


@pytest.fixture
def port(hub: Hub) -> Iterator[int]:
    """A server on loopback, in a thread."""
    with served_app(create_app(hub)) as address:
        yield int(address.rpartition(":")[2])


@pytest.fixture
def session(port: int) -> HttpSession:
    settings: dict[str, Any] = {"default_timeout": 30.0, "ca_bundle": None}
    options = parse_options({"trust_env": False}, settings)
    return HttpSession(
        f"http://127.0.0.1:{port}/api", options, ManualClock(), RetryPolicy(), _Owner()
    )


async def test_odd_keys_and_pieces_come_through(session: HttpSession) -> None:
    store: StoragePort = NativeObjects(NativeCalls(session), PATH, "some data", None, 500)
    writes = [Write(f"in/{key}/b", (key.encode() * 300)[:1201]) for key in ODD_KEYS[::3]]
    try:
        assert await store.put(writes) == [True] * len(writes)
        assert await store.get([Read(w.key) for w in writes]) == [w.data for w in writes]
        assert [s.key for s in await all_below(store)] == sorted(w.key for w in writes)
    finally:
        await session.aclose()


async def test_a_connection_that_breaks_leaves_no_object(port: int, hub: Hub) -> None:
    head = (
        f"PUT /api/{PATH}/objects/cut HTTP/1.1\r\nhost: hub\r\n"
        f"authorization: Bearer {TOKEN}\r\ncontent-length: 100\r\n\r\nhalf"
    )
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(head.encode())
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        # The server serves on, and has nothing of it.
        reply = await client.get("/.well-known/polaris-hub")
    assert reply.json()["generation"] == 3
    assert await (await hub.storage.open(HERE)).get([Read("cut")]) == [None]
