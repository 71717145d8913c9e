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

__all__ = ["polaris_client", "polaris_hub_url"]

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
