"""Everything that `UpkeepSuite` asks for, over the databases that a test names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from polaris.ports.artifacts import ArtifactRepository
from polaris.testing.fakes.manual_clock import ManualClock
from polaris_adapters.sql_catalogue import Database, SqlCatalogue, SqlJobs, open_database
from polaris_adapters.sql_catalogue.history import SqlHistory
from polaris_adapters.sql_catalogue.sqlite_database import SqliteDatabase
from polaris_adapters.sql_catalogue.upkeep_dump import SqlDump
from polaris_adapters.sql_catalogue.upkeep_ledger import SqlRevisionLedger
from polaris_adapters.sql_catalogue.upkeep_rows import SqlRowCheck
from polaris_adapters.sql_catalogue.upkeep_schema import SqlSchema


class UpkeepFixtures:
    """Fixtures over ``place`` and ``other_place``, each a path or a URL of an empty database."""

    @pytest.fixture
    def clock(self) -> ManualClock:
        return ManualClock()

    @pytest.fixture
    def database(self, place: str | Path) -> Iterator[Database]:
        database = open_database(place)
        yield database
        database.close()

    @pytest.fixture
    def artifacts(self, database: Database, clock: ManualClock) -> SqlCatalogue:
        return SqlCatalogue(database, clock)

    @pytest.fixture
    def history(self, database: Database, clock: ManualClock) -> SqlHistory:
        return SqlHistory(database, clock)

    @pytest.fixture
    def jobs(self, database: Database, clock: ManualClock) -> SqlJobs:
        return SqlJobs(database, clock)

    @pytest.fixture
    def ledger(self, database: Database) -> SqlRevisionLedger:
        return SqlRevisionLedger(database)

    @pytest.fixture
    def rows(self, database: Database) -> SqlRowCheck:
        return SqlRowCheck(database)

    @pytest.fixture
    def schema(self, database: Database) -> SqlSchema:
        return SqlSchema(database)

    @pytest.fixture
    def dump(self, database: Database) -> SqlDump:
        return SqlDump(database, part_bytes=300)

    @pytest.fixture
    def other_dump(self, other_place: str | Path) -> Iterator[SqlDump]:
        database = open_database(other_place, prepare=False)
        if isinstance(database, SqliteDatabase):
            database.make_file()
        yield SqlDump(database)
        database.close()

    @pytest.fixture
    def open_other(
        self, other_place: str | Path, clock: ManualClock
    ) -> Iterator[Callable[[], ArtifactRepository]]:
        opened: list[Database] = []

        def opening() -> SqlCatalogue:
            opened.append(open_database(other_place))
            return SqlCatalogue(opened[-1], clock)

        yield opening
        for database in opened:
            database.close()
