from __future__ import annotations

import asyncio
import os
import threading
import time
from pathlib import Path

import pytest

from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.ports.artifacts import ArtifactQuery
from polaris.testing.fakes.manual_clock import ManualClock
from polaris.testing.suites.artifact_drafts import draft_of, publish
from polaris_adapters.sql_catalogue import SqlCatalogue, open_sqlite_catalogue
from polaris_adapters.sql_catalogue.sqlite_database import SqliteDatabase
from tests.adapters.sql_catalogue.processes import (
    fork_and_publish,
    publishing_all_the_time,
    started_at_once,
)

DATASET = ArtifactKind.DATASET
SHARED = ArtifactRef(DATASET, "acme", "shared")
PROCESSES = 3
TURNS = 5

WRITE = """
import asyncio, sys
from pathlib import Path
from polaris.testing.fakes.manual_clock import ManualClock
from polaris.testing.suites.artifact_drafts import draft_of, publish
from polaris_adapters.sql_catalogue import open_sqlite_catalogue

async def write():
    # In the first turn all of them make the file.
    for turn in range(int(sys.argv[3])):
        catalogue = open_sqlite_catalogue(Path(sys.argv[1]), ManualClock())
        await publish(catalogue, draft_of(f"own-{sys.argv[2]}-{turn}"))
        await publish(catalogue, draft_of("shared", f"{sys.argv[2]} {turn}"))

print("ready", flush=True)
sys.stdin.readline()
asyncio.run(write())
"""


def test_processes_that_make_and_write_one_catalogue_lose_nothing(
    path: Path, clock: ManualClock
) -> None:
    arguments = [str(path), "{number}", str(TURNS)]
    with started_at_once(WRITE, PROCESSES, arguments) as processes:
        outcomes = [process.communicate() for process in processes]
    assert [process.returncode for process in processes] == [0] * PROCESSES, outcomes

    async def read() -> None:
        catalogue = open_sqlite_catalogue(path, clock)
        page = await catalogue.page(ArtifactQuery(DATASET))
        assert page.total == PROCESSES * TURNS + 1
        assert (await catalogue.get(SHARED)).number == PROCESSES * TURNS

    asyncio.run(read())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_processes_forked_while_others_write_lose_nothing(catalogue: SqlCatalogue) -> None:
    with publishing_all_the_time(catalogue) as written:
        children = [fork_and_publish(catalogue, number) for number in range(4)]
        codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert codes == [0] * 4
    assert written == list(range(1, len(written) + 1))
    page = asyncio.run(catalogue.page(ArtifactQuery(DATASET)))
    expected = {f"child-{number}" for number in range(4)} | ({"parent"} if written else set())
    assert {record.ref.slug for record in page.records} == expected


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_fork_waits_for_transactions_that_are_open(catalogue: SqlCatalogue, path: Path) -> None:
    database = SqliteDatabase(path, busy_timeout=1)
    is_open, forking = threading.Event(), threading.Event()
    order: list[str] = []

    def read() -> None:
        with database.reading():
            is_open.set()
            forking.wait()
            # Long enough for a fork that does not wait to come first.
            time.sleep(0.1)
            order.append("read")

    thread = threading.Thread(target=read)
    thread.start()
    is_open.wait()
    forking.set()
    child = os.fork()
    if child == 0:
        os._exit(0 if order == ["read"] else 1)
    thread.join()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert asyncio.run(publish(catalogue, draft_of("molecules"))).number == 1
