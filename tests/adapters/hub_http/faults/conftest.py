"""A small hub on loopback, of the newer released generation, that goes wrong as it is told."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import attrs
import pytest
from dependency_injector import providers

from polaris.application.loop_thread import run_blocking
from polaris.bootstrap.container import build_container, close_container
from polaris.hub.client import PolarisHubClient
from polaris.hub.settings import PolarisHubSettings

Reply = tuple[int, dict[str, str], bytes]
NOT_FOUND: Reply = (404, {}, b'{"message": "there is none"}')


def _json(value: Any, status: int = 200) -> Reply:
    return status, {"content-type": "application/json"}, json.dumps(value).encode()


def _places(name: str) -> dict[str, str]:
    """Return where the objects of an artifact lie in the bucket, by their role."""
    version, _, folder = name.partition("/")
    if folder.startswith("benchmark/"):
        return {role: f"{folder}/{role}.roaring" for role in ("training", "test")}
    if version == "v1":
        return {"root": f"{folder}/table.parquet"}
    return {"root": f"{folder}/data.zarr", "manifest": f"{folder}/manifest.parquet"}


@attrs.define
class SmallHub:
    """A hub, and the bucket that it gives rights to.

    An artifact is shown when its objects have arrived whole, as released hubs do it.

    Attributes:
        url: Its address.
        documents: What was published, by ``version/kind/owner/slug``.
        results: What was posted as results.
        objects: What lies in the bucket, by path.
        instead: What it answers to everything; None for what it should.
    """

    url: str = ""
    documents: dict[str, dict[str, Any]] = attrs.field(factory=dict)
    results: list[dict[str, Any]] = attrs.field(factory=list)
    objects: dict[str, bytes] = attrs.field(factory=dict)
    instead: Reply | None = None

    def answer(self, method: str, target: str, body: bytes) -> Reply:
        """Return the reply to a request."""
        path = unquote(urlsplit(target).path)
        if self.instead is not None:
            return self.instead
        if path == "/api/auth/token":
            return self._storage_token(dict(parse_qsl(body.decode())))
        if method == "POST":
            self.results.append(json.loads(body))
            return _json({"id": "1", "slug": json.loads(body).get("slug", "x")}, 201)
        if path.startswith("/api/"):
            return self._artifact(method, path.removeprefix("/api/"), body)
        return self._object(method, path.removeprefix("/pub"), body)

    def _artifact(self, method: str, name: str, body: bytes) -> Reply:
        if name.count("/") == 1:
            shown = [key for key in self.documents if key.startswith(f"{name}/")]
            data = [{"artifactId": key.split("/", 2)[2]} for key in shown if self.shows(key)]
            return _json({"data": data, "metadata": {"total": len(data)}})
        if method == "PUT":
            self.documents[name] = json.loads(body)
            return _json({"slug": name.rpartition("/")[2], "id": "1"})
        if not self.shows(name):
            return NOT_FOUND
        document = dict(self.documents[name])
        places = {role: f"{self.url}/pub/bkt/{place}" for role, place in _places(name).items()}
        if "/dataset/" in name:
            document["root"] = places["root"]
        elif name.startswith("v2/benchmark/"):
            document["split"] = places
            document["dataset"] = {"artifactId": document["datasetArtifactId"]}
        return _json(document)

    def shows(self, name: str) -> bool:
        """Say whether an artifact is there and whole."""
        document = self.documents.get(name)
        if document is None or "tableContent" not in document:
            return document is not None
        data = self.objects.get(f"/bkt/{_places(name)['root']}", b"")
        md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
        return bool(document["tableContent"]["md5Sum"] == md5)

    def _storage_token(self, form: dict[str, str]) -> Reply:
        kind, owner, slug = form["resource"].split(":")[2:5]
        name = f"{kind}/{owner}/{slug}"
        name = next(key for key in reversed(self.documents) if key.endswith(f"/{name}"))
        paths = {role: f"polarisfs://bkt/{place}" for role, place in _places(name).items()}
        rights = {"key": "AK", "secret": "SK", "endpoint": self.url, "paths": paths}
        return _json({"access_token": "jwt", "expires_in": 900, "extra_data": rights})

    def _object(self, method: str, path: str, body: bytes) -> Reply:
        if method == "PUT":
            self.objects[path] = body
        elif path not in self.objects:
            return NOT_FOUND
        headers = {"etag": '"e"', "last-modified": "Thu, 01 Jan 2026 00:00:00 GMT"}
        return 200, headers, b"" if method == "PUT" else self.objects[path]


@attrs.frozen
class Fault:
    """Something that goes wrong with one request.

    Attributes:
        name: For people.
        acts: Whether the hub acts on the request first.
        happen: Is given the connection and the whole reply; returns whether to go on with it.
    """

    name: str
    acts: bool
    happen: Callable[[asyncio.StreamWriter, bytes], Awaitable[bool]]


def _fault(acts: bool) -> Callable[..., Fault]:
    def made(happen: Callable[..., Awaitable[bool]]) -> Fault:
        return Fault(happen.__name__.strip("_").replace("_", " "), acts, happen)

    return made


def _reset(writer: asyncio.StreamWriter) -> bool:
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
    return False


@_fault(acts=False)
async def reset(writer: asyncio.StreamWriter, whole: bytes) -> bool:
    return _reset(writer)


@_fault(acts=True)
async def reset_after_acting(writer: asyncio.StreamWriter, whole: bytes) -> bool:
    return _reset(writer)


@_fault(acts=True)
async def nothing(writer: asyncio.StreamWriter, whole: bytes) -> bool:
    return False


@_fault(acts=True)
async def cut_body(writer: asyncio.StreamWriter, whole: bytes) -> bool:
    head, mark, body = whole.partition(b"\r\n\r\n")
    # Where there is no body, the head is cut.
    writer.write(head + mark + body[: len(body) // 2] if body else head[:-10])
    return False


@_fault(acts=True)
async def too_long_a_length(writer: asyncio.StreamWriter, whole: bytes) -> bool:
    head, _, body = whole.partition(b"\r\n\r\n")
    name, _, length = head.rpartition(b": ")
    writer.write(name + b": " + str(int(length) + 100).encode() + b"\r\n\r\n" + body)
    return False


@_fault(acts=True)
async def slow_drip(writer: asyncio.StreamWriter, whole: bytes) -> bool:
    for byte in whole:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.1)
    return False


@_fault(acts=True)
async def delay(writer: asyncio.StreamWriter, whole: bytes) -> bool:
    await asyncio.sleep(1.0)
    writer.write(whole)
    return True


@_fault(acts=False)
async def garbage(writer: asyncio.StreamWriter, whole: bytes) -> bool:
    writer.write(b"\x00\xffSSH-2.0-nonsense\r\n\r\n")
    return False


@_fault(acts=False)
async def hang(writer: asyncio.StreamWriter, whole: bytes) -> bool:
    await asyncio.sleep(3600)
    return False


def status(code: int, retry_after: str | None = None) -> Fault:
    """A reply of that status instead of the hub's."""
    extra = "" if retry_after is None else f"retry-after: {retry_after}\r\n"
    body = f"<html><h1>status {code}</h1></html>"

    async def happen(writer: asyncio.StreamWriter, whole: bytes) -> bool:
        head = f"HTTP/1.1 {code} No\r\n{extra}content-length: {len(body)}\r\n\r\n"
        writer.write((head + body).encode())
        return True

    after = "" if retry_after is None else f", retry after {retry_after}"
    return Fault(f"status {code}{after}", False, happen)


