from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

import polaris_adapters.sql_catalogue as adapter
from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.errors import HubBusyError, PolarisHubError
from polaris.ports.artifacts import ArtifactQuery
from polaris.testing.fakes.manual_clock import ManualClock
from polaris.testing.suites.artifact_drafts import draft_of, publish
from polaris_adapters.sql_catalogue import SqlCatalogue, open_sqlite_catalogue
from polaris_adapters.sql_catalogue.sqlite_database import SqliteDatabase
from polaris_adapters.sql_catalogue.tables import SCHEMA_REVISIONS

MOLECULES = ArtifactRef(ArtifactKind.DATASET, "acme", "molecules")


def _change(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(statement)


def test_the_known_revisions_are_those_of_the_migrations() -> None:
    config = Config()
    folder = Path(adapter.__file__).with_name("migrations")
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config).walk_revisions()
    assert tuple(script.revision for script in scripts)[::-1] == SCHEMA_REVISIONS


async def test_an_older_database_is_upgraded(path: Path, clock: ManualClock) -> None:
    path.parent.mkdir()
    # What Alembic leaves of a database that has been taken back to before the first revision.
    _change(path, "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
    catalogue = open_sqlite_catalogue(path, clock)
    record = await publish(catalogue, draft_of("molecules"))
    assert await open_sqlite_catalogue(path, clock).get(MOLECULES) == record


@pytest.mark.parametrize("left", [b"", None], ids=["empty", "without tables"])
def test_a_creation_that_was_cut_short_is_completed(
    path: Path, clock: ManualClock, left: bytes | None
) -> None:
    path.parent.mkdir()
    if left is None:
        _change(path, "PRAGMA journal_mode = WAL")
    else:
        path.write_bytes(left)
    catalogue = open_sqlite_catalogue(path, clock)
    assert asyncio.run(publish(catalogue, draft_of("molecules"))).number == 1


def test_a_file_that_is_no_database_is_refused(path: Path, clock: ManualClock) -> None:
    path.parent.mkdir()
    path.write_bytes(b"this is no database " * 500)
    with pytest.raises(PolarisHubError, match="damaged"):
        open_sqlite_catalogue(path, clock)
    assert path.read_bytes().startswith(b"this is")


def _overwrite_all_but_first_page(path: Path) -> None:
    """Leave what tells the tables, and nothing that they hold."""
    data = path.read_bytes()
    path.write_bytes(data[:4096] + b"\xff" * (len(data) - 4096))


async def test_a_damaged_database_is_one_clear_error(
    catalogue: SqlCatalogue, path: Path, clock: ManualClock
) -> None:
    await publish(catalogue, draft_of("molecules"))
    _overwrite_all_but_first_page(path)
    for work in (
        lambda: catalogue.get(MOLECULES),
        lambda: catalogue.page(ArtifactQuery(ArtifactKind.DATASET)),
        lambda: publish(catalogue, draft_of("molecules", "second")),
    ):
        with pytest.raises(PolarisHubError, match="damaged"):
            await work()
    with pytest.raises(PolarisHubError, match="damaged"):
        open_sqlite_catalogue(path, clock)


def test_a_removed_file_is_an_error_and_not_an_empty_hub(
    catalogue: SqlCatalogue, path: Path
) -> None:
    path.unlink()
    with pytest.raises(PolarisHubError, match="opened"):
        asyncio.run(catalogue.page(ArtifactQuery(ArtifactKind.DATASET)))
    assert not path.exists()


def test_a_folder_in_the_place_of_the_file_is_refused(path: Path, clock: ManualClock) -> None:
    path.mkdir(parents=True)
    with pytest.raises(PolarisHubError, match="opened"):
        open_sqlite_catalogue(path, clock)


def test_a_file_in_the_place_of_the_folder_is_refused(path: Path, clock: ManualClock) -> None:
    path.parent.write_bytes(b"")
    with pytest.raises(PolarisHubError, match="folder"):
        open_sqlite_catalogue(path, clock)


@contextmanager
def _read_only(folder: Path) -> Iterator[None]:
    """Take the right to write away; root has it always and is somebody else meanwhile."""
    folder.chmod(0o555)
    user = os.geteuid()
    try:
        if user == 0:
            os.seteuid(65534)
        yield
    finally:
        os.seteuid(user)
        folder.chmod(0o755)


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="needs the permissions of POSIX")
async def test_a_folder_that_cannot_be_written_is_one_clear_error(clock: ManualClock) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "catalogue.sqlite"
        with _read_only(folder):
            for wanted in (path, folder / "below" / "catalogue.sqlite"):
                with pytest.raises(PolarisHubError) as caught:
                    open_sqlite_catalogue(wanted, clock)
                assert "may write" in caught.value.hint
        catalogue = open_sqlite_catalogue(path, clock)
        with _read_only(folder):
            with pytest.raises(PolarisHubError) as caught:
                await catalogue.begin(draft_of("molecules"))
            assert "may write" in caught.value.hint


