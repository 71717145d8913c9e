"""Recorded exchanges of released clients, replayed to ours."""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import attrs
import httpx
import pandas as pd
import pytest

from polaris.dataset import Dataset, DatasetV2
from polaris.hub.client import PolarisHubClient
from polaris.hub.settings import PolarisHubSettings

#: The token that signed-in clients were recorded with.
TOKEN = "hub.jwt.1"


@attrs.frozen
class Asked:
    """A request that a replayed hub was sent.

    Attributes:
        method: Its method.
        path: Its path, not encoded.
        query: Its query, not encoded.
        headers: Its headers, names in lower case.
        body: Its content.
    """

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def line(self) -> str:
        """Method and path."""
        return f"{self.method} {self.path}"

    @property
    def json(self) -> Any:
        """The content, which is JSON."""
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        """The content, which is a form."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@attrs.define(eq=False)
class Replay:
    """A hub that answers as one did when a transcript was recorded.

    What is asked for twice is answered twice; what was not recorded is not there.

    Attributes:
        exchanges: Requests and replies of the transcript.
        files: Contents of the vectors' files, by MD5, for bodies that are recorded by that.
        url: Address of the hub.
        asked: What it was asked, in order.
    """

    exchanges: list[dict[str, Any]]
    files: dict[str, bytes]
    url: str = "https://hub.example"
    asked: list[Asked] = attrs.field(factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer as a mock transport."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        path, query = unquote(request.url.path), dict(request.url.params)
        status, named, body = self.answer(
            Asked(request.method, path, query, headers, request.read())
        )
        return httpx.Response(status, headers=named, content=body)

    def answer(self, asked: Asked) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body of the reply."""
        self.asked.append(asked)
        for exchange in self.exchanges:
            if _is_the_same(exchange["request"], asked):
                return self._recorded(exchange["response"], asked)
        if asked.method == "HEAD" and self._reads(asked.path):
            # The released client asked with GET alone.
            status, headers, body = self.answer(attrs.evolve(asked, method="GET"))
            self.asked.pop()
            return status, headers | {"content-length": str(len(body))}, b""
        entry = self._metadata(asked.path) if asked.method == "GET" else None
        if entry is not None:
            return 200, {}, entry
        if asked.path.startswith("/api/v1/storage/"):
            return self._signing(asked.path)
        return 404, {"content-type": "application/json"}, b'{"message": "Not found"}'

    def _reads(self, path: str) -> bool:
        return any(
            e["request"]["method"] == "GET" and e["request"]["path"].partition("?")[0] == path
            for e in self.exchanges
        )

    def _metadata(self, path: str) -> bytes | None:
        """Return metadata of an archive, of which released clients read the consolidated one."""
        for exchange in self.exchanges:
            root, mark, _ = exchange["request"]["path"].partition("/.zmetadata")
            body = exchange["response"]["body"]
            if mark and path.startswith(f"{root}/") and isinstance(body, str):
                entry = json.loads(body)["metadata"].get(path.removeprefix(f"{root}/"))
                return None if entry is None else json.dumps(entry).encode()
        return None

    def _signing(self, path: str) -> tuple[int, dict[str, str], bytes]:
        """Answer as the oldest hubs do: they sign for what may not be there."""
        owner, slug, key = path.removeprefix("/api/v1/storage/dataset/").split("/", 2)
        if key.partition("/")[0] == "ls":
            return 200, {}, b"[]"
        url = f"{self.url}/signed/{owner}/{slug}/{key}?sig=1"
        return 307, {}, json.dumps({"url": url, "method": "GET", "headers": {}}).encode()

    def _recorded(
        self, answered: dict[str, Any], asked: Asked
    ) -> tuple[int, dict[str, str], bytes]:
        headers = {k.lower(): v.replace("{HUB}", self.url) for k, v in answered["headers"].items()}
        length = headers.pop("content-length", "0")
        body, status = answered["body"], answered["status"]
        if asked.method == "HEAD":
            return status, headers | {"content-length": length}, b""
        if isinstance(body, dict) and set(body) == {"bytes", "md5"}:
            headers.pop("content-range", None)
            return _part(asked, self.files[body["md5"]], headers)
        text = body if isinstance(body, str) else "" if body is None else json.dumps(body)
        return status, headers, text.replace("{HUB}", self.url).encode()

    @property
    def lines(self) -> list[str]:
        """What it was asked, as method and path."""
        return [asked.line for asked in self.asked]

    def sent(self, line: str) -> Asked:
        """Return the one request of that method and path."""
        [found] = [asked for asked in self.asked if asked.line == line]
        return found

    def recorded(self, line: str) -> Any:
        """Return the content of the recorded request of that method and path."""
        found = [e["request"] for e in self.exchanges if _line(e["request"]) == line]
        return found[0]["body"]

    def check_sent(self, line: str, *, differing: set[str], recorded: str | None = None) -> None:
        """Compare a body with the recorded one; it carries the token, and no null but one."""
        asked = self.sent(line)
        assert different(asked.json, self.recorded(recorded or line)) == differing
        assert nulls(asked.json) <= {"parentArtifactId"}
        assert asked.headers["authorization"] == "Bearer hub.jwt.1"
        assert asked.headers["content-type"] == "application/json"

    def check_token_and_puts(self) -> None:
        """Compare the form of the storage token, and what was put, with what was recorded."""
        [asked] = [asked for asked in self.asked if asked.path == "/api/auth/token"]
        recorded = dict(parse_qsl(self.recorded("POST /api/auth/token")))
        if "resource" not in recorded:  # The first was for the hub's own token.
            recorded = dict(parse_qsl(self.exchanges[2]["request"]["body"]))
        assert asked.form == {k: v for k, v in recorded.items() if k != "client_id"}
        puts = [
            asked for asked in self.asked if asked.method == "PUT" and "/api/" not in asked.path
        ]
        theirs = {
            e["request"]["path"]: e["request"]["headers"]
            for e in self.exchanges
            if e["request"]["method"] == "PUT" and "/api/" not in e["request"]["path"]
        }
        assert sorted(put.path for put in puts) == sorted(theirs)
        for put in puts:
            assert put.headers["content-type"] == theirs[put.path]["content-type"]
            assert put.headers["x-amz-security-token"] == "jwt/sto.jwt"
            assert put.headers["x-amz-content-sha256"] != "UNSIGNED-PAYLOAD"
            if not put.path.endswith(".parquet"):
                for name in ("x-amz-meta-md5sum", "x-amz-content-sha256", "content-length"):
                    assert put.headers[name] == theirs[put.path].get(name, put.headers[name])
        names = [put.path.rpartition("/")[2] for put in puts]
        expected = [
            name for name in ("table.parquet", "manifest.parquet", ".zmetadata") if name in names
        ]
        assert names[: len(expected)] == expected

    @contextlib.contextmanager
    def serving(self) -> Iterator[None]:
        """Answer on loopback meanwhile, for what speaks S3."""

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _handle(self) -> None:
                split = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                query = dict(parse_qsl(split.query, keep_blank_values=True))
                status, named, data = hub.answer(
                    Asked(self.command, unquote(split.path), query, headers, body)
                )
                self.send_response(status)
                named.setdefault("content-length", str(len(data)))
                named.setdefault("last-modified", "Thu, 01 Jan 2026 00:00:00 GMT")
                named.setdefault("etag", '"e"')
                for name, value in named.items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(data)

            do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _handle  # noqa: N815

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        hub, before = self, self.url
        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            server.daemon_threads = True
            self.url = f"http://127.0.0.1:{server.server_port}"
            thread = threading.Thread(target=server.serve_forever, daemon=True)
            thread.start()
            try:
                yield
            finally:
                server.shutdown()
                thread.join()
                self.url = before


