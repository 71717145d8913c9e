"""Our client, made as users make it, of hubs that `polaris serve` serves."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from polaris.bootstrap.container import HubContainer, build_container, close_container
from polaris.hub.settings import PolarisHubSettings
from tests.e2e.served_hubs import OWNER, ServedHub

HERE = Path(__file__).resolve().parent
CONFIGURATIONS = ("folder", "cluster")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here takes real processes and sockets."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.network)
            # The first one waits for the servers too.
            item.add_marker(pytest.mark.timeout(600))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run everything that takes a hub on both configurations, unless it says otherwise."""
    marks = metafunc.definition.iter_markers("parametrize")
    if "running" in metafunc.fixturenames and all("running" not in mark.args[0] for mark in marks):
        metafunc.parametrize("running", CONFIGURATIONS, indirect=True)


@pytest.fixture(scope="class")
def _containers() -> Iterator[dict[str, HubContainer]]:
    """The wiring of a client for each hub, for all tests of a class."""
    made: dict[str, HubContainer] = {}
    yield made
    for container in made.values():
        asyncio.run(close_container(container))
    # What the loops of threads left open is found while the marks of the class still hold.
    gc.collect()


@pytest.fixture
def container(running: ServedHub, _containers: dict[str, HubContainer]) -> HubContainer:
    """The ports of a client that the owner of everything signed in by a personal token."""
    if running.url not in _containers:
        settings = PolarisHubSettings(hub_url=f"{running.url}/", token_store="memory")
        options = {"trust_env": False, "token": running.tokens[OWNER]}
        _containers[running.url] = build_container(settings, http_options=options)
    return _containers[running.url]
