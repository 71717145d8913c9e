"""Temporary credentials of the store, for those who may read or write a revision."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import attrs
import httpx
import pytest

from polaris.domain.secret import Secret
from polaris.ports.artifacts import ArtifactLocation, ArtifactRecord
from polaris.ports.buckets import BucketCredentials, BucketGrant, BucketPlace
from polaris_adapters.hub_server import Hub, create_app

Published = Callable[..., Awaitable[ArtifactRecord]]
PathOf = Callable[[ArtifactRecord], str]
Ask = Callable[..., Awaitable[httpx.Response]]

TOKENS = {"owner": "token-of-the-owner", "stranger": "token-of-a-stranger"}


@attrs.frozen
class Service:
    """Gives credentials, and notes for what."""

    asked: list[tuple[str, bool, int]] = attrs.field(factory=list)

    async def issue(
        self, location: ArtifactLocation, /, *, write: bool, seconds: int
    ) -> BucketGrant:
        self.asked.append((location.revision, write, seconds))
        ends = datetime(2030, 1, 1, tzinfo=UTC)
        keys = BucketCredentials("ASIA", Secret("a secret"), Secret("a session"), ends)
        return BucketGrant(BucketPlace("https://s3.example", "bucket", "a/folder"), keys)


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def get(hub: Hub, service: Service) -> Ask:
    app = create_app(attrs.evolve(hub, temporary=service))

    async def getting(path: str, who: str = "owner", **body: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {TOKENS[who]}"} if who in TOKENS else {}
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="https://hub.example") as client:
            return await client.post(f"{path}/credentials", json=body, headers=headers)

    return getting


async def test_credentials_are_for_one_revision(
    get: Ask, service: Service, published: Published, path_of: PathOf
) -> None:
    record = await published("molecules")
    reply = await get(path_of(record), write=True, seconds=60)
    assert reply.status_code == 200
    assert reply.headers["cache-control"] == "no-store"
    assert reply.json() == {
        "endpoint": "https://s3.example",
        "region": "auto",
        "bucket": "bucket",
        "prefix": "a/folder",
        "accessKey": "ASIA",
        "secretKey": "a secret",
        "sessionToken": "a session",
        "expiresAt": "2030-01-01T00:00:00+00:00",
    }
    assert service.asked == [(record.location.revision, True, 60)]


async def test_who_may_not_gets_none(
    get: Ask, service: Service, published: Published, path_of: PathOf
) -> None:
    private = path_of(await published("molecules"))
    public = path_of(await published("public-ones", access="public"))
    for who in ("stranger", "nobody"):
        assert (await get(private, who)).status_code == 404
        assert (await get(public, who, write=True)).status_code in (401, 403)
    assert service.asked == []
    assert (await get(public, "stranger")).status_code == 200
    assert [write for _, write, _ in service.asked] == [False]


@pytest.mark.parametrize("body", [{"seconds": 0}, {"seconds": 3601}, {"write": "yes"}], ids=str)
async def test_what_cannot_be_asked_for(
    get: Ask, service: Service, published: Published, path_of: PathOf, body: Any
) -> None:
    assert (await get(path_of(await published("molecules")), **body)).status_code == 400
    assert service.asked == []


async def test_a_hub_without_such_a_service_has_no_such_path(
    ask: Ask, published: Published, path_of: PathOf
) -> None:
    path = path_of(await published("molecules"))
    reply = await ask("POST", f"{path}/credentials", json={})
    assert reply.status_code in (404, 405)
