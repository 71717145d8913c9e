from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from polaris.testing import UpkeepSuite
from polaris.testing.suites.upkeep_dump import UpkeepDumpSuite
from polaris_adapters.sql_catalogue.upkeep_dump import SqlDump
from polaris_adapters.sql_catalogue.upkeep_ledger import SqlRevisionLedger
from polaris_adapters.sql_catalogue.upkeep_locks import PostgresLocks, SqliteLocks
from polaris_adapters.sql_catalogue.upkeep_rows import SqlRowCheck
from polaris_adapters.sql_catalogue.upkeep_schema import SqlSchema
from tests.adapters.sql_catalogue.upkeep_fixtures import UpkeepFixtures
from tests.postgres_server import PostgresServer

# What runs the suite, beside the classes of the locks.
TESTED = (SqlDump, SqlRevisionLedger, SqlRowCheck, SqlSchema)


class TestOnSqlite(UpkeepFixtures, UpkeepSuite):
    @pytest.fixture
    def place(self, tmp_path: Path) -> Path:
        return tmp_path / "a hub, 100%?#" / "catalogue.sqlite"

    @pytest.fixture
    def other_place(self, tmp_path: Path) -> Path:
        return tmp_path / "other" / "catalogue.sqlite"

    @pytest.fixture
    def locks(self, tmp_path: Path) -> SqliteLocks:
        return SqliteLocks(tmp_path / "catalogue.sqlite", patience=0)


@pytest.mark.network
@pytest.mark.slow
class TestOnPostgres(UpkeepFixtures, UpkeepSuite):
    @pytest.fixture
    def place(self, postgres_url: str) -> str:
        return postgres_url

    @pytest.fixture
    def other_place(self, postgres_server: PostgresServer) -> Iterator[str]:
        url = postgres_server.new_database()
        yield url
        postgres_server.drop_database(url)

    @pytest.fixture
    def locks(self, postgres_url: str) -> PostgresLocks:
        return PostgresLocks(postgres_url, patience=0)


@pytest.mark.network
@pytest.mark.slow
class TestFromSqliteToPostgres(UpkeepFixtures, UpkeepDumpSuite):
    @pytest.fixture
    def place(self, tmp_path: Path) -> Path:
        return tmp_path / "catalogue.sqlite"

    @pytest.fixture
    def other_place(self, postgres_url: str) -> str:
        return postgres_url


@pytest.mark.network
@pytest.mark.slow
class TestFromPostgresToSqlite(UpkeepFixtures, UpkeepDumpSuite):
    @pytest.fixture
    def place(self, postgres_url: str) -> str:
        return postgres_url

    @pytest.fixture
    def other_place(self, tmp_path: Path) -> Path:
        return tmp_path / "catalogue.sqlite"
