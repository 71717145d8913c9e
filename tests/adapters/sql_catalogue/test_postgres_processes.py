"""Many processes, threads and forks on one PostgreSQL database, and what a kill leaves of them."""

from __future__ import annotations

import asyncio
import itertools
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import attrs
import pytest

from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.errors import PolarisError
from polaris.ports.artifacts import ArtifactQuery
from polaris.testing.fakes.manual_clock import ManualClock
from polaris.testing.suites.artifact_drafts import draft_of, publish
from polaris_adapters.sql_catalogue import Database, SqlCatalogue, SqlJobs, open_database
from tests.adapters.sql_catalogue.processes import publishing_all_the_time, started_at_once
from tests.postgres_server import PostgresServer

pytestmark = [pytest.mark.slow, pytest.mark.network]

DATASET = ArtifactKind.DATASET
SHARED = ArtifactRef(DATASET, "acme", "shared")
PROCESSES = 8
TURNS = 5

START = """
import asyncio, itertools, sys
from polaris.testing.fakes.manual_clock import ManualClock
from polaris.testing.suites.artifact_drafts import draft_of, publish
from polaris_adapters.sql_catalogue import open_catalogue, open_jobs

url, name = sys.argv[1:]
print("ready", flush=True)
sys.stdin.readline()
"""
# In the first turn all of them make the tables.
WRITE = f"""{START}
async def write():
    for turn in range({TURNS}):
        catalogue = open_catalogue(url, ManualClock())
        await publish(catalogue, draft_of(f"own-{{name}}-{{turn}}"))
        await publish(catalogue, draft_of("shared", f"{{name}} {{turn}}"))
        await catalogue.aclose()
asyncio.run(write())
"""
WRITE_FOR_EVER = f"""{START}
async def write():
    catalogue = open_catalogue(url, ManualClock())
    for turn in itertools.count():
        record = await publish(catalogue, draft_of("shared", f"{{name}} {{turn}}"))
        print(record.number, flush=True)
asyncio.run(write())
"""
WORK = f"""{START}
async def work():
    jobs = open_jobs(url, ManualClock())
    while (lease := await jobs.take(seconds=60)) is not None:
        await jobs.finish(lease, reason="none")
        print(lease.job.submission.slug, flush=True)
    await jobs.aclose()
asyncio.run(work())
"""


@pytest.fixture
def database_place(postgres_url: str) -> str:
    """Nothing here runs on SQLite."""
    return postgres_url


def test_processes_that_make_and_write_one_catalogue_lose_nothing(postgres_url: str) -> None:
    with started_at_once(WRITE, PROCESSES, [postgres_url, "{number}"]) as processes:
        outcomes = [process.communicate() for process in processes]
    assert [process.returncode for process in processes] == [0] * PROCESSES, outcomes
    with closing(open_database(postgres_url)) as database:
        catalogue = SqlCatalogue(database, ManualClock())
        page = asyncio.run(catalogue.page(ArtifactQuery(DATASET)))
        assert page.total == PROCESSES * TURNS + 1
        assert asyncio.run(catalogue.get(SHARED)).number == PROCESSES * TURNS


def test_killed_writers_lose_nothing_that_was_acknowledged(postgres_url: str) -> None:
    open_database(postgres_url).close()
    acknowledged = []
    with started_at_once(WRITE_FOR_EVER, 3, [postgres_url, "{number}"]) as processes:
        for process, last in zip(processes, (4, 9, 14), strict=True):
            assert process.stdout is not None
            for line in process.stdout:
                acknowledged.append(int(line))
                if acknowledged[-1] >= last:
                    process.kill()
    with closing(open_database(postgres_url, busy_timeout=5)) as database:
        # Whatever the killed ones held has been let go.
        catalogue = SqlCatalogue(database, ManualClock())
        record = asyncio.run(publish(catalogue, draft_of("shared", "last")))
    assert len(acknowledged) == len(set(acknowledged))
    assert record.number > max(acknowledged)
    # What was committed and not told before the kill is at most one for each.
    assert record.number - 1 - len(acknowledged) <= 3


def test_workers_of_several_processes_do_each_job_once(postgres_url: str) -> None:
    slugs = [f"item-{number:02}" for number in range(30)]
    with closing(open_database(postgres_url)) as database:
        catalogue = SqlCatalogue(database, ManualClock())
        for slug in slugs:
            draft = draft_of(slug, kind=ArtifactKind.PREDICTION)
            asyncio.run(publish(catalogue, attrs.evolve(draft, evaluate=True)))
        with started_at_once(WORK, 4, [postgres_url, "{number}"]) as processes:
            outcomes = [process.communicate() for process in processes]
        assert [process.returncode for process in processes] == [0] * 4, outcomes
        done = [slug for printed, _ in outcomes for slug in printed.split()]
        assert sorted(done) == slugs
        # More than one of them had something to do.
        assert sum(bool(printed) for printed, _ in outcomes) > 1


