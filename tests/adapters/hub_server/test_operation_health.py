"""Health, readiness, version and metrics."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import attrs
import httpx
import pytest

from polaris.domain.identity import HubOwner
from polaris.domain.secret import Secret
from polaris.errors import StorageError
from polaris.ports.auth import Identity
from polaris.testing import ManualClock
from polaris_adapters.hub_server import Caller, Hub, KnownTokens, create_app
from polaris_adapters.hub_server.operation import Metrics, Operation, Readiness, operated

Ask = Callable[..., Awaitable[httpx.Response]]

KNOWN = Identity(HubOwner("oscar", type="user"))


def _asking(hub: Hub, readiness: Readiness, **how: Any) -> Ask:
    app = operated(create_app(hub), Operation(hub=hub, readiness=readiness, **how))

    async def ask(path: str, method: str = "GET", token: str = "") -> httpx.Response:
        sent = {"authorization": f"Bearer {token}"} if token else {}
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="https://hub.example") as http:
            return await http.request(method, path, headers=sent)

    return ask


async def _good() -> None:
    return None


async def _bad() -> None:
    raise StorageError("s3cr3t: the bucket https://key:s3cr3t@store is gone")


async def _endless() -> None:
    await asyncio.Future()


async def test_a_hub_that_lives_is_not_yet_ready(
    hub: Hub, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    checks = {"database": _good, "storage": _bad, "slow": _endless}
    ask = _asking(hub, Readiness(checks, clock.monotonic, timeout=0.01))
    assert (await ask("/healthz")).json() == {"status": "alive"}
    with caplog.at_level(logging.WARNING):
        reply = await ask("/readyz")
    assert reply.status_code == 503
    found = {"database": "ok", "storage": "failed", "slow": "failed"}
    assert reply.json() == {"status": "not ready", "checks": found}
    assert reply.headers["cache-control"] == "no-store"
    assert "the bucket" in caplog.text


async def test_connections_end_with_a_reply_once_the_hub_is_about_to_end(
    hub: Hub, clock: ManualClock
) -> None:
    readiness = Readiness({"database": _good}, clock.monotonic)
    ask = _asking(hub, readiness)
    assert "connection" not in (await ask("/version")).headers
    readiness.is_stopping = True
    for path in ("/version", "/readyz", "/api/v3/dataset", "/nowhere"):
        assert (await ask(path)).headers["connection"] == "close"


async def test_readiness_is_looked_at_once_in_a_while(hub: Hub, clock: ManualClock) -> None:
    times = 0

    async def count() -> None:
        nonlocal times
        times += 1

    ask = _asking(hub, Readiness({"it": count}, clock.monotonic))
    for _ in range(3):
        assert (await ask("/readyz")).json() == {"status": "ready", "checks": {"it": "ok"}}
    assert times == 1
    clock.advance(1)
    await ask("/readyz")
    assert times == 2


async def test_a_hub_that_is_about_to_end_is_not_ready(hub: Hub, clock: ManualClock) -> None:
    readiness = Readiness({"it": _good}, clock.monotonic)
    ask = _asking(hub, readiness)
    readiness.is_stopping = True
    reply = await ask("/readyz")
    assert (reply.status_code, reply.json()) == (503, {"status": "stopping"})
    assert (await ask("/healthz")).status_code == 200


async def test_a_hub_tells_its_version(hub: Hub, clock: ManualClock) -> None:
    reply = await _asking(hub, Readiness({}, clock.monotonic))("/version")
    assert reply.json()["name"] == "polaris-hub"
    assert reply.json()["version"]


def _metrics(text: str) -> dict[str, float]:
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


async def test_requests_are_counted_by_route_and_never_by_path(
    hub: Hub, clock: ManualClock
) -> None:
    metrics = Metrics()
    readiness = Readiness({}, clock.monotonic)
    ask = _asking(hub, readiness, metrics=metrics, public_metrics=True)
    for slug in ("molecules-1", "molecules-2"):
        await ask(f"/api/v3/dataset/acme/{slug}")
    await ask("/nothing/there")
    await ask("/x", "BREW")
    metrics.job_ended("scored")
    reply = await ask("/metrics")
    assert reply.headers["content-type"].startswith("text/plain")
    found = _metrics(reply.text)
    artifact = 'method="GET",route="/api/v3/{kind}/{owner}/{slug}"'
    assert found[f'polaris_http_requests_total{{{artifact},status="404"}}'] == 2
    assert found[f"polaris_http_request_seconds_count{{{artifact}}}"] == 2
    nothing = 'polaris_http_requests_total{method="GET",route="(none)",status="404"}'
    assert found[nothing] == 1
    assert found[nothing.replace("GET", "other")] == 1
    assert found['polaris_jobs_total{outcome="scored"}'] == 1
    assert found["polaris_http_requests_in_flight"] == 1
    assert found["polaris_http_sent_bytes_total"] > 0
    assert "molecules" not in reply.text
    # Another application in this process counts for itself.
    other = _metrics(Metrics().text().decode())
    assert not [name for name in other if name.startswith("polaris_http_requests_total")]


async def test_metrics_are_for_who_operates_the_hub(hub: Hub, clock: ManualClock) -> None:
    operator = Caller(KNOWN, is_administrator=True)
    stranger = Caller(KNOWN)
    callers = KnownTokens({Secret("operator"): operator, Secret("stranger"): stranger})
    known = attrs.evolve(hub, callers=callers)
    readiness = Readiness({}, clock.monotonic)
    ask = _asking(known, readiness, metrics=Metrics(), metrics_token=Secret("for-prometheus"))
    statuses = [
        (await ask("/metrics", token=token)).status_code
        for token in ("", "made-up", "stranger", "operator", "for-prometheus")
    ]
    assert statuses == [401, 401, 403, 200, 200]
    closed = _asking(known, readiness, metrics_token=Secret("for-prometheus"))
    assert (await closed("/metrics", token="operator")).status_code == 404


async def test_numbers_of_the_moment_are_told_too(hub: Hub, clock: ManualClock) -> None:
    metrics = Metrics(lambda: {"database_connections": 3})
    assert _metrics(metrics.text().decode())["polaris_database_connections"] == 3
