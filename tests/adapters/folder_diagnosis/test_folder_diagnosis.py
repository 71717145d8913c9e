"""Looking at a hub in a folder, and at the cache."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from polaris.dataset import Dataset
from polaris.hub.client import PolarisHubClient
from polaris.hub.settings import PolarisHubSettings
from polaris.ports.diagnosis import Diagnosis, Finding, Outcome
from polaris.testing import DiagnosisSuite
from polaris_adapters import folder_diagnosis
from polaris_adapters.folder_diagnosis import CacheDiagnosis, FolderHubDiagnosis

_hub: type[Diagnosis] = FolderHubDiagnosis
_cache: type[Diagnosis] = CacheDiagnosis

as_user = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="permissions do not bind root"
)


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    """The folder of a hub with a dataset."""
    folder = tmp_path / "hub"
    table = pd.DataFrame({"smiles": ["C", "CC"]})
    with PolarisHubClient(PolarisHubSettings(hub_url=folder.as_uri())) as client:
        client.upload_dataset(Dataset(name="two-chains", owner="acme", license="MIT", table=table))
    return folder


class TestFolderHubDiagnosis(DiagnosisSuite):
    @pytest.fixture
    def diagnosis(self, hub: Path) -> Diagnosis:
        return FolderHubDiagnosis(hub)

    @pytest.fixture
    def broken(self, tmp_path: Path) -> Diagnosis:
        (tmp_path / "file").write_text("no folder")
        return FolderHubDiagnosis(tmp_path / "file")


class TestCacheDiagnosis(DiagnosisSuite):
    @pytest.fixture
    def diagnosis(self, tmp_path: Path) -> Diagnosis:
        return CacheDiagnosis(tmp_path / "cache")

    @pytest.fixture
    def broken(self, tmp_path: Path) -> Diagnosis:
        (tmp_path / "file").write_text("no folder")
        return CacheDiagnosis(tmp_path / "file" / "cache")


async def _found(diagnosis: Diagnosis) -> dict[str, Finding]:
    return {finding.check: finding async for finding in diagnosis.findings()}


async def test_a_hub_that_is_well(hub: Path) -> None:
    found = await _found(FolderHubDiagnosis(hub))
    assert list(found) == ["packages", "folder", "space", "database", "hidden targets"]
    assert "at schema" in found["database"].message
    assert found["database"].details["schema"]


async def test_a_hub_that_is_not_there_yet_is_not_made(tmp_path: Path) -> None:
    found = await _found(FolderHubDiagnosis(tmp_path / "a" / "hub"))
    assert found["folder"].outcome is Outcome.NOTE
    assert found["folder"].ends
    assert not (tmp_path / "a").exists()


async def test_a_folder_without_a_catalogue(tmp_path: Path) -> None:
    found = await _found(FolderHubDiagnosis(tmp_path))
    assert found["database"].outcome is Outcome.NOTE
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"no database" * 100, b"SQLite format 3\0" + bytes(4080)])
async def test_a_damaged_catalogue(hub: Path, content: bytes) -> None:
    (hub / "catalogue.sqlite").write_bytes(content)
    found = await _found(FolderHubDiagnosis(hub))
    assert found["database"].outcome is Outcome.FAILED
    assert "backup" in found["database"].hint


async def test_a_catalogue_of_an_unknown_schema(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "catalogue.sqlite").execute("CREATE TABLE x (y)").connection.close()
    found = await _found(FolderHubDiagnosis(tmp_path))
    assert "at schema unknown" in found["database"].message


async def test_targets_that_others_may_read(hub: Path) -> None:
    (hub / "hidden").chmod(0o755)
    found = await _found(FolderHubDiagnosis(hub))
    assert found["hidden targets"].outcome is Outcome.WARNING
    assert "chmod 700" in found["hidden targets"].hint


@as_user
async def test_a_folder_that_cannot_be_written(hub: Path) -> None:
    hub.chmod(0o500)
    try:
        found = await _found(FolderHubDiagnosis(hub))
    finally:
        hub.chmod(0o700)
    assert found["folder"].outcome is Outcome.FAILED


async def test_a_folder_that_cannot_be_used(hub: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    found = await _found(FolderHubDiagnosis(hub))
    assert found["folder"].outcome is Outcome.FAILED
    assert found["folder"].ends
    assert (await _found(CacheDiagnosis(hub)))["cache"].outcome is Outcome.FAILED


async def test_a_disk_that_is_nearly_full(hub: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=5000))
    found = await _found(FolderHubDiagnosis(hub))
    assert found["space"].outcome is Outcome.WARNING
    assert found["space"].message == "4.9 KiB are free"
    assert (await _found(CacheDiagnosis(hub)))["cache"].outcome is Outcome.WARNING


async def test_packages_that_are_missing(hub: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_diagnosis, "find_spec", lambda _: None)
    found = await _found(FolderHubDiagnosis(hub))
    assert list(found) == ["packages"]
    assert "polaris-hub[local]" in found["packages"].hint
