"""``polaris hub backup|restore|migrate|gc|fsck``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from polaris.bootstrap.operators import hub_locks
from polaris.bootstrap.server.settings import ServerSettings
from polaris_adapters.cli.running import run
from tests.adapters.cli.conftest import Ended, Polaris


@pytest.fixture
def folder(published: Polaris, tmp_path: Path) -> str:
    """The folder of a hub with a dataset and a benchmark."""
    return str(tmp_path / "hub")


@pytest.fixture
def hub(capfd: pytest.CaptureFixture[str]) -> Polaris:
    """Runs ``polaris hub``."""

    def call(*arguments: str, hub: str | None = None) -> Ended:
        capfd.readouterr()
        code = run(["hub", *arguments])
        out, err = capfd.readouterr()
        return Ended(code, out, err)

    return call


def test_a_hub_goes_there_and_back(hub: Polaris, folder: str, tmp_path: Path) -> None:
    backups, other = str(tmp_path / "backups"), str(tmp_path / "other")
    ended = hub("backup", backups, "--data", folder, "--json")
    assert ended.code == 0, ended.err
    assert ended.data["copied_objects"] > 0
    name = ended.data["backup"]
    assert hub("backup", backups, "--list", "--json").data == [{"backup": name, "complete": True}]
    assert name in hub("backup", backups, "--list").out
    ended = hub("backup", backups, "--verify", "--json")
    assert (ended.code, ended.data) == (0, {"backup": name, "whole": True, "problems": []})
    ended = hub("restore", backups, "--data", other, "--json")
    assert ended.code == 0, ended.err
    assert ended.data["backup"] == name
    ended = hub("fsck", "--deep", "--data", other, "--json")
    assert (ended.code, ended.data["findings"], ended.data["revisions"]) == (0, [], 2)
    again = hub("restore", backups, "--data", other)
    assert again.code == 1
    assert "not empty" in again.err
    assert run(["dataset", "verify", "acme/hello-world", "--hub", Path(other).as_uri()]) == 0


def test_a_damaged_backup_is_told(hub: Polaris, folder: str, tmp_path: Path) -> None:
    backups = tmp_path / "backups"
    assert hub("backup", str(backups), "--data", folder).code == 0
    path = next(path for path in backups.glob("objects/*/*") if path.stat().st_size)
    path.write_bytes(b"damaged")
    ended = hub("backup", str(backups), "--verify")
    assert ended.code == 1
    assert path.name in ended.out
    ended = hub("restore", str(backups), "--data", str(tmp_path / "other"))
    assert ended.code == 6
    assert "differs from its checksum" in ended.err
    ended = hub("fsck", "--data", str(tmp_path / "other"))
    assert ended.code == 1
    assert "being restored" in ended.err


def test_damage_is_found_and_repaired(hub: Polaris, folder: str) -> None:
    [table] = Path(folder).glob("objects/**/table.parquet")
    table.unlink()
    ended = hub("fsck", "--data", folder, "--json")
    assert ended.code == 1
    assert [f["code"] for f in ended.data["findings"]] == ["object-missing"]
    ended = hub("fsck", "--data", folder)
    assert "table.parquet" in ended.out
    assert "with --repair" in ended.err
    ended = hub("fsck", "--data", folder, "--repair")
    assert ended.code == 0
    assert "repaired: object-missing" in ended.out
    # The benchmark is about a dataset that nobody sees: a warning.
    ended = hub("fsck", "--data", folder, "--json")
    assert (ended.code, ended.data["clean"]) == (0, True)
    assert [f["code"] for f in ended.data["findings"]] == ["subject-missing"]


def test_garbage_is_shown_before_it_is_removed(hub: Polaris, folder: str) -> None:
    ended = hub("gc", "--data", folder, "--json")
    assert (ended.code, ended.data["removed"], ended.data["dry_run"]) == (0, [], True)
    assert "add --yes" in hub("gc", "--data", folder).err
    ended = hub("gc", "--data", folder, "--yes", "--purge-deleted")
    assert ended.code == 0
    assert "Freed 0 bytes" in ended.err
    assert hub("gc", "--data", folder, "--yes", "--dry-run", "--json").data["dry_run"] is True


def test_schemas_go_up_and_down(hub: Polaris, folder: str) -> None:
    assert "already" in hub("migrate", "--data", folder).err
    ended = hub("migrate", "--data", folder, "--to", "0002")
    assert "--yes" in ended.err
    assert "downgrade 0003" in ended.out
    ended = hub("migrate", "--data", folder, "--to", "0002", "--yes", "--json")
    assert (ended.data["direction"], ended.data["done"]) == ("downgrade", True)
    for command in ("fsck", "gc"):
        refused = hub(command, "--data", folder)
        assert refused.code == 1
        assert "polaris hub migrate" in refused.err
    ended = hub("migrate", "--data", folder, "--dry-run", "--json")
    assert ended.data["steps"][0]["revision"] == "0003"
    assert not ended.data["done"]
    assert hub("migrate", "--data", folder).code == 0
    assert hub("fsck", "--data", folder, "--deep").code == 0


@pytest.mark.parametrize("command", [["migrate"], ["restore", "."]])
def test_a_hub_that_is_served_is_left_alone(
    hub: Polaris, folder: str, monkeypatch: pytest.MonkeyPatch, command: list[str], tmp_path: Path
) -> None:
    backups = str(tmp_path / "backups")
    assert hub("backup", backups, "--data", folder).code == 0
    monkeypatch.chdir(backups)
    monkeypatch.setattr("polaris.bootstrap.operators.PATIENCE", 0.0)
    with hub_locks(ServerSettings(data=Path(folder))).serving():
        ended = hub(*command, "--data", folder)
    assert ended.code == 7
    assert "being served" in ended.err


@pytest.mark.parametrize("command", [["backup", "backups"], ["gc"], ["fsck"], ["migrate"]])
def test_a_folder_without_a_hub_is_not_made_one(
    hub: Polaris, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = hub(*command, "--data", str(tmp_path / "nothing"), "--json")
    assert ended.code == 1
    assert "There is no hub" in json.loads(ended.err)["error"]["message"]
    assert not (tmp_path / "nothing").exists()


def test_what_makes_no_sense_is_refused(hub: Polaris, folder: str, tmp_path: Path) -> None:
    assert hub("migrate", "--data", folder, "--to", "9999").code == 2
    assert hub("gc", "--data", folder, "--grace-hours", "0").code == 2
    assert hub("fsck", "--data", folder, "--fast").code == 2
    assert hub("restore", str(tmp_path / "nothing"), "--data", str(tmp_path / "x")).code == 1
    assert hub("backup", "s3://bucket/x", "--verify", "--data", folder).code == 2
