"""Connections to a real PostgreSQL server that break or are refused, and servers that end."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from sqlalchemy import text

from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.errors import (
    HubBusyError,
    HubUnavailableError,
    HubUnreachableError,
    PolarisHubError,
)
from polaris.testing.fakes.manual_clock import ManualClock
from polaris.testing.suites.artifact_drafts import draft_of, publish
from polaris_adapters.sql_catalogue import Database, SqlCatalogue, open_database
from polaris_adapters.sql_catalogue.postgres_database import PostgresDatabase
from polaris_adapters.sql_catalogue.upkeep_locks import PostgresLocks
from tests.adapters.sql_catalogue.artifact_rows import COUNT, INSERT, count_rows, insert_row
from tests.postgres_server import PostgresServer, own_postgres

pytestmark = [pytest.mark.slow, pytest.mark.network]

REF = ArtifactRef(ArtifactKind.DATASET, "acme", "molecules")


@pytest.fixture
def database_place(postgres_url: str) -> str:
    """Nothing here runs on SQLite."""
    return postgres_url


def test_connections_that_were_cut_are_replaced(
    postgres_server: PostgresServer, database: Database, postgres_url: str
) -> None:
    assert count_rows(database) == 0
    postgres_server.cut_connections(postgres_url)
    insert_row(database, "new", "a name")
    assert count_rows(database) == 1


def test_a_connection_cut_in_a_transaction_undoes_it_and_may_be_tried_again(
    postgres_server: PostgresServer, database: Database, postgres_url: str
) -> None:
    def write(*, before_commit: bool) -> None:
        with database.writing("a name") as connection:
            connection.execute(INSERT, {"slug": "new"})
            postgres_server.cut_connections(postgres_url)
            if not before_commit:
                connection.execute(COUNT)

    for before_commit in (False, True):
        with pytest.raises((HubUnreachableError, HubUnavailableError)) as caught:
            write(before_commit=before_commit)
        assert caught.value.retryable
    assert count_rows(database) == 0
    # Nothing of it holds a lock.
    insert_row(database, "new", "a name")


def test_what_a_body_raises_is_told_although_the_connection_is_cut(
    postgres_server: PostgresServer, database: Database, postgres_url: str
) -> None:
    def fail() -> None:
        with database.writing() as connection:
            connection.execute(INSERT, {"slug": "new"})
            postgres_server.cut_connections(postgres_url)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert count_rows(database) == 0


def test_a_writer_that_falls_silent_lets_go(
    database: Database,
) -> None:
    def fall_silent() -> None:
        with database.writing() as connection:
            connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 1"))
            connection.execute(INSERT, {"slug": "new"})
            threading.Event().wait(0.2)

    with pytest.raises((HubUnavailableError, HubUnreachableError)) as caught:
        fall_silent()
    assert caught.value.retryable
    with database.writing() as connection:
        setting = connection.execute(text("SHOW idle_in_transaction_session_timeout"))
        assert setting.scalar_one() == "1min"
    assert count_rows(database) == 0


def test_a_deadlock_over_rows_makes_one_writer_busy(
    database: Database, other_database: Database
) -> None:
    for slug in ("a", "b"):
        insert_row(database, slug)
    both_hold = threading.Barrier(2)
    lock = text("SELECT id FROM artifacts WHERE slug = :slug FOR UPDATE")

    def hold(where: Database, order: str) -> str:
        try:
            with where.writing(order) as connection:
                connection.execute(text("SET LOCAL lock_timeout = 0"))
                connection.execute(lock, {"slug": order[0]})
                both_hold.wait()
                connection.execute(lock, {"slug": order[1]})
        except HubBusyError:
            return "busy"
        return "done"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(hold, (database, other_database), ("ab", "ba")))
    assert outcomes == ["busy", "done"]


def test_signing_in_may_be_refused(
    postgres_server: PostgresServer, database: Database, postgres_url: str
) -> None:
    name = postgres_url.partition("@/")[2].partition("?")[0]
    postgres_server.execute("DROP ROLE IF EXISTS guarded")
    postgres_server.execute("CREATE ROLE guarded LOGIN PASSWORD 'correct/horse@#?'")
    for url, words, hint in (
        (postgres_server.url(name, user="guarded", password="wrong-horse"), "refused", "password"),
        (postgres_server.url(name, user="guarded"), "refused", "PGPASSWORD"),
        (postgres_server.url(name, user="nobody_at_all"), "refused the user", "user"),
        (postgres_server.url("nowhere"), "cannot be opened", "createdb"),
    ):
        with pytest.raises(PolarisHubError, match=words) as caught:
            open_database(url)
        assert not caught.value.retryable
        assert hint in caught.value.hint
        assert "wrong-horse" not in str(caught.value)
    right = postgres_server.url(name, user="guarded", password="correct/horse@#?")
    with (
        closing(PostgresDatabase(right)) as stranger,
        pytest.raises(PolarisHubError, match="does not allow") as caught,
    ):
        count_rows(stranger)
    assert "owner" in caught.value.hint


def test_a_server_without_free_connections_is_busy(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    name = postgres_url.partition("@/")[2].partition("?")[0]
    postgres_server.execute("DROP ROLE IF EXISTS crowd")
    postgres_server.execute("CREATE ROLE crowd LOGIN CONNECTION LIMIT 0")
    with pytest.raises(HubUnavailableError, match="no connection left") as caught:
        open_database(postgres_server.url(name, user="crowd"))
    assert caught.value.retryable
    assert "max_connections" in caught.value.hint


def test_a_database_that_may_only_be_read_can_be_read(
    postgres_server: PostgresServer, database: Database, postgres_url: str
) -> None:
    name = postgres_url.partition("@/")[2].partition("?")[0]
    postgres_server.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    standby = open_database(postgres_url)
    assert count_rows(standby) == 0
    with pytest.raises(PolarisHubError, match="may only be read") as caught:
        insert_row(standby, "new")
    assert "primary" in caught.value.hint
    standby.close()


def test_a_database_with_few_characters_is_refused(postgres_server: PostgresServer) -> None:
    url = postgres_server.new_database(encoding="LATIN1")
    with pytest.raises(PolarisHubError, match="LATIN1") as caught:
        open_database(url)
    assert "UTF8" in caught.value.hint
    postgres_server.drop_database(url)


def test_a_restart_or_a_crash_of_the_server_heals_by_itself(
    clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    with own_postgres() as server:
        artifacts = SqlCatalogue(open_database(server.new_database()), clock)
        first = asyncio.run(publish(artifacts, draft_of("molecules", "first")))
        for end in (server.stop, server.kill):
            end()
            with pytest.raises(HubUnreachableError) as caught:
                asyncio.run(artifacts.get(REF))
            assert caught.value.retryable
            server.start()
            assert asyncio.run(artifacts.get(REF)) == first
            assert asyncio.run(publish(artifacts, draft_of("molecules", "first"))) == first
        server.execute("ALTER SYSTEM SET fsync = off")
        server.stop()
        server.start()
        with caplog.at_level(logging.WARNING):
            open_database(server.url("polaris_0")).close()
        assert "fsync = off" in caplog.text
        asyncio.run(artifacts.aclose())


def test_a_hub_that_is_served_stays_locked_when_the_server_has_crashed() -> None:
    with own_postgres() as server:
        locks = PostgresLocks(server.new_database(), patience=0)

        def is_free() -> bool:
            try:
                with locks.serving(alone=True):
                    return True
            except HubBusyError:
                return False

        with locks.serving():
            for end in (server.kill, server.stop):
                end()
                server.start()
                deadline = time.monotonic() + 30
                while is_free():
                    assert time.monotonic() < deadline, "the lock is not taken again"
                    time.sleep(0.05)
            assert not is_free()
        assert is_free()
        with locks.serving():
            server.kill()
        server.start()
        assert is_free()


def test_the_servers_own_words_are_not_lost(database: Database) -> None:
    with pytest.raises(PolarisHubError, match="does not exist"), database.reading() as connection:
        connection.execute(text("SELECT no_such_function()"))
    with pytest.raises(PolarisHubError, match="42601"), database.reading() as connection:
        connection.execute(text("SELEKT"))


def test_what_is_written_is_not_in_errors(database: Database) -> None:
    with pytest.raises(PolarisHubError) as caught, database.writing() as connection:
        connection.execute(text("INSERT INTO nowhere VALUES (:digest)"), {"digest": "s3cr3t"})
    assert "lacks tables" in caught.value.message
    assert "s3cr3t" not in f"{caught.value}{caught.value.__cause__}"
    insert_row(database, "s3cr3t")
    with pytest.raises(PolarisHubError, match="duplicate key") as caught:
        insert_row(database, "s3cr3t")
    assert "s3cr3t" not in str(caught.value)
