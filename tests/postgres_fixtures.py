"""Databases for any test: a real PostgreSQL server, and a parameter that runs a test on both kinds.

    async def test_it_is_kept(database: Database) -> None:          # on SQLite and on PostgreSQL
        store = SqlThings(database)

    @pytest.mark.slow
    @pytest.mark.network
    async def test_it_is_kept_there(postgres_url: str) -> None:     # on PostgreSQL alone
        store = SqlThings(open_database(postgres_url))

See `tests/postgres_server.py` for servers that a test may kill.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from polaris_adapters.sql_catalogue import Database, open_database

if TYPE_CHECKING:
    # pytest loads this wherever tests run, also where what it takes to reach a server is missing.
    from tests.postgres_server import PostgresServer


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A server for all tests of a run (of each worker of pytest-xdist); do not stop it."""
    from tests.postgres_server import own_postgres

    with own_postgres() as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The URL of an empty database, a new one for each test; mark the test `network`, `slow`."""
    url = postgres_server.new_database()
    yield url
    postgres_server.drop_database(url)


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgresql", marks=[pytest.mark.slow, pytest.mark.network]),
    ]
)
def database_place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a database may be made, for `open_database`: a SQLite file, then a PostgreSQL URL."""
    if request.param == "sqlite":
        return str(tmp_path / "hub" / "catalogue.sqlite")
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def database(database_place: str) -> Iterator[Database]:
    """A database with the tables of a hub, on SQLite and on PostgreSQL."""
    opened = open_database(database_place)
    yield opened
    opened.close()


@pytest.fixture
def other_database(database: Database, database_place: str) -> Iterator[Database]:
    """The same database once more, without the connections of the first one."""
    opened = open_database(database_place)
    yield opened
    opened.close()
