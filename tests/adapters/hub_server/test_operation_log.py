"""The log of requests, and that nothing secret is in it."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import attrs
import httpx
import pytest

from polaris.errors import PolarisHubError
from polaris.ports.artifacts import ArtifactPage, ArtifactQuery
from polaris.testing import InMemoryArtifacts, ManualClock
from polaris_adapters.hub_server import Hub, create_app
from polaris_adapters.hub_server.operation import (
    JsonLines,
    Operation,
    Readiness,
    TextLines,
    operated,
)
from polaris_adapters.hub_server.operation.redaction import (
    shown_path,
    shown_query,
    without_secrets,
)

TOKEN = "polaris_pat_0123456789abcdefghijABCDEFGHIJ"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJlLXNpZ25hdHVyZQ"

Ask = Callable[..., Awaitable[httpx.Response]]


def _ask(hub: Hub, clock: ManualClock) -> Ask:
    app = operated(create_app(hub), Operation(hub=hub, readiness=Readiness({}, clock.monotonic)))

    async def asking(method: str, path: str, **sent: Any) -> httpx.Response:
        transport = httpx.ASGITransport(app, client=("192.0.2.7", 5))
        async with httpx.AsyncClient(transport=transport, base_url="https://hub.example") as http:
            return await http.request(method, path, **sent)

    return asking


async def test_a_request_is_a_line_of_json(
    hub: Hub, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "polaris.access")
    ask = _ask(hub, clock)
    reply = await ask(
        "GET",
        "/api/v3/dataset?limit=5&search=private+words",
        headers={"authorization": "Bearer token-of-the-owner", "x-request-id": "id-1"},
    )
    [record] = caplog.records
    line = json.loads(JsonLines().format(record))
    assert line == {
        "time": line["time"],
        "level": "info",
        "logger": "polaris.access",
        "message": line["message"],
        "process": line["process"],
        "request_id": "id-1",
        "method": "GET",
        "route": "/api/v3/{kind}",
        "path": "/api/v3/dataset",
        "query": "limit=5&search=***",
        "status": 200,
        "seconds": 0.0,
        "received": 0,
        "sent": len(reply.content),
        "caller": "alice",
        "client": "192.0.2.7",
    }
    text = TextLines().format(record)
    assert text.endswith("/api/v3/dataset?limit=5&search=*** 200 0.0 ms alice 192.0.2.7 id-1")


async def test_what_is_asked_all_the_time_is_quiet_and_failures_are_loud(
    hub: Hub, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    class Failing(InMemoryArtifacts):
        async def page(self, query: ArtifactQuery, /) -> ArtifactPage:
            raise PolarisHubError(f"The database refused {TOKEN} for postgresql://u:pw@host/db")

    caplog.set_level(logging.DEBUG)
    ask = _ask(attrs.evolve(hub, artifacts=Failing(clock)), clock)
    await ask("GET", "/healthz")
    reply = await ask("GET", "/api/v3/dataset")
    assert reply.status_code == 500
    levels = {r.getMessage().split()[1]: r.levelname for r in caplog.records if "access" in r.name}
    assert levels == {"/healthz": "DEBUG", "/api/v3/dataset": "WARNING"}
    for record in caplog.records:
        for formatter in (JsonLines(), TextLines()):
            line = formatter.format(record)
            assert TOKEN not in line
            assert "pw@host" not in line


@pytest.mark.parametrize(
    "path",
    [
        f"/api/v3/{TOKEN}",
        f"/files/dataset/acme/x/0/{JWT}/table.parquet",
        f"/api/v3/dataset?code={TOKEN}",
        "/oauth2/callback?code=s3cr3t-code&state=s3cr3t-state",
        "/signed/acme/x?X-Amz-Signature=s3cr3t-signature&ticket=s3cr3t-ticket",
    ],
)
async def test_no_secret_of_a_request_is_logged(
    hub: Hub, clock: ManualClock, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    caplog.set_level(logging.DEBUG)
    await _ask(hub, clock)("GET", path, headers={"authorization": f"Bearer {TOKEN}"})
    for record in caplog.records:
        for formatter in (JsonLines(), TextLines()):
            line = formatter.format(record)
            assert TOKEN not in line
            assert JWT not in line
            assert "s3cr3t" not in line


def test_parts_of_a_path_that_open_something_are_masked() -> None:
    path = "/files/dataset/acme/x/0/abcdef/table"
    assert shown_path(path, {"ticket": "abcdef"}) == "/files/dataset/acme/x/0/***/table"
    assert len(shown_path("/" + "x" * 9999, {})) == 500


def test_a_query_shows_its_names() -> None:
    assert shown_query("limit=3&cursor=abc&empty=&code=1") == "limit=3&cursor=***&empty=&code=***"


@pytest.mark.parametrize(
    "text",
    [
        f"Bearer {TOKEN}",
        "Authorization: Basic c2VjcmV0LXZhbHVlOnB3",
        f"the token {JWT} is not good",
        "https://x/y?X-Amz-Signature=c2VjcmV0LXZhbHVl",
        "https://x/cb?code=c2VjcmV0LXZhbHVl&state=x",
        "password=c2VjcmV0LXZhbHVl",
    ],
)
def test_what_looks_like_a_secret_is_masked_anywhere(text: str) -> None:
    masked = without_secrets(text)
    assert "***" in masked
    for secret in (TOKEN, JWT, "c2VjcmV0LXZhbHVl"):
        assert secret not in masked


def test_a_caller_cannot_begin_a_line_or_steer_a_terminal() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, "GET /a\nINFO \x1b[2J", (), None)
    assert TextLines().format(record).count("\n") == 0
    assert "\x1b" not in TextLines().format(record)
    assert JsonLines().format(record).count("\n") == 0


def test_an_error_is_told_with_its_traceback() -> None:
    try:
        raise ValueError(f"bad {TOKEN}")
    except ValueError as error:
        info = (ValueError, error, error.__traceback__)
    record = logging.LogRecord("x", logging.ERROR, "", 0, "failed", (), info)
    line = json.loads(JsonLines().format(record))
    assert line["error"] == "ValueError"
    assert "Traceback" in line["traceback"]
    assert TOKEN not in line["traceback"]