PASSING = [
    reset, nothing, cut_body, too_long_a_length, delay, garbage, reset_after_acting,
    status(429), status(429, "1"), status(503), status(503, "1"), status(502), status(500),
]  # fmt: skip


@attrs.define(eq=False)
class FaultyServer:
    """Serves a hub, and lets requests go wrong.

    Attributes:
        hub: What answers.
        asked: Method and path of each request, in order.
        plan: Given the number of a request, from 0, and its line, returns what goes wrong.
        url: Its address.
    """

    hub: SmallHub = attrs.field(factory=SmallHub)
    asked: list[str] = attrs.field(factory=list)
    headers: list[dict[str, str]] = attrs.field(factory=list)
    plan: Callable[[int, str], Fault | None] = lambda number, line: None
    url: str = ""

    def begin(self, plan: Callable[[int, str], Fault | None] = lambda number, line: None) -> None:
        """Forget what was asked, and go wrong by another plan."""
        self.asked.clear()
        self.headers.clear()
        self.plan = plan

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while await self._one(reader, writer):
                await writer.drain()
        writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, target, _ = head[0].split(" ")
        pairs = [line.partition(":") for line in head[1:] if line]
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        line = f"{method} {urlsplit(target).path}"
        number = len(self.asked)
        self.asked.append(line)
        self.headers.append(headers)
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        fault = self.plan(number, line)
        reply: Reply = (200, {}, b"")
        if fault is None or fault.acts:
            reply = self.hub.answer(method, target, body)
        whole = _written(reply, has_body=method != "HEAD")
        if fault is not None:
            return await fault.happen(writer, whole)
        writer.write(whole)
        return True

    @contextlib.contextmanager
    def running(self, trust: ssl.SSLContext | None = None) -> Iterator[FaultyServer]:
        """Serve meanwhile, on a thread of its own."""
        loop, ready = asyncio.new_event_loop(), threading.Event()
        server: asyncio.Server | None = None

        async def serve() -> None:
            nonlocal server
            server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=trust)
            port = server.sockets[0].getsockname()[1]
            scheme = "http" if trust is None else "https"
            self.url = self.hub.url = f"{scheme}://127.0.0.1:{port}"
            ready.set()

        thread = threading.Thread(target=loop.run_forever, daemon=True)
        thread.start()
        future = asyncio.run_coroutine_threadsafe(serve(), loop)
        assert ready.wait(10), future.exception(0)
        try:
            yield self
        finally:

            async def end() -> None:
                assert server is not None
                server.close()
                others = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
                for task in others:
                    task.cancel()
                await asyncio.gather(*others, return_exceptions=True)

            asyncio.run_coroutine_threadsafe(end(), loop).result(10)
            loop.call_soon_threadsafe(loop.stop)
            thread.join(10)
            loop.close()


