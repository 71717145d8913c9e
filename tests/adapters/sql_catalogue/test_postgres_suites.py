"""The suites of the ports on a real PostgreSQL server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from polaris.ports.artifact_history import ArtifactHistory
from polaris.ports.artifacts import ArtifactRepository
from polaris.ports.jobs import JobQueue
from polaris.testing.fakes.manual_clock import ManualClock
from polaris.testing.suites.artifact_history import ArtifactHistorySuite
from polaris.testing.suites.artifacts import ArtifactsSuite
from polaris.testing.suites.jobs import JobsSuite
from polaris_adapters.sql_catalogue import Database, SqlCatalogue, SqlJobs, open_database
from polaris_adapters.sql_catalogue.history import SqlHistory

pytestmark = [pytest.mark.slow, pytest.mark.network]


@pytest.fixture
def database(postgres_url: str) -> Iterator[Database]:
    opened = open_database(postgres_url)
    yield opened
    opened.close()


@pytest.fixture
def other(database: Database, postgres_url: str) -> Iterator[Database]:
    """The same database, as another process would open it."""
    opened = open_database(postgres_url)
    yield opened
    opened.close()


class TestPostgresCatalogue(ArtifactsSuite):
    @pytest.fixture
    def artifacts(self, database: Database, clock: ManualClock) -> ArtifactRepository:
        return SqlCatalogue(database, clock)

    @pytest.fixture
    def reopened(self, other: Database, clock: ManualClock) -> ArtifactRepository:
        return SqlCatalogue(other, clock)


class TestPostgresHistory(ArtifactHistorySuite):
    @pytest.fixture
    def artifacts(self, database: Database, clock: ManualClock) -> ArtifactRepository:
        return SqlCatalogue(database, clock)

    @pytest.fixture
    def history(self, database: Database, clock: ManualClock) -> ArtifactHistory:
        return SqlHistory(database, clock)


class TestPostgresJobs(JobsSuite):
    @pytest.fixture
    def artifacts(self, database: Database, clock: ManualClock) -> ArtifactRepository:
        return SqlCatalogue(database, clock)

    @pytest.fixture
    def jobs(self, database: Database, clock: ManualClock) -> JobQueue:
        return SqlJobs(database, clock)

    @pytest.fixture
    def reopened(self, other: Database, clock: ManualClock) -> JobQueue:
        return SqlJobs(other, clock)
