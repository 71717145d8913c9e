"""Storage tokens: what is asked for, what comes, when they are renewed, and where they go."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import httpx
import pytest

from polaris.application.retry import RetryPolicy
from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.domain.secret import Secret
from polaris.errors import HubReplyError, PolarisUnauthorizedError, StorageError
from polaris.ports.artifacts import ArtifactLocation
from polaris.ports.buckets import BucketCredentials, BucketPlace
from polaris.ports.storage import Read, StoragePort, Write
from polaris.testing import InMemoryStorage, ManualClock
from polaris_adapters.hub_http.options import parse_options
from polaris_adapters.hub_http.session import HttpSession
from polaris_adapters.hub_http.storage.opening import Generation2Storage

TOKEN_URL = "https://hub.example/api/auth/token"
DATASET = ArtifactRef.parse(ArtifactKind.DATASET, "acme/data-v1")


class Signed:
    async def current(self) -> Secret | None:
        return Secret("hub-token")

    async def after_rejection(self, rejected: Secret, /) -> Secret | None:
        return None


@attrs.define
class TokenEndpoint:
    """Gives storage tokens, numbered.

    Attributes:
        reply: What it gives besides.
        forms: What it was asked.
    """

    reply: dict[str, Any] = attrs.field(factory=dict)
    forms: list[dict[str, str]] = attrs.field(factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        assert str(request.url) == TOKEN_URL
        assert "authorization" not in request.headers
        self.forms.append(dict(httpx.QueryParams(request.read().decode())))
        extra = {
            "key": "AK", "secret": "SK", "endpoint": "https://s3.example",
            "paths": {
                "root": "polarisfs://bkt/datasets/1/t.parquet",
                "extension": "polarisfs://bkt/datasets/1/z.zarr",
            },
        }  # fmt: skip
        body = {
            "token_type": "Storage", "expires_in": 900, "extra_data": extra,
            "access_token": f"sto.{len(self.forms)}",
        }  # fmt: skip
        return httpx.Response(200, json=body | self.reply)


@attrs.define
class Opened:
    """Buckets in memory.

    Attributes:
        places: Which were opened.
        credentials: Gives those of the last one.
        store: What all of them hold.
    """

    places: list[BucketPlace] = attrs.field(factory=list)
    credentials: Callable[[], Awaitable[BucketCredentials]] | None = None
    store: InMemoryStorage = attrs.field(factory=InMemoryStorage)

    def open(
        self, place: BucketPlace, credentials: Callable[[], Awaitable[BucketCredentials]], /
    ) -> StoragePort:
        self.places.append(place)
        self.credentials = credentials
        return self.store

    async def current(self) -> BucketCredentials:
        assert self.credentials is not None
        return await self.credentials()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def endpoint() -> TokenEndpoint:
    return TokenEndpoint()


@pytest.fixture
def buckets() -> Opened:
    return Opened()


@pytest.fixture
def storage(endpoint: TokenEndpoint, buckets: Opened, clock: ManualClock) -> Generation2Storage:
    options = parse_options(
        {"transport": httpx.MockTransport(endpoint)}, {"default_timeout": 5, "ca_bundle": None}
    )
    policy = RetryPolicy(attempts=1)
    session = HttpSession("https://hub.example/api", options, clock, policy, bearer=Signed())
    return Generation2Storage(session, TOKEN_URL, buckets, clock)


def _location(**urls: str) -> ArtifactLocation:
    return ArtifactLocation(DATASET, "0" * 64, urls, sealed=False)


async def test_the_hub_token_is_exchanged_for_the_right_to_one_artifact(
    storage: Generation2Storage, endpoint: TokenEndpoint, buckets: Opened
) -> None:
    store = await storage.open(_location(), write=True)
    assert endpoint.forms == [
        {
            "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
            "subject_token": "hub-token",
            "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
            "requested_token_type": "urn:ietf:params:oauth:token-type:jwt",
            "resource": "urn:polaris:dataset:acme:data-v1",
            "scope": "write",
        }
    ]
    [place] = buckets.places
    assert (place.endpoint, place.bucket, place.region) == ("https://s3.example", "bkt", "auto")
    assert place.metadata == {"md5": "X-Amz-Meta-md5sum"}
    await store.put([Write("table.parquet", b"t"), Write("data.zarr/x/0", b"c")])
    reads = [Read("datasets/1/t.parquet"), Read("datasets/1/z.zarr/x/0")]
    assert await buckets.store.get(reads) == [b"t", b"c"]


async def test_the_session_token_says_what_it_is(
    storage: Generation2Storage, buckets: Opened
) -> None:
    await storage.open(_location(), write=True)
    found = await buckets.current()
    assert found.access_key == "AK"
    assert found.session_token is not None
    assert found.session_token.reveal() == "jwt/sto.1"
    assert "sto.1" not in repr(found)


async def test_what_was_opened_for_reading_cannot_be_written(
    storage: Generation2Storage, endpoint: TokenEndpoint
) -> None:
    store = await storage.open(_location())
    assert endpoint.forms[0]["scope"] == "read"
    with pytest.raises((PolarisUnauthorizedError, StorageError)):
        await store.put([Write("table.parquet", b"t")])


async def test_a_token_is_renewed_before_it_ends(
    storage: Generation2Storage, endpoint: TokenEndpoint, buckets: Opened, clock: ManualClock
) -> None:
    await storage.open(_location(), write=True)
    await clock.sleep(830)
    assert (await buckets.current()).session_token == Secret("jwt/sto.1")
    await clock.sleep(15)
    renewed = await buckets.current()
    assert renewed.session_token == Secret("jwt/sto.2")
    assert renewed.expires_at == clock.now() + timedelta(seconds=900)
    assert len(endpoint.forms) == 2


@pytest.mark.parametrize(
    ("reply", "seconds"),
    [
        ({"expires_in": 30}, 30),
        ({"expires_in": "120"}, 120),
        ({"expires_in": None}, 300),
        ({"expires_in": "soon"}, 300),
        ({"expires_in": "nan"}, 300),
        ({"expires_in": 10**300}, 300),
        ({"expires_in": True}, 300),
    ],
)
async def test_ends_are_told_in_several_ways(
    storage: Generation2Storage, endpoint: TokenEndpoint, buckets: Opened, clock: ManualClock,
    reply: dict[str, Any], seconds: float,
) -> None:  # fmt: skip
    endpoint.reply = reply
    await storage.open(_location(), write=True)
    found = await buckets.current()
    assert found.expires_at == clock.now() + timedelta(seconds=seconds)


@pytest.mark.parametrize("told", ["2030-01-01T00:00:00Z", 1893456000, "1893456000"])
async def test_a_moment_wins_over_a_span(
    storage: Generation2Storage, endpoint: TokenEndpoint, buckets: Opened, told: Any
) -> None:
    endpoint.reply = {"expires_at": told}
    await storage.open(_location(), write=True)
    assert (await buckets.current()).expires_at == datetime(2030, 1, 1, tzinfo=UTC)


def _extra(**changes: Any) -> dict[str, Any]:
    paths = {"root": "polarisfs://bkt/t.parquet"}
    return {"key": "k", "secret": "s", "endpoint": "https://s3.example", "paths": paths} | changes


@pytest.mark.parametrize(
    "extra",
    [
        None, [], {}, {"paths": {}}, _extra(key=3), _extra(secret=None), _extra(paths=[]),
        _extra(endpoint="ftp://x"), _extra(endpoint="http://s3.example"),
        _extra(endpoint="https://u:p@s3.example"), _extra(paths={"root": "polarisfs://b"}),
        _extra(paths={"root": ["x"]}), _extra(paths={"root": "http://["}),
    ],
)  # fmt: skip
async def test_what_is_no_storage_token_is_refused(
    storage: Generation2Storage, endpoint: TokenEndpoint, extra: Any
) -> None:
    endpoint.reply = {"extra_data": extra}
    with pytest.raises(HubReplyError) as caught:
        await storage.open(_location(), write=True)
    assert "hub-token" not in f"{caught.value!r}{caught.value.__cause__!r}"


async def test_paths_that_the_hub_does_not_give_are_no_places(
    storage: Generation2Storage, endpoint: TokenEndpoint
) -> None:
    paths = {"root": "polarisfs://bkt/datasets/1/t.parquet", "extension": None}
    endpoint.reply = {"extra_data": _extra(paths=paths)}
    store = await storage.open(_location(), write=True)
    with pytest.raises(StorageError):
        await store.put([Write("table.parquet", b"t"), Write("data.zarr/x/0", b"c")])


async def test_public_addresses_need_no_token(
    storage: Generation2Storage, endpoint: TokenEndpoint
) -> None:
    urls = {"table.parquet": "https://files.example/t.parquet"}
    await storage.open(_location(**urls))
    assert endpoint.forms == []


async def test_nobody_signed_in_asks_for_nothing(
    storage: Generation2Storage, endpoint: TokenEndpoint
) -> None:
    class Nobody(Signed):
        async def current(self) -> Secret | None:
            return None

    storage.session.bearer = Nobody()
    with pytest.raises(PolarisUnauthorizedError) as caught:
        await storage.open(_location(), write=True)
    assert endpoint.forms == []
    assert "polaris auth login" in str(caught.value.hint)
