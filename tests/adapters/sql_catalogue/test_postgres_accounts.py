"""The suites of accounts, credentials and what servers share, on a real PostgreSQL server."""

from __future__ import annotations

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
)

pytestmark = [pytest.mark.slow, pytest.mark.network]


@pytest.fixture
def database_place(postgres_url: str) -> str:
    """Nothing here runs on SQLite."""
    return postgres_url


class TestPostgresAccounts(AccountStoreSuite):
    @pytest.fixture
    def accounts(self, database: Database) -> AccountStore:
        return SqlAccounts(database)

    @pytest.fixture
    def reopened(self, other_database: Database) -> AccountStore:
        return SqlAccounts(other_database)


class TestPostgresCredentials(CredentialStoreSuite):
    @pytest.fixture
    def credentials(self, database: Database) -> CredentialStore:
        return SqlCredentials(database)

    @pytest.fixture
    def reopened(self, other_database: Database) -> CredentialStore:
        return SqlCredentials(other_database)


class TestPostgresAttempts(AttemptStoreSuite):
    @pytest.fixture
    def attempts(self, database: Database) -> AttemptStore:
        return SqlAttempts(database)


class TestPostgresKeys(HubKeysSuite):
    @pytest.fixture
    def keys(self, database: Database) -> HubKeys:
        return SqlKeys(database)

    @pytest.fixture
    def reopened(self, other_database: Database) -> HubKeys:
        return SqlKeys(other_database)


class TestPostgresReplies(ReplyStoreSuite):
    @pytest.fixture
    def replies(self, database: Database) -> ReplyStore:
        return SqlReplies(database)
