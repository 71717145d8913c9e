from __future__ import annotations

from pathlib import Path

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
    SqlAccounts,
    SqlAttempts,
    SqlCredentials,
    SqlKeys,
    SqlReplies,
    open_database,
)

_accounts: type[AccountStore] = SqlAccounts
_attempts: type[AttemptStore] = SqlAttempts
_credentials: type[CredentialStore] = SqlCredentials
_keys: type[HubKeys] = SqlKeys
_replies: type[ReplyStore] = SqlReplies


class TestSqliteAccounts(AccountStoreSuite):
    @pytest.fixture
    def accounts(self, path: Path) -> AccountStore:
        return SqlAccounts(open_database(path))

    @pytest.fixture
    def reopened(self, path: Path) -> AccountStore:
        return SqlAccounts(open_database(path))


class TestSqliteCredentials(CredentialStoreSuite):
    @pytest.fixture
    def credentials(self, path: Path) -> CredentialStore:
        return SqlCredentials(open_database(path))

    @pytest.fixture
    def reopened(self, path: Path) -> CredentialStore:
        return SqlCredentials(open_database(path))


class TestSqliteAttempts(AttemptStoreSuite):
    @pytest.fixture
    def attempts(self, path: Path) -> AttemptStore:
        return SqlAttempts(open_database(path))


class TestSqliteKeys(HubKeysSuite):
    @pytest.fixture
    def keys(self, path: Path) -> HubKeys:
        return SqlKeys(open_database(path))

    @pytest.fixture
    def reopened(self, path: Path) -> HubKeys:
        return SqlKeys(open_database(path))


class TestSqliteReplies(ReplyStoreSuite):
    @pytest.fixture
    def replies(self, path: Path) -> ReplyStore:
        return SqlReplies(open_database(path))
