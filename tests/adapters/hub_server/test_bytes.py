"""One object over HTTP: parts, conditions, digests, and bodies that were cut."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Awaitable, Callable

import httpx
import pytest

from polaris.application.native_wire.bundle import bundled, unbundled
from polaris.ports.artifacts import ArtifactRecord
from polaris.ports.storage import Read, Write
from polaris_adapters.hub_server import Hub

Ask = Callable[..., Awaitable[httpx.Response]]

DATA = b"0123456789"


def digest_of(data: bytes) -> str:
    return f"sha-256=:{base64.b64encode(hashlib.sha256(data).digest()).decode()}:"


@pytest.fixture
async def record(published: Callable[..., Awaitable[ArtifactRecord]], hub: Hub) -> ArtifactRecord:
    found = await published("molecules", access="public")
    store = await hub.storage.open(found.location, write=True)
    await store.put([Write("some/object", DATA), Write("empty", b"")])
    return found


@pytest.fixture
def path(record: ArtifactRecord, path_of: Callable[[ArtifactRecord], str]) -> str:
    return path_of(record)


async def held(hub: Hub, record: ArtifactRecord, key: str) -> bytes | None:
    [found] = await (await hub.storage.open(record.location)).get([Read(key)])
    return found


@pytest.mark.parametrize(
    ("asked", "status", "told", "content"),
    [
        (None, 200, None, DATA),
        ("bytes=0-", 206, "bytes 0-9/10", DATA),
        ("bytes=2-4", 206, "bytes 2-4/10", b"234"),
        ("bytes=8-100", 206, "bytes 8-9/10", b"89"),
        ("bytes=-3", 206, "bytes 7-9/10", b"789"),
        ("bytes=-100", 206, "bytes 0-9/10", DATA),
        # What is no single range is passed over.
        ("bytes=4-2", 200, None, DATA),
        ("bytes=-", 200, None, DATA),
        ("bytes=0-1,3-4", 200, None, DATA),
        ("rows=1-2", 200, None, DATA),
        ("bytes=1-" + "9" * 5000, 200, None, DATA),
    ],
)
async def test_a_part_of_an_object(
    ask: Ask, path: str, asked: str | None, status: int, told: str | None, content: bytes
) -> None:
    headers = {} if asked is None else {"range": asked}
    reply = await ask("GET", f"{path}/objects/some/object", who="anonymous", headers=headers)
    assert (reply.status_code, reply.content) == (status, content)
    assert reply.headers.get("content-range") == told
    assert reply.headers["content-digest"] == digest_of(content)
    assert reply.headers["accept-ranges"] == "bytes"


@pytest.mark.parametrize("asked", ["bytes=10-", "bytes=10-12", "bytes=-0"])
async def test_a_part_that_is_not_there(ask: Ask, path: str, asked: str) -> None:
    reply = await ask("GET", f"{path}/objects/some/object", headers={"range": asked})
    assert (reply.status_code, reply.headers["content-range"]) == (416, "bytes */10")


async def test_head_tells_size_and_version(ask: Ask, path: str) -> None:
    reply = await ask("HEAD", f"{path}/objects/some/object")
    assert (reply.headers["content-length"], reply.content) == ("10", b"")
    same = {"if-match": reply.headers["etag"]}
    assert (await ask("GET", f"{path}/objects/some/object", headers=same)).content == DATA
    changed = await ask("PUT", f"{path}/objects/some/object", content=b"another")
    assert changed.status_code == 201
    reply = await ask("GET", f"{path}/objects/some/object", headers=same)
    assert reply.status_code == 412


async def test_what_has_not_changed_is_not_sent_again(ask: Ask, path: str) -> None:
    etag = (await ask("GET", f"{path}/objects/some/object")).headers["etag"]
    reply = await ask("GET", f"{path}/objects/some/object", headers={"if-none-match": etag})
    assert (reply.status_code, reply.content) == (304, b"")


async def test_a_missing_object(ask: Ask, path: str) -> None:
    reply = await ask("GET", f"{path}/objects/missing")
    assert (reply.status_code, reply.json()["code"]) == (404, "object_not_found")


@pytest.mark.parametrize("key", ["a%2Fb", "%", "with space", "ü/分", "a?b#c", "..a", "#"])
async def test_keys_in_paths_come_through(
    ask: Ask, hub: Hub, record: ArtifactRecord, path: str, key: str
) -> None:
    from urllib.parse import quote

    assert (await ask("PUT", f"{path}/objects/{quote(key)}", content=b"x")).status_code == 201
    assert await held(hub, record, key) == b"x"
    assert (await ask("GET", f"{path}/objects/{quote(key)}")).content == b"x"


async def test_a_record_has_its_revision_as_etag(ask: Ask, record: ArtifactRecord) -> None:
    url = "/api/v3/dataset/acme/molecules"
    etag = (await ask("GET", url)).headers["etag"]
    assert record.location.revision in etag
    assert (await ask("GET", url, headers={"if-none-match": etag})).status_code == 304
    assert (await ask("GET", url, headers={"if-none-match": '"another"'})).status_code == 200


class TestPutting:
    async def test_not_over_what_is_there(
        self, ask: Ask, hub: Hub, record: ArtifactRecord, path: str
    ) -> None:
        reply = await ask(
            "PUT", f"{path}/objects/some/object", headers={"if-none-match": "*"}, content=b"new"
        )
        assert (reply.status_code, reply.json()["code"]) == (412, "object_exists")
        assert reply.json()["keys"] == ["some/object"]
        skipped = await ask("PUT", f"{path}/objects/some/object?ifExists=skip", content=b"new")
        assert (skipped.status_code, skipped.json()) == (200, {"written": [False]})
        assert await held(hub, record, "some/object") == DATA

    @pytest.mark.parametrize("name", ["content-digest", "repr-digest"])
    async def test_a_wrong_digest_is_refused(
        self, ask: Ask, hub: Hub, record: ArtifactRecord, path: str, name: str
    ) -> None:
        header = {name: digest_of(b"other")}
        reply = await ask("PUT", f"{path}/objects/new", headers=header, content=b"data")
        assert (reply.status_code, reply.json()["code"]) == (422, "checksum_mismatch")
        bundle = bundled([{"key": "new", "size": 4}], [b"data"])
        for verb in ("write", "hidden"):
            reply = await ask("POST", f"{path}/{verb}", headers=header, content=bundle)
            assert (reply.status_code, reply.json()["code"]) == (422, "checksum_mismatch")
        assert await held(hub, record, "new") is None

    @pytest.mark.parametrize(
        "header", [digest_of(b"data"), f"sha-512=:AAAA:, {digest_of(b'data')}", "sha-512=:AAAA:"]
    )
    async def test_a_right_digest_or_one_of_another_kind_is_taken(
        self, ask: Ask, path: str, header: str
    ) -> None:
        headers = {"content-digest": header}
        reply = await ask("PUT", f"{path}/objects/new", headers=headers, content=b"data")
        assert reply.status_code == 201

    async def test_a_digest_that_is_none_is_refused(self, ask: Ask, path: str) -> None:
        headers = {"content-digest": "sha-256=:not base64:"}
        reply = await ask("PUT", f"{path}/objects/new", headers=headers, content=b"data")
        assert (reply.status_code, reply.json()["code"]) == (400, "invalid_input")

    async def test_a_body_that_was_cut_is_refused(
        self, ask: Ask, hub: Hub, record: ArtifactRecord, path: str
    ) -> None:
        headers = {"content-length": "10"}
        reply = await ask("PUT", f"{path}/objects/new", headers=headers, content=b"data")
        assert (reply.status_code, reply.json()["code"]) == (400, "invalid_input")
        assert await held(hub, record, "new") is None

    @pytest.mark.parametrize("cut", range(0, 60, 5))
    async def test_a_bundle_that_was_cut_is_refused(
        self, ask: Ask, hub: Hub, record: ArtifactRecord, path: str, cut: int
    ) -> None:
        whole = bundled(
            [{"key": "new", "size": 20}, {"key": "newer", "size": 4}], [b"x" * 20, b"data"]
        )
        reply = await ask("POST", f"{path}/write", content=whole[: len(whole) - 1 - cut])
        assert (reply.status_code, reply.json()["code"]) == (400, "invalid_input")
        reply = await ask("POST", f"{path}/write", content=whole + b"more")
        assert reply.status_code == 400
        assert await held(hub, record, "new") is None

    async def test_what_is_too_long_or_encoded_is_refused(
        self, ask: Ask, hub: Hub, path: str
    ) -> None:
        long = bytes(hub.limits.object + 1)
        assert (await ask("PUT", f"{path}/objects/new", content=long)).status_code == 413
        headers = {"content-encoding": "gzip"}
        reply = await ask("PUT", f"{path}/objects/new", headers=headers, content=b"data")
        assert reply.status_code == 415


class TestReadingMany:
    async def test_what_does_not_fit_is_left_with_its_size(self, ask: Ask, path: str) -> None:
        reads = [
            {"key": "some/object"},
            {"key": "missing"},
            {"key": "some/object", "start": 1, "stop": 3},
            {"key": "some/object", "start": -4, "stop": None},
            {"key": "empty"},
        ]
        reply = await ask("POST", f"{path}/read", json={"reads": reads, "most": 11})
        assert reply.headers["content-digest"] == digest_of(reply.content)
        assert unbundled(reply.content, where="reply") == [
            ({"size": 10}, DATA),
            (None, b""),
            ({"left": 2}, b""),
            ({"left": 4}, b""),
            ({"size": 0}, b""),
        ]

    async def test_too_many_at_once_are_refused(self, ask: Ask, path: str) -> None:
        reads = [{"key": "empty"}] * 10_001
        reply = await ask("POST", f"{path}/read", json={"reads": reads})
        assert (reply.status_code, reply.json()["code"]) == (400, "invalid_input")
