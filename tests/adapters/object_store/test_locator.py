"""Opening the folders that users name."""

from __future__ import annotations

from pathlib import Path

import pytest

from polaris.errors import InvalidInputError, ObjectNotFoundError, StorageError
from polaris.ports.locations import StorageLocator
from polaris.ports.storage import Read
from polaris.testing.suites.locations import LocationsSuite
from polaris_adapters.object_store import FolderLocator

_check: type[StorageLocator] = FolderLocator


class TestFolderLocator(LocationsSuite):
    @pytest.fixture
    def locator(self) -> StorageLocator:
        return FolderLocator()

    @pytest.fixture
    def location(self, tmp_path: Path) -> str:
        return str(tmp_path / "some" / "folder")


@pytest.mark.parametrize("form", ["path", "url", "home", "variable", "quoted"])
async def test_a_folder_is_found_however_it_is_written(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "my data"
    folder.mkdir()
    (folder / "a").write_bytes(b"x")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DATA", str(folder))
    written = {
        "path": str(folder),
        "url": folder.as_uri(),
        "home": "~/my data",
        "variable": "$DATA",
        "quoted": folder.as_uri().replace("file:///", "file://localhost/"),
    }
    assert await FolderLocator().folder(written[form]).get([Read("a")]) == [b"x"]


def test_another_machines_folder_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="another machine"):
        FolderLocator().folder("file://server/share")


def test_an_unknown_scheme_is_named() -> None:
    with pytest.raises(InvalidInputError, match="gopher"):
        FolderLocator().folder("gopher://server/share")


def test_a_file_is_not_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match="not a folder") as caught:
        FolderLocator().folder(str(tmp_path / "file"))
    assert not isinstance(caught.value, ObjectNotFoundError)


def test_a_folder_that_cannot_be_made_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError) as caught:
        FolderLocator().folder(str(tmp_path / "file" / "below"), create=True)
    assert caught.value.hint
