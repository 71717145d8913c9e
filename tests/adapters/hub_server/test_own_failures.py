"""What the hub itself cannot do is told as that, and its texts stay with it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

import attrs
import httpx
import pytest

from polaris.errors import (
    HubBusyError,
    PolarisUnauthorizedError,
    StorageError,
)
from polaris.ports.artifacts import ArtifactRecord
from polaris_adapters.hub_server import Hub, create_app

SECRET_PLACE = "the folder of the hub"


@attrs.frozen
class _Failing:
    """A catalogue that fails."""

    error: Exception

    async def get(self, *_: Any) -> ArtifactRecord:
        raise self.error

    page = begin = commit = get


async def _get(hub: Hub, error: Exception) -> httpx.Response:
    failing: Any = _Failing(error)
    app = create_app(attrs.evolve(hub, artifacts=failing, history=None))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="https://hub.example") as client:
        return await client.get("/api/v3/dataset/acme/molecules")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (RuntimeError(SECRET_PLACE), 500, "hub"),
        (KeyError(SECRET_PLACE), 500, "hub"),
        (StorageError(SECRET_PLACE, hint=SECRET_PLACE), 500, "storage"),
        (HubBusyError(SECRET_PLACE, hint=SECRET_PLACE), 503, "hub_busy"),
    ],
)
async def test_its_texts_are_logged_and_not_sent(
    hub: Hub,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    status: int,
    code: str,
) -> None:
    with caplog.at_level(logging.ERROR, logger="polaris_adapters.hub_server"):
        reply = await _get(hub, error)
    assert (reply.status_code, reply.json()["code"]) == (status, code)
    assert SECRET_PLACE not in reply.text
    assert SECRET_PLACE in caplog.text
    assert reply.headers["x-request-id"] in caplog.text
    assert ("retry-after" in reply.headers) is (status == 503)


async def test_what_the_hub_may_not_reach_is_not_the_callers_fault(
    hub: Hub,
    published: Callable[..., Awaitable[ArtifactRecord]],
    path_of: Callable[[ArtifactRecord], str],
) -> None:
    record = await published("molecules", access="public")

    class Locked:
        async def open(self, *_: Any, **__: Any) -> Any:
            raise PolarisUnauthorizedError(SECRET_PLACE)

    transport = httpx.ASGITransport(create_app(attrs.evolve(hub, storage=Locked())))
    async with httpx.AsyncClient(transport=transport, base_url="https://hub.example") as client:
        reply = await client.get(f"{path_of(record)}/objects/table")
    assert (reply.status_code, reply.json()["code"]) == (500, "storage")
    assert SECRET_PLACE not in reply.text


async def test_a_hub_may_have_neither_deposit_nor_jobs(
    hub: Hub,
    published: Callable[..., Awaitable[ArtifactRecord]],
    path_of: Callable[[ArtifactRecord], str],
) -> None:
    record = await published("molecules", access="public")
    app = create_app(attrs.evolve(hub, deposit=None, jobs=None))
    token = {"authorization": "Bearer token-of-the-owner"}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="https://hub.example", headers=token
    ) as client:
        hidden = await client.put(f"{path_of(record)}/hidden/y", content=b"1")
        jobs = await client.get("/api/v3/dataset/acme/molecules/jobs")
    assert (hidden.status_code, hidden.json()["code"]) == (404, "hub")
    assert (jobs.status_code, jobs.json()) == (200, {"data": []})


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/api/v3/dataset/", 404),
        ("GET", "/api/v3/unknown", 404),
        ("DELETE", "/api/v3/dataset", 405),
        ("GET", "/api/v3/dataset/acme/molecules/revisions/short/objects", 400),
    ],
)
async def test_what_is_not_there(
    ask: Callable[..., Awaitable[httpx.Response]], method: str, path: str, status: int
) -> None:
    reply = await ask(method, path)
    assert reply.status_code == status
    assert reply.json()["hint"]
    assert reply.headers["content-type"] == "application/problem+json"


async def test_the_hub_says_what_it_is_to_anybody(
    ask: Callable[..., Awaitable[httpx.Response]],
) -> None:
    said = (await ask("GET", "/.well-known/polaris-hub", who="anonymous")).json()
    assert (said["generation"], said["api"]) == (3, "/api/v3")
    assert said["version"]
