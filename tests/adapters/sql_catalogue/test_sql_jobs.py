from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import attrs
import pytest

from polaris.domain.identity import ArtifactKind
from polaris.errors import ClosedError
from polaris.ports.artifacts import ArtifactQuery, ArtifactRepository
from polaris.ports.jobs import JobQueue
from polaris.testing.fakes.manual_clock import ManualClock
from polaris.testing.suites.artifact_drafts import draft_of
from polaris.testing.suites.jobs import JobsSuite
from polaris_adapters.sql_catalogue import (
    SqlCatalogue,
    SqlJobs,
    open_sqlite_catalogue,
    open_sqlite_jobs,
)

_check: type[JobQueue] = SqlJobs


class TestSqliteJobs(JobsSuite):
    @pytest.fixture
    def artifacts(self, path: Path, clock: ManualClock) -> ArtifactRepository:
        return open_sqlite_catalogue(path, clock)

    @pytest.fixture
    def jobs(self, path: Path, clock: ManualClock) -> JobQueue:
        return open_sqlite_jobs(path, clock)

    @pytest.fixture
    def reopened(self, path: Path, clock: ManualClock) -> JobQueue:
        return open_sqlite_jobs(path, clock)


@pytest.fixture
def database(catalogue: SqlCatalogue, path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


async def test_a_commit_that_fails_makes_no_job(
    catalogue: SqlCatalogue, database: sqlite3.Connection, path: Path, clock: ManualClock
) -> None:
    draft = attrs.evolve(draft_of("forest", kind=ArtifactKind.PREDICTION), evaluate=True)
    publication = await catalogue.begin(draft)
    # The last statement of the commit fails: nothing of it may be left.
    database.execute(
        "CREATE TRIGGER no_jobs BEFORE INSERT ON jobs BEGIN SELECT RAISE(ABORT, 'full'); END"
    )
    with pytest.raises(Exception, match="full"):
        await catalogue.commit(publication)
    assert (await catalogue.page(ArtifactQuery(ArtifactKind.PREDICTION))).total == 0
    database.execute("DROP TRIGGER no_jobs")
    await catalogue.commit(publication)
    assert len(await open_sqlite_jobs(path, clock).find(draft.ref)) == 1


async def test_the_queue_is_read_in_the_order_of_its_index(
    catalogue: SqlCatalogue, database: sqlite3.Connection
) -> None:
    plan = database.execute(
        "EXPLAIN QUERY PLAN SELECT id FROM jobs WHERE state IN ('waiting', 'running') "
        "AND due_at <= 5 ORDER BY due_at, id LIMIT 1"
    ).fetchall()
    text = " ".join(str(row[3]) for row in plan)
    assert "ix_jobs_due" in text
    assert "TEMP B-TREE" not in text


async def test_a_closed_queue_says_so(path: Path, clock: ManualClock) -> None:
    jobs = open_sqlite_jobs(path, clock)
    await jobs.aclose()
    with pytest.raises(ClosedError):
        await jobs.take(seconds=1)
