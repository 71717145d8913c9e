"""Fixtures for tests of code that uses Polaris; pytest loads this wherever Polaris is installed.

Nothing is imported here but pytest, since every run of every project would pay for it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from polaris.hub.client import PolarisHubClient
    from polaris.hub.in_process_hub import InProcessHub

__all__ = ["hub", "polaris_client", "polaris_hub", "polaris_hub_url"]

pytest.register_assert_rewrite("polaris.testing.suites")


@pytest.fixture
def polaris_hub_url() -> str:
    """Return the URL of an empty hub in this process, a new one for each test."""
    return f"memory://{uuid.uuid4().hex}"


@pytest.fixture
def polaris_client(polaris_hub_url: str) -> Iterator[PolarisHubClient]:
    """Give a client of the test's own empty hub; it is closed after the test."""
    from polaris.hub.client import PolarisHubClient
    from polaris.hub.settings import PolarisHubSettings

    with PolarisHubClient(PolarisHubSettings(hub_url=polaris_hub_url)) as client:
        yield client


@pytest.fixture
def polaris_hub() -> Iterator[InProcessHub]:
    """Give an empty Hub server in this process, with faults to order; it is closed after the test.

    Raises:
        MissingExtraError: The packages of the extra ``server`` are not installed.
    """
    from polaris.hub.in_process_hub import InProcessHub

    with InProcessHub() as opened:
        yield opened


@pytest.fixture
def hub(polaris_hub: InProcessHub) -> InProcessHub:
    """Give `polaris_hub` by a short name; a fixture ``hub`` of your own takes its place."""
    return polaris_hub