def _written(reply: Reply, *, has_body: bool) -> bytes:
    code, headers, body = reply
    named = {"date": "Thu, 01 Jan 2026 00:00:00 GMT", **headers, "content-length": str(len(body))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"HTTP/1.1 {code} X\r\n{lines}\r\n".encode() + (body if has_body else b"")


@pytest.fixture
def faults() -> dict[str, Fault]:
    """What may go wrong, by name."""
    return {fault.name: fault for fault in [*PASSING, slow_drip, hang]}


@pytest.fixture
def status_fault() -> Callable[..., Fault]:
    """Makes replies of a status."""
    return status


@pytest.fixture
def free_port() -> int:
    """A port at which nobody listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def server() -> Iterator[FaultyServer]:
    """A hub on loopback."""
    with FaultyServer().running() as found:
        yield found


class HastyClock:
    """Tells the time, and does not spend it: waits between tries are only counted."""

    def __init__(self) -> None:
        self.slept = 0.0

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic() + self.slept

    async def sleep(self, seconds: float, /) -> None:
        self.slept += max(seconds, 0.0)
        await asyncio.sleep(0)


@pytest.fixture
def open_client(server: FaultyServer, tmp_path: Path) -> Iterator[Callable[..., PolarisHubClient]]:
    """Opens a client of the hub, signed in; takes settings and, in ``http``, what users give."""
    with contextlib.ExitStack() as stack:

        def opened(http: dict[str, Any] | None = None, **settings: Any) -> PolarisHubClient:
            given = {
                "hub_url": server.url, "generation": "g2", "cache_dir": tmp_path / "cache",
                "max_attempts": 4, "total_timeout": 20, "default_timeout": (2, 0.5),
                "token_store": "memory",
            } | settings  # fmt: skip
            container = build_container(
                PolarisHubSettings(**given), http_options={"token": "tok", **(http or {})}
            )
            container.clock.override(providers.Object(HastyClock()))
            stack.callback(lambda: run_blocking(close_container(container)))
            return stack.enter_context(PolarisHubClient(container=container))

        yield opened
