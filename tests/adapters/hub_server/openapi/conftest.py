"""A hub with everything that a server has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from schemathesis.python.asgi import shutdown_lifespans

from polaris.application.loop_thread import run_blocking
from tests.adapters.hub_server.openapi.running import World, open_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    opened = open_world(tmp_path / "hub")
    yield opened
    shutdown_lifespans()

    async def close() -> None:
        await opened.ports.aclose()

    run_blocking(close())
