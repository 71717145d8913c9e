"""Objects behind addresses: public ones, and those that the oldest hubs sign."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import quote

import attrs
import httpx
import pytest

from polaris.application.retry import RetryPolicy
from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.domain.secret import Secret
from polaris.errors import (
    AccessDeniedError,
    DamagedFileError,
    ObjectExistsError,
    PolarisError,
    PolarisUnauthorizedError,
    StorageError,
)
from polaris.ports.storage import ByteRange, IfExists, Read, StoragePort, Write
from polaris.testing import ManualClock
from polaris_adapters.hub_http.options import parse_options
from polaris_adapters.hub_http.session import HttpSession
from polaris_adapters.hub_http.storage.signed import SignedStorage
from polaris_adapters.hub_http.storage.web import WebStorage

DATA = bytes(range(100))
METADATA = {
    "metadata": {
        ".zgroup": {"zarr_format": 2},
        "x/.zarray": {"shape": [5], "chunks": [2], "zarr_format": 2},
        "scalar/.zarray": {"shape": [], "chunks": [], "zarr_format": 2},
    }
}
DATASET = ArtifactRef.of(ArtifactKind.DATASET, "acme", "data")


class Signed:
    async def current(self) -> Secret | None:
        return Secret("hub-token")

    async def after_rejection(self, rejected: Secret, /) -> Secret | None:
        return None


@attrs.define
class Files:
    """A server of files, and a hub that signs for them.

    Attributes:
        files: Content by key.
        ranges: Whether it gives parts.
        broken: Status by key.
        headers: Of replies with content.
        requests: What was asked.
    """

    files: dict[str, bytes] = attrs.field(factory=dict)
    ranges: bool = True
    broken: dict[str, int] = attrs.field(factory=dict)
    headers: dict[str, str] = attrs.field(factory=dict)
    requests: list[httpx.Request] = attrs.field(factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        path = request.url.path
        signing = "/api/v1/storage/dataset/acme/data/"
        if path.startswith(signing):
            key = path.removeprefix(signing)
            if key.partition("/")[0] == "ls":
                return self._listing(key.removeprefix("ls").strip("/"))
            url = f"https://files.example/root/{quote(key)}?sig=s%2Fi"
            return httpx.Response(307, json={"url": url, "headers": {"x-signed": "1"}})
        assert request.url.host == "files.example"
        assert "authorization" not in request.headers
        key = path.removeprefix("/root/")
        if key in self.broken:
            return httpx.Response(self.broken[key])
        if request.method == "PUT":
            self.files[key] = request.read()
            return httpx.Response(200)
        if key not in self.files:
            return httpx.Response(404)
        return self._content(request, self.files[key])

    def _content(self, request: httpx.Request, data: bytes) -> httpx.Response:
        wanted = request.headers.get("range")
        headers = dict(self.headers)
        if request.method == "HEAD":
            return httpx.Response(200, headers={**headers, "content-length": str(len(data))})
        if wanted is None or not self.ranges:
            return httpx.Response(200, content=data, headers=headers)
        first, _, last = wanted.removeprefix("bytes=").partition("-")
        start = int(first) if first else max(0, len(data) - int(last))
        stop = int(last) + 1 if first and last else len(data)
        if start >= len(data):
            return httpx.Response(416)
        return httpx.Response(206, content=data[start:stop], headers=headers)

    def _listing(self, folder: str) -> httpx.Response:
        head = f"{folder}/" if folder else ""
        below = [key[len(head) :] for key in self.files if key.startswith(head)]
        names = {key.partition("/")[0]: "/" in key for key in below}
        return httpx.Response(
            200,
            json=[
                {
                    "name": f"dataset/acme/data/{head}{name}",
                    "size": 0 if is_folder else len(self.files[head + name]),
                    "type": "directory" if is_folder else "file",
                }
                for name, is_folder in names.items()
            ],
        )


@pytest.fixture
def files() -> Files:
    return Files()


@pytest.fixture
async def session(files: Files) -> AsyncIterator[HttpSession]:
    options = parse_options(
        {"transport": httpx.MockTransport(files)}, {"default_timeout": 5, "ca_bundle": None}
    )
    policy = RetryPolicy(attempts=1)
    made = HttpSession("https://hub.example/api", options, ManualClock(), policy, bearer=Signed())
    yield made
    await made.aclose()


@pytest.fixture(params=["web", "signed"])
def storage(request: pytest.FixtureRequest, session: HttpSession) -> StoragePort:
    kinds: dict[str, Callable[[], StoragePort]] = {
        "web": lambda: WebStorage(session, "https://files.example/root", "?sig=s%2Fi"),
        "signed": lambda: SignedStorage(session, DATASET, writable=True),
    }
    return kinds[request.param]()


@pytest.mark.parametrize("ranges", [True, False])
@pytest.mark.parametrize(
    "part",
    [
        ByteRange(0, 10), ByteRange(10, 20), ByteRange(90, 200), ByteRange(10, None),
        ByteRange(-7, None), ByteRange(-500, None), ByteRange(5, 5), ByteRange(300, 400),
        ByteRange(100, None),
    ],
)  # fmt: skip
async def test_parts_are_those_of_the_bytes(
    storage: StoragePort, files: Files, ranges: bool, part: ByteRange
) -> None:
    files.files["a/b c"], files.ranges = DATA, ranges
    expected = DATA[part.start : part.stop]
    assert await storage.get([Read("a/b c", part), Read("a/b c")]) == [expected, DATA]


async def test_what_is_not_there_is_none(storage: StoragePort, files: Files) -> None:
    files.files["there"] = b"x"
    reads = [Read("missing"), Read("there"), Read("missing", ByteRange(0, 0))]
    assert await storage.get(reads) == [None, b"x", None]
    assert (await storage.stat(["missing"])) == [None]
    assert (await storage.digest(["missing"])) == [None]
    [digest] = await storage.digest(["there"])
    assert digest is not None
    assert digest.md5 == hashlib.md5(b"x").hexdigest()


@pytest.mark.parametrize("key", ["with space", "100%", "a?b=c", "a#b", "é", "a+b", "%41"])
async def test_odd_keys_are_asked_for_as_they_are(
    storage: StoragePort, files: Files, key: str
) -> None:
    files.files[f"in/{key}"] = key.encode()
    assert await storage.get([Read(f"in/{key}")]) == [key.encode()]
    assert dict(files.requests[-1].url.params) == {"sig": "s/i"}


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (500, StorageError), (502, StorageError), (301, StorageError), (400, StorageError),
        (403, (PolarisUnauthorizedError, AccessDeniedError, StorageError)),
        (401, PolarisUnauthorizedError),
    ],
)  # fmt: skip
async def test_failures_are_told_of(
    storage: StoragePort, files: Files, status: int, kind: Any
) -> None:
    files.broken["chunk"] = status
    with pytest.raises(kind) as caught:
        await storage.get([Read("chunk")])
    assert "sig=" not in str(caught.value)
    assert "hub-token" not in str(caught.value)


async def test_an_archive_is_listed_by_its_metadata(session: HttpSession, files: Files) -> None:
    files.files |= {
        ".zmetadata": json.dumps(METADATA).encode(), ".zgroup": b"{}", "x/0": b"0", "x/2": b"2",
        "scalar/0": b"s", "not-of-it": b"!",
    }  # fmt: skip
    storage = WebStorage(session, "https://files.example/root")
    found = [stat.key async for page in storage.list() for stat in page]
    assert sorted(found) == [".zgroup", ".zmetadata", "scalar/0", "x/0", "x/2"]


@pytest.mark.parametrize("metadata", [b"", b"[]", b"{}", b'{"metadata": 3}', b"\xff", b"null"])
async def test_metadata_that_cannot_be_read_is_damaged(
    session: HttpSession, files: Files, metadata: bytes
) -> None:
    files.files[".zmetadata"] = metadata
    storage = WebStorage(session, "https://files.example/root")
    with pytest.raises(DamagedFileError):
        [page async for page in storage.list()]


async def test_what_is_no_archive_cannot_be_listed(session: HttpSession) -> None:
    storage = WebStorage(session, "https://files.example/root")
    with pytest.raises(StorageError, match="consolidated"):
        [page async for page in storage.list()]


async def test_public_files_cannot_be_changed(session: HttpSession, files: Files) -> None:
    storage = WebStorage(session, "https://files.example/root")
    for call in (storage.put([Write("a", b"x")]), storage.delete(["a"])):
        with pytest.raises(PolarisUnauthorizedError):
            await call
    assert files.requests == []


# -- signed addresses ---------------------------------------------------------------------------


@pytest.fixture
def signed(session: HttpSession) -> SignedStorage:
    return SignedStorage(session, DATASET, writable=True)


async def test_content_that_was_damaged_on_its_way_is_refused(
    signed: SignedStorage, files: Files
) -> None:
    files.files["chunk"] = b"content"
    files.headers["X-Amz-Meta-md5sum"] = hashlib.md5(b"content").hexdigest()
    assert await signed.get([Read("chunk")]) == [b"content"]
    files.files["chunk"] = b"c0ntent"
    with pytest.raises(StorageError, match="damaged"):
        await signed.get([Read("chunk")])


async def test_objects_are_put_with_the_signed_headers(signed: SignedStorage, files: Files) -> None:
    assert await signed.put([Write("table.parquet", b"t")]) == [True]
    asked, put = files.requests
    assert (asked.method, asked.headers["authorization"]) == ("PUT", "Bearer hub-token")
    assert asked.read() == b""
    assert put.headers["x-signed"] == "1"
    assert put.headers["content-type"] == "application/vnd.apache.parquet"
    assert files.files["table.parquet"] == b"t"


async def test_what_is_there_is_skipped_or_refused(signed: SignedStorage, files: Files) -> None:
    files.files["z/a"] = b"old"
    writes = [Write("z/a", b"new"), Write("z/b", b"new")]
    with pytest.raises(ObjectExistsError):
        await signed.put(writes, if_exists=IfExists.RAISE)
    assert files.files == {"z/a": b"old"}
    assert await signed.put(writes, if_exists=IfExists.SKIP) == [False, True]
    assert files.files == {"z/a": b"old", "z/b": b"new"}


async def test_folders_are_listed(signed: SignedStorage, files: Files) -> None:
    files.files |= {"t": b"1", "z/a/0": b"22", "z/b": b"333"}
    found = {stat.key: stat.size async for page in signed.list() for stat in page}
    assert found == {"t": 1, "z/a/0": 2, "z/b": 3}
    folder = await signed.list_folder("z")
    assert (folder.folders, [stat.key for stat in folder.objects]) == (("a",), ["z/b"])


async def test_what_was_opened_for_reading_is_not_written(
    session: HttpSession, files: Files
) -> None:
    with pytest.raises(PolarisError):
        await SignedStorage(session, DATASET).put([Write("a", b"x")])
    assert files.requests == []
