"""Opening a hub in a folder where packages are missing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from polaris.errors import MissingExtraError, PolarisHubError
from polaris.hub.client import PolarisHubClient
from polaris.hub.settings import PolarisHubSettings


@pytest.fixture(autouse=True)
def not_imported_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("polaris_adapters.sql_catalogue")]:
        monkeypatch.delitem(sys.modules, name)


def _open(folder: Path) -> None:
    PolarisHubClient(PolarisHubSettings(hub_url=folder.as_uri())).close()


def test_without_the_extra_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(MissingExtraError, match=r"polaris-hub\[local\]"):
        _open(tmp_path)


@pytest.mark.parametrize("name", ["polaris_adapters.sql_catalogue.cursors", "sqlite3"])
def test_what_the_extra_would_not_bring_is_not_said_to_be_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(PolarisHubError, match=name) as caught:
        _open(tmp_path)
    assert "local" not in str(caught.value)
