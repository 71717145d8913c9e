"""Objects that are taken in and given out piece by piece."""

from __future__ import annotations

import base64
import hashlib
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import attrs
import httpx
import pytest

from polaris.application.native_wire.content_digests import content_digest
from polaris.ports.artifacts import ArtifactRecord
from polaris.ports.storage import Read
from polaris_adapters.hub_server import Hub, Limits, create_app
from polaris_adapters.object_store import FolderStorage, RevisionStorage

Ask = Callable[..., Awaitable[httpx.Response]]
Published = Callable[..., Awaitable[ArtifactRecord]]
PathOf = Callable[[ArtifactRecord], str]

MIB = 2**20


def _md5(data: bytes) -> str:
    return base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()


async def _object(hub: Hub, record: ArtifactRecord) -> bytes | None:
    [found] = await (await hub.storage.open(record.location)).get([Read("new")])
    return found


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-digest": content_digest(b"content")},
        {"repr-digest": content_digest(b"content")},
        {"content-digest": f"md5=:AAAA:, {content_digest(b'content')}"},
        {"content-md5": _md5(b"content")},
    ],
)
async def test_an_object_with_its_checksums_is_taken(
    ask: Ask, hub: Hub, published: Published, path_of: PathOf, headers: dict[str, str]
) -> None:
    record = await published("molecules")
    url = f"{path_of(record)}/objects/new"
    reply = await ask("PUT", url, content=b"content", headers=headers)
    assert (reply.status_code, reply.json()) == (201, {"written": [True]})
    assert await _object(hub, record) == b"content"


@pytest.mark.parametrize("before", [None, b"before"])
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content-digest": content_digest(b"other")}, 422),
        ({"repr-digest": content_digest(b"other")}, 422),
        ({"content-md5": _md5(b"other")}, 422),
        ({"content-digest": "sha-256=:not base64:"}, 400),
        ({"content-md5": "AAAA"}, 400),
        ({"content-md5": "not base64"}, 400),
        ({"content-digest": content_digest(b"content"), "repr-digest": content_digest(b"x")}, 400),
        ({"content-length": "8"}, 400),
        ({"content-encoding": "gzip"}, 415),
    ],
)
async def test_another_body_than_announced_leaves_nothing_behind(
    ask: Ask,
    hub: Hub,
    published: Published,
    path_of: PathOf,
    headers: dict[str, str],
    status: int,
    before: bytes | None,
) -> None:
    record = await published("molecules")
    url = f"{path_of(record)}/objects/new"
    if before is not None:
        assert (await ask("PUT", url, content=before)).status_code == 201
    reply = await ask("PUT", url, content=b"content", headers=headers)
    assert reply.status_code == status
    assert await _object(hub, record) == before
    listed = (await ask("GET", f"{path_of(record)}/objects")).json()["objects"]
    assert [stat["key"] for stat in listed] == ["new", "table"][before is None :]


async def test_a_write_depends_on_what_is_there(
    ask: Ask, hub: Hub, published: Published, path_of: PathOf
) -> None:
    record = await published("molecules")
    url = f"{path_of(record)}/objects/new"
    assert (await ask("PUT", url, content=b"1", headers={"if-match": "*"})).status_code == 412
    new = {"if-none-match": "*"}
    assert (await ask("PUT", url, content=b"first", headers=new)).status_code == 201
    assert (await ask("PUT", url, content=b"2", headers=new)).status_code == 412
    version = (await ask("HEAD", url)).headers["etag"]
    known = {"if-match": version}
    assert (await ask("PUT", url, content=b"second", headers=known)).status_code == 201
    assert (await ask("PUT", url, content=b"third!!", headers=known)).status_code == 412
    skipped = await ask("PUT", url, params={"ifExists": "skip"}, content=b"4")
    assert (skipped.status_code, skipped.json()) == (200, {"written": [False]})
    assert await _object(hub, record) == b"second"


async def test_a_body_is_never_in_memory_as_a_whole(
    ask: Ask, hub: Hub, published: Published, path_of: PathOf, tmp_path: Path
) -> None:
    record = await published("molecules")
    app = create_app(
        attrs.evolve(hub, storage=RevisionStorage(FolderStorage(tmp_path)), limits=Limits())
    )
    size = 48 * MIB
    piece = bytes(MIB)

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(size // MIB):
            yield piece

    headers = {"authorization": "Bearer token-of-the-owner", "content-length": str(size)}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="https://hub.example") as client:
        tracemalloc.start()
        try:
            url = f"{path_of(record)}/objects/large"
            reply = await client.put(url, content=pieces(), headers=headers)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert reply.status_code == 201
    assert peak < size / 2
    [found] = tmp_path.rglob("large")
    assert found.stat().st_size == size


async def test_pages_of_a_listing_begin_behind_any_key(
    ask: Ask, published: Published, path_of: PathOf
) -> None:
    record = await published("molecules")
    for key in ("a-b", "a/c", "a0"):
        await ask("PUT", f"{path_of(record)}/objects/{key}", content=b"x")
    url, seen, after = f"{path_of(record)}/objects", [], ""
    while after is not None:
        page = (await ask("GET", url, params={"limit": 1, "after": after})).json()
        seen += [stat["key"] for stat in page["objects"]]
        after = page["after"]
    assert seen == ["a-b", "a/c", "a0", "table"]
