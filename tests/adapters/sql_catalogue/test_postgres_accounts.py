"""The suites of accounts, credentials and what servers share, on a real PostgreSQL server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from polaris.ports.accounts import AccountStore
from polaris.ports.attempts import AttemptStore
from polaris.ports.credentials import CredentialStore
from polaris.ports.keys import HubKeys
from polaris.ports.replies import ReplyStore
from polaris.testing import (
    AccountStoreSuite,
    AttemptStoreSuite,
    CredentialStoreSuite,
    HubKeysSuite,
    ReplyStoreSuite,
)
from polaris_adapters.sql_catalogue import (
    Database,
    SqlAccounts,
    SqlAttempts,
    SqlCredentials,
    SqlKeys,
    SqlReplies,
    open_database,
)

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


class TestPostgresAccounts(AccountStoreSuite):
    @pytest.fixture
    def accounts(self, database: Database) -> AccountStore:
        return SqlAccounts(database)

    @pytest.fixture
    def reopened(self, other: Database) -> AccountStore:
        return SqlAccounts(other)


class TestPostgresCredentials(CredentialStoreSuite):
    @pytest.fixture
    def credentials(self, database: Database) -> CredentialStore:
        return SqlCredentials(database)

    @pytest.fixture
    def reopened(self, other: Database) -> CredentialStore:
        return SqlCredentials(other)


class TestPostgresAttempts(AttemptStoreSuite):
    @pytest.fixture
    def attempts(self, database: Database) -> AttemptStore:
        return SqlAttempts(database)


class TestPostgresKeys(HubKeysSuite):
    @pytest.fixture
    def keys(self, database: Database) -> HubKeys:
        return SqlKeys(database)

    @pytest.fixture
    def reopened(self, other: Database) -> HubKeys:
        return SqlKeys(other)


class TestPostgresReplies(ReplyStoreSuite):
    @pytest.fixture
    def replies(self, database: Database) -> ReplyStore:
        return SqlReplies(database)
