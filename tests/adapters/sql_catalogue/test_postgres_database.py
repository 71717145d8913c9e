"""Transactions on a real PostgreSQL server, and what happens when it refuses or breaks them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.errors import (
    ClosedError,
    HubBusyError,
    HubUnavailableError,
    InvalidInputError,
    PolarisHubError,
)
from polaris.testing.fakes.manual_clock import ManualClock
from polaris.testing.suites.artifact_drafts import draft_of, publish
from polaris_adapters.sql_catalogue import SqlCatalogue, open_database
from polaris_adapters.sql_catalogue.postgres_database import PostgresDatabase
from tests.adapters.sql_catalogue.artifact_rows import COUNT, INSERT, count_rows, insert_row
from tests.postgres_server import PostgresServer

pytestmark = [pytest.mark.slow, pytest.mark.network]

REF = ArtifactRef(ArtifactKind.DATASET, "acme", "molecules")


@pytest.fixture
def database(postgres_url: str) -> Iterator[PostgresDatabase]:
    """A database whose writers wait for each other for a moment only."""
    open_database(postgres_url).close()
    opened = PostgresDatabase(postgres_url, busy_timeout=0.1)
    yield opened
    opened.close()


@pytest.fixture
def other(database: PostgresDatabase, postgres_url: str) -> Iterator[PostgresDatabase]:
    opened = PostgresDatabase(postgres_url, busy_timeout=0.1)
    yield opened
    opened.close()


def _connections(server: PostgresServer, *, expected: int) -> int:
    """Count the connections of hubs; the server notices one that is closed a moment later."""
    query = (
        "SELECT count(*) FROM pg_stat_activity, pg_sleep(0.01) WHERE application_name = 'polaris'"
    )
    counts = (int(server.execute(query)[0][0]) for _ in range(500))
    return next((count for count in counts if count == expected), -1)


def test_a_reader_cannot_write(database: PostgresDatabase) -> None:
    with pytest.raises(PolarisHubError, match="may only be read"), database.reading() as connection:
        connection.execute(INSERT, {"slug": "new"})


@pytest.mark.parametrize(
    ("held", "wanted", "is_busy"),
    [
        ((), (), True),
        ((), ("a",), True),
        (("a",), (), True),
        (("a",), ("a",), True),
        (("a", "b"), ("b", "c"), True),
        (("a",), ("b",), False),
    ],
)
def test_writers_wait_for_those_that_have_a_name_in_common(
    database: PostgresDatabase,
    other: PostgresDatabase,
    held: tuple[str, ...],
    wanted: tuple[str, ...],
    is_busy: bool,
) -> None:
    with database.writing(*held) as connection:
        connection.execute(INSERT, {"slug": "first"})
        if is_busy:
            with pytest.raises(HubBusyError):
                insert_row(other, "second", *wanted)
        else:
            insert_row(other, "second", *wanted)
    assert count_rows(other) == (1 if is_busy else 2)
    insert_row(other, "third", *wanted)


def test_a_migration_is_alone(database: PostgresDatabase, other: PostgresDatabase) -> None:
    with database.migrating(), pytest.raises(HubBusyError):
        insert_row(other, "new", "a name")
    is_in = threading.Event()

    def migrate() -> None:
        with database.migrating():
            is_in.set()

    with ThreadPoolExecutor(1) as pool:
        with other.writing("a name"):
            waiting = pool.submit(migrate)
            # It waits for longer than writers do.
            assert not is_in.wait(0.3)
        waiting.result()
    assert is_in.is_set()


def test_what_a_writer_sees_is_what_the_one_before_it_left(postgres_url: str) -> None:
    open_database(postgres_url).close()
    database = PostgresDatabase(postgres_url)

    def add_one(_: int) -> None:
        with database.writing("the counter") as connection:
            count = connection.execute(COUNT).scalar_one()
            connection.execute(INSERT, {"slug": f"item-{count}"})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add_one, range(40)))
    assert count_rows(database) == 40
    database.close()


def test_a_name_taken_in_another_order_is_no_deadlock(postgres_url: str) -> None:
    open_database(postgres_url).close()
    database = PostgresDatabase(postgres_url)
    orders = [("a", "b", "c"), ("c", "b", "a"), (), ("b",), ("c", "a")]

    def write(number: int) -> None:
        insert_row(database, f"item-{number}", *orders[number % len(orders)])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(60)))
    assert count_rows(database) == 60
    database.close()


@pytest.mark.parametrize("default", ["off", "on", "remote_apply", "local"])
def test_a_commit_waits_for_the_disk(
    postgres_server: PostgresServer, postgres_url: str, default: str
) -> None:
    name = postgres_url.partition("@/")[2].partition("?")[0]
    postgres_server.execute(f"ALTER DATABASE {name} SET synchronous_commit = {default}")
    database = open_database(postgres_url)
    expected = "on" if default == "off" else default
    for opened in (database.writing(), database.writing("a"), database.migrating()):
        with opened as connection:
            found = connection.execute(text("SHOW synchronous_commit")).scalar_one()
        assert found == expected
    database.close()


@pytest.mark.parametrize("value", ["a\0b", "half \ud800 of one"])
def test_what_is_no_text_is_refused(database: PostgresDatabase, value: str) -> None:
    with pytest.raises(InvalidInputError, match="NUL"):
        insert_row(database, value)
    with pytest.raises(InvalidInputError), database.reading() as connection:
        connection.execute(text("SELECT 1 WHERE 'x' = :value"), {"value": value})
    assert count_rows(database) == 0


async def test_a_document_may_hold_escaped_nul_characters(
    database: PostgresDatabase, clock: ManualClock
) -> None:
    document = {"name": "a\0b", "分子": ["𝄞", "\x7f", "\u2028"]}
    artifacts = SqlCatalogue(database, clock)
    record = await publish(artifacts, draft_of("molecules", document=document))
    assert (await artifacts.get(REF)).document == document == record.document


def test_connections_are_bounded(
    postgres_server: PostgresServer, database: PostgresDatabase, postgres_url: str
) -> None:
    few = PostgresDatabase(postgres_url, busy_timeout=0.1, connections=2)
    refused = pytest.raises(HubUnavailableError, match="all connections")
    with few.reading(), few.reading(), refused, few.reading():
        pytest.fail("a third connection was opened")
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: count_rows(few), range(30)))
    database.close()
    assert _connections(postgres_server, expected=2) == 2
    few.close()


def test_a_closed_database_says_so_and_leaves_no_connection(
    postgres_server: PostgresServer, database: PostgresDatabase
) -> None:
    with database.reading() as connection:
        database.close()
        database.close()
        assert connection.execute(COUNT).scalar_one() == 0
    for work in (database.reading, database.writing, database.migrating):
        with pytest.raises(ClosedError), work():
            pytest.fail("a closed database was opened")
    assert _connections(postgres_server, expected=0) == 0


def test_a_pooled_connection_is_as_new(database: PostgresDatabase) -> None:
    with database.reading():
        pass
    with database.migrating() as connection:
        connection.execute(text("CREATE TABLE made_by_a_writer (x INTEGER)"))
    names = ("transaction_read_only", "transaction_isolation", "lock_timeout")
    with database.writing() as connection:
        found = [connection.execute(text(f"SHOW {name}")).scalar_one() for name in names]
    assert found == ["off", "read committed", "100ms"]