def different(sent: Any, recorded: Any, at: str = "") -> set[str]:
    """Return where two documents differ, by path."""
    if isinstance(sent, Mapping) and isinstance(recorded, Mapping):
        found: set[str] = set()
        for key in {**sent, **recorded}:
            found |= different(sent.get(key), recorded.get(key), f"{at}.{key}".lstrip("."))
        return found
    return set() if sent == recorded else {at}


def nulls(document: Any) -> set[str]:
    """Return the keys of a document's nulls: hubs refuse most."""
    if isinstance(document, Mapping):
        here = {key for key, value in document.items() if value is None}
        return here.union(*(nulls(value) for value in document.values()))
    return set().union(*(nulls(v) for v in document)) if isinstance(document, list) else set()


def _line(request: Mapping[str, Any]) -> str:
    return f"{request['method']} {request['path'].partition('?')[0]}"


def _is_the_same(recorded: Mapping[str, Any], asked: Asked) -> bool:
    if recorded["method"] != asked.method:
        return False
    if _slugs(recorded["path"].partition("?")[0]) != _slugs(asked.path):
        return False
    body = recorded["body"]
    if isinstance(body, str) and "grant_type=" in body:
        form = dict(parse_qsl(body))
        return all(form.get(key) == asked.form.get(key) for key in ("grant_type", "resource"))
    return True


