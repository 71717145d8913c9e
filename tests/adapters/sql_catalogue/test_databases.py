"""What the stores rely on, on both kinds of databases."""

from __future__ import annotations

import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import attrs
import pytest
from sqlalchemy import text

from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.errors import ClosedError, InvalidInputError, PolarisHubError
from polaris.testing.fakes.manual_clock import ManualClock
from polaris.testing.suites.artifact_drafts import draft_of, publish
from polaris_adapters.sql_catalogue import Database, SqlCatalogue, SqlJobs, open_database

COUNT = text("SELECT count(*) FROM artifacts")
INSERT = text("INSERT INTO artifacts (kind, owner, slug) VALUES ('dataset', 'acme', :slug)")


def _count(database: Database) -> int:
    with database.reading() as connection:
        return int(connection.execute(COUNT).scalar_one())


def test_a_reader_sees_one_state_throughout(database: Database, other_database: Database) -> None:
    with database.reading() as connection:
        assert connection.execute(COUNT).scalar_one() == 0
        with other_database.writing("new") as other:
            other.execute(INSERT, {"slug": "new"})
        assert connection.execute(COUNT).scalar_one() == 0
    assert _count(database) == 1


@pytest.mark.parametrize("names", [(), ("a",), ("b", "a", "b")])
def test_what_fails_is_undone(database: Database, names: tuple[str, ...]) -> None:
    def fail() -> None:
        with database.writing(*names) as connection:
            connection.execute(INSERT, {"slug": "new"})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert _count(database) == 0


def test_a_writer_sees_what_the_one_before_it_left(database: Database) -> None:
    def add_one(_: int) -> None:
        with database.writing("the counter") as connection:
            count = connection.execute(COUNT).scalar_one()
            connection.execute(INSERT, {"slug": f"item-{count}"})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add_one, range(12)))
    assert _count(database) == 12


def test_half_a_character_is_refused(database: Database) -> None:
    with pytest.raises(InvalidInputError, match="halves"), database.writing() as connection:
        connection.execute(INSERT, {"slug": "half \ud800 of one"})
    assert _count(database) == 0


def test_a_closed_database_says_so(database: Database) -> None:
    database.close()
    database.close()
    for opened in (database.reading(), database.writing("a"), database.migrating()):
        with pytest.raises(ClosedError), opened:
            pytest.fail("a closed database was opened")


async def test_the_strangest_reason_is_kept(database: Database, clock: ManualClock) -> None:
    draft = attrs.evolve(draft_of("forest", kind=ArtifactKind.PREDICTION), evaluate=True)
    await publish(SqlCatalogue(database, clock), draft)
    jobs = SqlJobs(database, clock)
    lease = await jobs.take(seconds=60)
    assert lease is not None
    done = await jobs.finish(lease, reason="no column 'a\0b' in \udcff.csv, 分子")
    assert done.reason == "no column 'a\\x00b' in \\udcff.csv, 分子"
    assert list(await jobs.find(draft.ref)) == [done]


def test_rows_that_lead_nowhere_stop_a_migration_of_sqlite(
    tmp_path: Path, clock: ManualClock
) -> None:
    path = tmp_path / "catalogue.sqlite"
    database = open_database(path)
    asyncio.run(publish(SqlCatalogue(database, clock), draft_of("molecules")))
    with closing(sqlite3.connect(path, isolation_level=None)) as damaging:
        damaging.execute("UPDATE revisions SET artifact_id = 77")
    refused = pytest.raises(PolarisHubError, match="row of revisions refers to one of artifacts")
    with refused, database.migrating() as connection:
        connection.execute(text("UPDATE artifacts SET slug = 'changed'"))
    with database.reading() as connection:
        found = connection.execute(text("SELECT slug FROM artifacts")).scalar_one()
    assert found == ArtifactRef(ArtifactKind.DATASET, "acme", "molecules").slug
