"""A catalogue in a temporary folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from polaris.testing.fakes.manual_clock import ManualClock
from polaris_adapters.sql_catalogue import SqlCatalogue, open_sqlite_catalogue


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a catalogue may be made; the folder is not there yet."""
    return tmp_path / "a hub, 100%?#" / "catalogue.sqlite"


@pytest.fixture
def clock() -> ManualClock:
    """The clock of the catalogue."""
    return ManualClock()


@pytest.fixture
def catalogue(path: Path, clock: ManualClock) -> SqlCatalogue:
    """An empty catalogue."""
    return open_sqlite_catalogue(path, clock)