def _slugs(path: str) -> str:
    """Return a path as hubs understand it: names in it are slugs (protocol, section 2.1)."""
    for name in ("data_zarr", "bench_v1"):
        path = path.replace(f"/{name}", f"/{name.replace('_', '-')}")
    return path


def _part(asked: Asked, data: bytes, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
    wanted = asked.headers.get("range", "")
    if not wanted.startswith("bytes="):
        return 200, headers, data
    first, _, last = wanted.removeprefix("bytes=").partition("-")
    start, stop = int(first), min(int(last) + 1 if last else len(data), len(data))
    headers["content-range"] = f"bytes {start}-{stop - 1}/{len(data)}"
    return 206, headers, data[start:stop]


@pytest.fixture(scope="session")
def vector_files(vectors: Path) -> dict[str, bytes]:
    """The files of the vectors by their MD5."""
    found = (path.read_bytes() for path in vectors.rglob("*") if path.is_file())
    return {hashlib.md5(data, usedforsecurity=False).hexdigest(): data for data in found}


@pytest.fixture
def replay(vectors: Path, vector_files: dict[str, bytes]) -> Callable[..., Replay]:
    """Open transcripts as a hub."""

    def opened(*names: str) -> Replay:
        paths = [vectors / "transcripts" / f"{name}.json" for name in names]
        exchanges = [exchange for path in paths for exchange in json.loads(path.read_bytes())]
        return Replay(exchanges, vector_files)

    return opened


@pytest.fixture
def smiles(vectors: Path) -> Dataset:
    return Dataset(
        table=pd.read_parquet(vectors / "tables" / "smiles_y.parquet"),
        name="Data_V1",
        description="dd",
        owner="acme",
        annotations={
            "smiles": {"modality": "molecule", "content_type": "chemical/x-smiles"},
            "y": {"user_attributes": {"unit": "nM"}},
        },
        source="https://x.org/s",
        license="MIT",
    )


@pytest.fixture
def images(vectors: Path) -> Callable[[str], Dataset]:
    return lambda name: Dataset(
        table=pd.read_parquet(vectors / "tables" / "pointer_table.parquet"),
        name=name,
        owner="acme",
        annotations={"img": {"is_pointer": True, "modality": "image"}},
        license="MIT",
        zarr_root_path=str(vectors / "zarr" / "chunks4.zarr"),
    )


@pytest.fixture
def archive(vectors: Path) -> DatasetV2:
    path = str(vectors / "zarr" / "two_columns.zarr")
    return DatasetV2(name="data-v2", owner="acme", license="MIT", zarr_root_path=path)


@attrs.define
class Opened:
    """A client, and the hub that it speaks to."""

    client: PolarisHubClient
    hub: Replay


@pytest.fixture
def open_hub(replay: Callable[..., Replay], tmp_path: Path) -> Iterator[Callable[..., Opened]]:
    """Open a client of transcripts: by a mock transport, or over loopback where S3 is spoken."""
    with contextlib.ExitStack() as stack:

        def opened(
            *names: str, generation: str = "g2", signed_in: bool = False, loopback: bool = False
        ) -> Opened:
            hub = replay(*names)
            given: dict[str, Any] = {"token": TOKEN} if signed_in else {}
            if loopback:
                stack.enter_context(hub.serving())
            else:
                given["transport"] = httpx.MockTransport(hub)
            settings = PolarisHubSettings(
                hub_url=f"{hub.url}/", generation=generation, cache_dir=tmp_path / "cache",
                max_attempts=1, token_store="memory",
            )  # fmt: skip
            return Opened(stack.enter_context(PolarisHubClient(settings, **given)), hub)

        yield opened


@pytest.fixture
def open_client(tmp_path: Path) -> Iterator[Callable[..., PolarisHubClient]]:
    """Open clients of ``https://hub.example`` whose requests a function answers."""
    with contextlib.ExitStack() as stack:

        def opened(
            handler: Callable[[httpx.Request], httpx.Response], **changes: Any
        ) -> PolarisHubClient:
            options = {n: changes.pop(n) for n in ("token", "verify") if n in changes}
            given: dict[str, Any] = {
                "hub_url": "https://hub.example/", "cache_dir": tmp_path / "cache",
                "max_attempts": 1, "token_store": "memory",
            }  # fmt: skip
            settings = PolarisHubSettings(**(given | changes))
            transport = httpx.MockTransport(handler)
            return stack.enter_context(PolarisHubClient(settings, transport=transport, **options))

        yield opened
