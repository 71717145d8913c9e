"""The suites of the ports on a real PostgreSQL server."""

from __future__ import annotations

import pytest

from polaris.ports.artifact_history import ArtifactHistory
from polaris.ports.artifacts import ArtifactRepository
from polaris.ports.jobs import JobQueue
from polaris.testing.fakes.manual_clock import ManualClock
from polaris.testing.suites.artifact_history import ArtifactHistorySuite
from polaris.testing.suites.artifacts import ArtifactsSuite
from polaris.testing.suites.jobs import JobsSuite
from polaris_adapters.sql_catalogue import Database, SqlCatalogue, SqlJobs
from polaris_adapters.sql_catalogue.history import SqlHistory

pytestmark = [pytest.mark.slow, pytest.mark.network]


@pytest.fixture
def database_place(postgres_url: str) -> str:
    """Nothing here runs on SQLite."""
    return postgres_url


class TestPostgresCatalogue(ArtifactsSuite):
    @pytest.fixture
    def artifacts(self, database: Database, clock: ManualClock) -> ArtifactRepository:
        return SqlCatalogue(database, clock)

    @pytest.fixture
    def reopened(self, other_database: Database, clock: ManualClock) -> ArtifactRepository:
        return SqlCatalogue(other_database, clock)


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
    def reopened(self, other_database: Database, clock: ManualClock) -> JobQueue:
        return SqlJobs(other_database, clock)