async def test_a_writer_that_does_not_let_go_makes_others_busy(
    catalogue: SqlCatalogue, path: Path, clock: ManualClock
) -> None:
    record = await publish(catalogue, draft_of("molecules"))
    impatient = open_sqlite_catalogue(path, clock, busy_timeout=0.01)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(HubBusyError) as caught:
            await impatient.begin(draft_of("molecules", "second"))
        assert caught.value.retryable
        # Readers and those who open do not wait.
        assert await impatient.get(MOLECULES) == record
        open_sqlite_catalogue(path, clock, busy_timeout=0.01)
        other.execute("COMMIT")
    assert (await publish(impatient, draft_of("molecules", "second"))).number == 2


@pytest.mark.parametrize("lock", ["EXCLUSIVE", "IMMEDIATE"])
def test_a_new_file_that_another_holds_is_busy(path: Path, clock: ManualClock, lock: str) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute(f"BEGIN {lock}")
        with pytest.raises(HubBusyError):
            open_sqlite_catalogue(path, clock, busy_timeout=0.02)
        other.execute("COMMIT")
    open_sqlite_catalogue(path, clock)


@pytest.mark.parametrize("lock", ["EXCLUSIVE", "IMMEDIATE"])
def test_a_new_file_that_another_is_making_is_waited_for(
    path: Path, clock: ManualClock, lock: str
) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute(f"BEGIN {lock}")
        release = threading.Timer(0.05, other.execute, ["COMMIT"])
        release.start()
        catalogue = open_sqlite_catalogue(path, clock)
        release.join()
    assert asyncio.run(publish(catalogue, draft_of("molecules"))).number == 1


def test_a_commit_is_synced_to_the_disk(catalogue: SqlCatalogue, path: Path) -> None:
    with SqliteDatabase(path, busy_timeout=1).writing() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    # 2 is FULL.
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


START = """
import asyncio, sys
from pathlib import Path
from polaris.domain.identity import ArtifactKind
from polaris.ports.artifacts import ArtifactQuery
from polaris.testing.fakes.manual_clock import ManualClock
from polaris_adapters.sql_catalogue import open_sqlite_catalogue

catalogue = open_sqlite_catalogue(Path(sys.argv[1]), ManualClock())
asyncio.run(catalogue.page(ArtifactQuery(ArtifactKind.DATASET)))
heavy = ("alembic", "mako", "sqlalchemy.orm", "pandas", "pytest")
print([name for name in heavy if name in sys.modules])
"""


def test_opening_and_reading_load_nothing_that_is_slow(path: Path) -> None:
    for _ in ("new", "there already"):
        done = subprocess.run(
            [sys.executable, "-c", START, str(path)], capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == "[]"


def test_any_event_loop_may_use_a_catalogue(catalogue: SqlCatalogue) -> None:
    record = asyncio.run(publish(catalogue, draft_of("molecules")))
    assert asyncio.run(catalogue.get(MOLECULES)) == record