def test_a_job_that_a_worker_is_taking_is_passed_over(database: Database) -> None:
    clock = ManualClock()
    catalogue = SqlCatalogue(database, clock)
    for slug in ("first", "second"):
        draft = draft_of(slug, kind=ArtifactKind.PREDICTION)
        asyncio.run(publish(catalogue, attrs.evolve(draft, evaluate=True)))
        clock.advance(1)
    with database.writing("a worker on another machine") as connection:
        connection.exec_driver_sql("SELECT id FROM jobs ORDER BY id LIMIT 1 FOR UPDATE")
        lease = asyncio.run(SqlJobs(database, clock).take(seconds=60))
        assert lease is not None
        assert lease.job.submission.slug == "second"
        assert asyncio.run(SqlJobs(database, clock).take(seconds=60)) is None


def _at_once(work: Sequence[Callable[[], object]]) -> list[object]:
    barrier = threading.Barrier(len(work))

    def run(call: Callable[[], object]) -> object:
        barrier.wait()
        return call()

    with ThreadPoolExecutor(len(work)) as pool:
        return list(pool.map(run, work))


def test_commits_at_once_are_numbered_and_repeated_ones_are_one(database: Database) -> None:
    catalogue = SqlCatalogue(database, ManualClock())

    async def begin_all() -> list[object]:
        drafts = [draft_of("shared", f"content {number}") for number in range(8)]
        return [await catalogue.begin(draft) for draft in drafts]

    publications = asyncio.run(begin_all())
    # Each is committed twice, as by a caller who got no answer.
    calls = [
        lambda publication=publication: asyncio.run(catalogue.commit(publication))
        for publication in (*publications, *publications)
    ]
    records = _at_once(calls)
    numbers = [record.number for record in records]  # type: ignore[attr-defined]
    assert sorted(numbers) == sorted([*range(1, 9), *range(1, 9)])
    assert numbers[:8] == numbers[8:]
    assert asyncio.run(catalogue.get(SHARED)).number == 8


def test_connections_that_are_cut_all_the_time_lose_nothing(
    postgres_server: PostgresServer, postgres_url: str, database: Database
) -> None:
    catalogue = SqlCatalogue(database, ManualClock())
    failures = itertools.count()
    cuts = iter(range(40))
    done = threading.Event()

    def cut() -> None:
        for _ in cuts:
            postgres_server.cut_connections(postgres_url)
            done.wait(0.01)

    def write(name: int) -> Callable[[], int]:
        def run() -> int:
            for turn in range(15):
                draft = draft_of("shared", f"{name} {turn}")
                while True:
                    try:
                        asyncio.run(publish(catalogue, draft))
                    except PolarisError as error:
                        assert error.retryable, error  # noqa: PT017
                        next(failures)
                    else:
                        break
            return 15

        return run

    _at_once([cut, *(write(name) for name in range(4))])
    assert next(failures) > 0
    # Every content was published once, whatever was cut and repeated.
    assert asyncio.run(catalogue.get(SHARED)).number == 60


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_processes_forked_while_others_write_lose_nothing(database: Database) -> None:
    catalogue = SqlCatalogue(database, ManualClock())
    with publishing_all_the_time(catalogue) as written:
        children = [_fork_and_publish(catalogue, number) for number in range(8)]
        codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert codes == [0] * 8
    assert written == list(range(1, len(written) + 1))
    assert asyncio.run(catalogue.page(ArtifactQuery(DATASET, limit=0))).total == 9


def _fork_and_publish(catalogue: SqlCatalogue, number: int) -> int:
    child = os.fork()
    if child == 0:
        code = 1
        try:
            asyncio.run(publish(catalogue, draft_of(f"child-{number}")))
            asyncio.run(publish(catalogue, draft_of(f"child-{number}", "second")))
            asyncio.run(catalogue.aclose())
            code = 0
        finally:
            # Nothing of the test run may go on in the child.
            os._exit(code)
    return child


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_process_has_connections_of_its_own(database: Database) -> None:
    backend = "SELECT pg_backend_pid()"

    def ask() -> int:
        with database.reading() as connection:
            return int(connection.exec_driver_sql(backend).scalar_one())

    parents = ask()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = 0 if ask() != parents else 2
            database.close()
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    # It is still open, although the child has closed its own.
    assert ask() == parents


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_fork_leaves_the_transaction_of_its_parent_alone(database: Database) -> None:
    catalogue = SqlCatalogue(database, ManualClock())
    with database.writing("the parent") as connection:
        connection.exec_driver_sql("SELECT 1")
        child = _fork_and_publish(catalogue, 0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert connection.exec_driver_sql("SELECT count(*) FROM artifacts").scalar() == 1
    assert asyncio.run(publish(catalogue, draft_of("child-0", "third"))).number == 3
