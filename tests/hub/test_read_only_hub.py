"""A hub in a folder that may be read but not written, such as one on a read-only mount."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from polaris.dataset import Dataset
from polaris.errors import HubBusyError, PolarisHubError
from polaris.hub.client import PolarisHubClient
from polaris.hub.settings import PolarisHubSettings

_NOBODY = 65534

pytestmark = pytest.mark.skipif(not hasattr(os, "seteuid"), reason="there are no such rights here")


@contextmanager
def not_writing(folder: Path) -> Iterator[None]:
    """Go without the right to write below a folder; for that, an administrator becomes nobody."""
    there = [folder, *folder.rglob("*")]
    modes = {path: path.stat().st_mode for path in there if "hidden" not in path.parts}
    for path in modes:
        path.chmod(0o555 if path.is_dir() else 0o444)
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(_NOBODY)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)
        for path, mode in modes.items():
            path.chmod(mode)


@pytest.fixture
def hub(zarr_dataset: Dataset) -> Iterator[Path]:
    """The folder of a hub with one dataset, where everybody may get to."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        hub = Path(folder) / "hub"
        with _client(hub) as client:
            client.upload_dataset(zarr_dataset)
            client.get_dataset("acme", "with-arrays")  # Imports what it takes, which may be private
        yield hub


def _client(hub: Path) -> PolarisHubClient:
    return PolarisHubClient(PolarisHubSettings(hub_url=hub.as_uri()))


def test_it_can_be_read(hub: Path, zarr_dataset: Dataset) -> None:
    expected = zarr_dataset.get_data(1, "fp").tolist()
    with not_writing(hub), _client(hub) as client:
        assert client.list_datasets() == ["acme/with-arrays"]
        dataset = client.get_dataset("acme", "with-arrays")
        assert isinstance(dataset, Dataset)
        assert dataset.get_data(1, "fp").tolist() == expected


def test_it_can_be_read_without_the_folder_of_hidden_targets(hub: Path) -> None:
    (hub / "hidden").rmdir()
    with not_writing(hub), _client(hub) as client:
        assert client.list_datasets() == ["acme/with-arrays"]
    assert not (hub / "hidden").exists()


def test_reading_leaves_nothing_behind(hub: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in hub.rglob("*")}
    with not_writing(hub), _client(hub) as client:
        client.get_dataset("acme", "with-arrays")
    assert {path: path.stat().st_mtime_ns for path in hub.rglob("*")} == before


def test_publishing_says_that_it_may_not_be_written(hub: Path, dataset: Dataset) -> None:
    with not_writing(hub), _client(hub) as client:
        with pytest.raises(PolarisHubError, match="cannot be opened or written") as caught:
            client.upload_dataset(dataset)
        assert "may write" in caught.value.hint
        assert client.list_datasets() == ["acme/with-arrays"]


def test_what_is_in_the_log_of_a_writer_is_not_passed_over(hub: Path, dataset: Dataset) -> None:
    with closing(sqlite3.connect(hub / "catalogue.sqlite")) as writer:
        # An open connection keeps SQLite from merging the log into the file.
        writer.execute("SELECT count(*) FROM artifacts").fetchone()
        with _client(hub) as client:
            client.upload_dataset(dataset)
        assert (hub / "catalogue.sqlite-wal").stat().st_size
        with not_writing(hub), _client(hub) as client:
            assert sorted(client.list_datasets()) == ["acme/hello-world", "acme/with-arrays"]


def test_what_was_read_while_somebody_wrote_is_refused(
    hub: Path, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    from polaris_adapters.sql_catalogue.listing import read_page

    def meanwhile(*args: object) -> object:
        page = read_page(*args)  # type: ignore[arg-type]  # As it was called.
        path = hub / "catalogue.sqlite"
        os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))
        return page

    monkeypatch.setattr("polaris_adapters.sql_catalogue.catalogue.read_page", meanwhile)
    monkeypatch.setattr(os, "access", lambda *_, **__: False)
    with _client(hub) as client, pytest.raises(HubBusyError, match="while it was read"):
        client.list_datasets()


def test_a_folder_that_may_not_be_entered_is_one_clear_error(hub: Path) -> None:
    hub.chmod(0)
    is_root = os.geteuid() == 0
    try:
        if is_root:
            os.seteuid(_NOBODY)
        with pytest.raises(PolarisHubError, match="Permission denied") as caught:
            _client(hub)
        assert caught.value.hint
    finally:
        if is_root:
            os.seteuid(0)
        hub.chmod(0o755)
