from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
import pytest

from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.errors import ArtifactNotFoundError, ClosedError, PolarisHubError
from polaris.ports.artifacts import ArtifactQuery
from polaris.testing.fakes.manual_clock import ManualClock
from polaris.testing.suites.artifact_drafts import draft_of, publish
from polaris_adapters.sql_catalogue import SqlCatalogue, open_database, open_sqlite_catalogue
from tests.adapters.sql_catalogue.processes import fork_and_publish, publishing_all_the_time

DATASET = ArtifactKind.DATASET
HERE = ArtifactRef(DATASET, "acme", "here")


@pytest.fixture
def keeping(path: Path, clock: ManualClock) -> Iterator[SqlCatalogue]:
    """A catalogue that keeps connections, as that of a server does."""
    database = open_database(path, keep=2)
    yield SqlCatalogue(database, clock)
    database.close()


def connections(path: Path) -> int:
    """Count how often this process has a file open."""
    return [file.path for file in psutil.Process().open_files()].count(str(path))


async def test_one_connection_serves_one_transaction_after_the_other(
    keeping: SqlCatalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    await publish(keeping, draft_of("here"))
    connect, opened = sqlite3.connect, []

    def counting(*args: Any, **given: Any) -> sqlite3.Connection:
        opened.append(args)
        connection: sqlite3.Connection = connect(*args, **given)
        return connection

    monkeypatch.setattr(sqlite3, "connect", counting)
    for number in range(5):
        await keeping.get(HERE)
        await publish(keeping, draft_of("here", str(number)))
    assert opened == []


async def test_more_are_opened_where_those_that_are_kept_do_not_suffice(path: Path) -> None:
    database = open_database(path, keep=1)
    with database.reading() as first, database.reading() as second, database.reading() as third:
        for connection in (first, second, third):
            assert connection.exec_driver_sql("SELECT count(*) FROM artifacts").scalar() == 0
    database.close()
    assert connections(path) == 0


async def test_nothing_is_open_once_it_is_closed(keeping: SqlCatalogue, path: Path) -> None:
    await publish(keeping, draft_of("here"))
    await keeping.aclose()
    assert connections(path) == 0
    with pytest.raises(ClosedError):
        await keeping.get(HERE)


async def test_one_that_is_in_use_is_closed_afterwards(path: Path) -> None:
    database = open_database(path, keep=2)
    with database.reading():
        database.close()
        assert connections(path) == 1
    assert connections(path) == 0


async def test_what_others_write_is_seen(
    keeping: SqlCatalogue, path: Path, clock: ManualClock
) -> None:
    await publish(keeping, draft_of("here"))
    other = open_sqlite_catalogue(path, clock)
    await publish(other, draft_of("here", "a newer text"))
    assert (await keeping.get(HERE)).number == 2


async def test_a_file_that_takes_the_place_of_another_is_read(
    keeping: SqlCatalogue, path: Path, clock: ManualClock, tmp_path: Path
) -> None:
    await publish(keeping, draft_of("here"))
    other = open_sqlite_catalogue(tmp_path / "other.sqlite", clock)
    await publish(other, draft_of("there"))
    path.with_name("catalogue.sqlite-wal").unlink()
    path.with_name("catalogue.sqlite-shm").unlink()
    (tmp_path / "other.sqlite").replace(path)
    with pytest.raises(ArtifactNotFoundError):
        await keeping.get(HERE)
    page = await keeping.page(ArtifactQuery(DATASET))
    assert [record.ref.slug for record in page.records] == ["there"]


async def test_a_file_that_is_gone_is_said_to_be_gone(keeping: SqlCatalogue, path: Path) -> None:
    await publish(keeping, draft_of("here"))
    shutil.rmtree(path.parent)
    with pytest.raises(PolarisHubError, match="cannot be opened"):
        await publish(keeping, draft_of("lost"))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_forked_processes_begin_without_connections(keeping: SqlCatalogue, path: Path) -> None:
    asyncio.run(publish(keeping, draft_of("here")))
    assert connections(path) >= 1
    child = os.fork()
    if child == 0:
        code = 1
        try:
            inherited = connections(path)
            asyncio.run(publish(keeping, draft_of("child")))
            code = 2 if inherited else 0
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    page = asyncio.run(keeping.page(ArtifactQuery(DATASET)))
    assert {record.ref.slug for record in page.records} == {"here", "child"}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_forks_among_many_transactions_harm_neither_side(keeping: SqlCatalogue) -> None:
    with publishing_all_the_time(keeping) as written:
        codes = [_exit_code_of_child(keeping, number) for number in range(4)]
    assert codes == [0] * 4
    assert written == list(range(1, len(written) + 1))


def _exit_code_of_child(catalogue: SqlCatalogue, number: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(fork_and_publish(catalogue, number), 0)[1])
