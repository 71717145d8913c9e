"""A hub in this process that answers released clients, and callers of it."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

import attrs
import httpx
import pandas as pd
import pytest

from polaris.codec.tables import encode_table
from polaris.domain.checksums.archive import FileChecksum, archive_digest
from polaris.domain.checksums.table import table_checksum
from polaris.domain.identity import HubOwner
from polaris.domain.secret import Secret
from polaris.ports.auth import Identity
from polaris.testing import (
    InMemoryArtifacts,
    InMemoryArtifactStorage,
    InMemoryHiddenTargets,
    InMemoryJobs,
    InMemoryStorage,
    InMemoryTargetDeposit,
    ManualClock,
)
from polaris_adapters.hub_server import Caller, Hub, KnownTokens, create_app
from polaris_adapters.hub_server.released import (
    KnownSignIns,
    ReleasedSettings,
    ReleasedWire,
    SignedTokens,
    mount_released,
    released_wire,
)
from polaris_adapters.zarr_arrays import ZarrArchives

URL = "https://hub.example"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
JWT = "urn:ietf:params:oauth:token-type:jwt"
TOKENS = {"alice": "token-of-alice", "mallory": "token-of-mallory", "nobody": None}


@attrs.define
class S3:
    """Speaks S3 with a storage token."""

    http: httpx.AsyncClient
    clock: ManualClock
    reply: Mapping[str, Any]

    def place(self, role: str) -> str:
        """Return bucket and key of a role."""
        return str(self.reply["extra_data"]["paths"][role]).removeprefix("polarisfs://")

    async def __call__(
        self,
        method: str,
        place: str,
        data: bytes = b"",
        *,
        query: Mapping[str, str] | None = None,
        signed_body: bytes | None = None,
        secret: str | None = None,
        **headers: str,
    ) -> httpx.Response:
        extra = self.reply["extra_data"]
        stamp = self.clock.now().strftime("%Y%m%dT%H%M%SZ")
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        told |= {
            "host": "hub.example",
            "x-amz-date": stamp,
            "x-amz-security-token": f"jwt/{self.reply['access_token']}",
            "x-amz-content-sha256": hashlib.sha256(
                data if signed_body is None else signed_body
            ).hexdigest(),
        }
        path = quote(f"/s3/{place}", safe="/-_.~")
        encoded = "&".join(
            sorted(f"{quote(k, safe='-_.~')}={quote(v, safe='-_.~')}"
                   for k, v in (query or {}).items())
        )  # fmt: skip
        names = sorted(told)
        canonical = "\n".join(
            [method, path, encoded, *(f"{n}:{told[n]}" for n in names), "", ";".join(names),
             told["x-amz-content-sha256"]]
        )  # fmt: skip
        scope = [stamp[:8], "auto", "s3", "aws4_request"]
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        text = "\n".join(["AWS4-HMAC-SHA256", stamp, "/".join(scope), digest])
        key = f"AWS4{secret or extra['secret']}".encode()
        for part in scope:
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        told["authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={extra['key']}/{'/'.join(scope)}, "
            f"SignedHeaders={';'.join(names)}, Signature={signature}"
        )
        url = f"{URL}{path}" + (f"?{encoded}" if encoded else "")
        return await self.http.request(method, url, content=data, headers=told)


@attrs.define
class Released:
    """A hub that answers released clients."""

    wire: ReleasedWire
    http: httpx.AsyncClient
    clock: ManualClock
    incoming: InMemoryStorage
    storage: InMemoryArtifactStorage

    async def ask(
        self, method: str, path: str, who: str = "alice", **keywords: Any
    ) -> httpx.Response:
        """Make a call."""
        token = TOKENS.get(who, who)
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        return await self.http.request(
            method, f"{URL}{path}", headers=headers | keywords.pop("headers", {}), **keywords
        )

    async def grant(self, **form: str) -> httpx.Response:
        """Ask the token endpoint."""
        return await self.http.post(
            f"{URL}/api/auth/token",
            content=urlencode(form | {"client_id": "None"}),
            headers={"content-type": "application/x-www-form-urlencoded;charset=UTF-8"},
        )

    async def storage_grant(self, urn: str, scope: str, who: str = "alice") -> httpx.Response:
        """Ask for a storage token."""
        return await self.grant(
            grant_type=EXCHANGE, subject_token=TOKENS.get(who) or who, subject_token_type=JWT,
            requested_token_type=JWT, resource=urn, scope=scope,
        )  # fmt: skip

    async def s3(self, urn: str, scope: str = "write", who: str = "alice") -> S3:
        """Return what speaks S3 with a storage token."""
        reply = await self.storage_grant(urn, scope, who)
        assert reply.status_code == 200, reply.text
        return self.speaker(reply.json())

    def speaker(self, reply: Mapping[str, Any]) -> S3:
        """Return what speaks S3 with the storage token of a reply."""
        return S3(self.http, self.clock, reply)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def open_released(clock: ManualClock) -> Callable[..., Released]:
    """Open hubs; those that are given the stores of another one are processes of one hub."""

    def opened(
        beside: Released | None = None, *, anonymous: bool = True, **settings: Any
    ) -> Released:
        alice = Caller(Identity(HubOwner("alice-u", type="user")), {"acme", "bobby"})
        mallory = Caller(Identity(HubOwner("mallory", type="user")))
        known = {Secret("token-of-alice"): alice, Secret("token-of-mallory"): mallory}
        passwords = {"alice": (Secret("s3cret word"), alice)}
        jobs = InMemoryJobs(clock)
        storage = InMemoryArtifactStorage() if beside is None else beside.storage
        hub = Hub(
            InMemoryArtifacts(clock, jobs) if beside is None else beside.wire.hub.artifacts,
            storage,
            KnownTokens(known, anonymous=anonymous),
            clock,
            InMemoryTargetDeposit(InMemoryHiddenTargets()),
            jobs,
        )
        incoming = InMemoryStorage() if beside is None else beside.incoming
        wire = released_wire(
            hub,
            KnownSignIns(passwords, {Secret("external-of-alice"): alice,
                                     Secret("token-of-alice-2"): alice,
                                     Secret("token-of-mallory-2"): mallory}),
            incoming=incoming,
            archives=ZarrArchives(),
            tokens=SignedTokens(clock, b"k" * 32),
            settings=ReleasedSettings(url=URL, **settings),
        )  # fmt: skip
        app = mount_released(create_app(wire.hub), wire)
        http = httpx.AsyncClient(transport=httpx.ASGITransport(app, raise_app_exceptions=False))
        return Released(wire, http, clock, incoming, storage)

    return opened


@pytest.fixture
def released(open_released: Callable[..., Released]) -> Released:
    return open_released()


@attrs.frozen
class Sent:
    """A dataset as released clients send it.

    Attributes:
        body: Its announcement.
        table: Its parquet file.
        files: The files of its archive.
    """

    body: dict[str, Any]
    table: bytes
    files: dict[str, bytes]


def archive_files() -> dict[str, bytes]:
    """Return an archive of format 2 whose chunks are plain bytes."""
    array = {
        "chunks": [1, 2], "compressor": None, "dtype": "|u1", "fill_value": 0, "filters": None,
        "order": "C", "shape": [3, 2], "zarr_format": 2,
    }  # fmt: skip
    metadata = {".zgroup": {"zarr_format": 2}, "img/.zarray": array}
    files = {key: json.dumps(value).encode() for key, value in metadata.items()}
    files[".zmetadata"] = json.dumps({"metadata": metadata, "zarr_consolidated_format": 1}).encode()
    return files | {f"img/{i}.0": bytes([2 * i, 2 * i + 1]) for i in range(3)}


def md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


@pytest.fixture
def sent() -> Sent:
    files = archive_files()
    table = pd.DataFrame({"img": [f"img#{i}" for i in range(3)], "y": [1, 2, 3]})
    parquet = encode_table(table)
    digest = archive_digest([FileChecksum(p, md5(d), len(d)) for p, d in files.items()]).digest
    body = {
        "tableContent": {"size": len(parquet), "fileType": "parquet", "md5Sum": md5(parquet)},
        "zarrContent": [{"path": p, "md5sum": md5(d), "size": len(d)} for p, d in files.items()],
        "access": "public", "parentArtifactId": None, "name": "Data_v1", "license": "MIT",
        "annotations": {"img": {"isPointer": True, "modality": "IMAGE"}}, "owner": "acme",
        "md5Sum": table_checksum(table, digest), "zarrRootPath": "polarisfs://data.zarr",
        "polarisVersion": "0.12.1", "version": 1, "slug": "data-v1",
    }  # fmt: skip
    return Sent(body, parquet, files)
