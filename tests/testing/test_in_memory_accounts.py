from __future__ import annotations

import pytest

from polaris.ports.accounts import AccountStore
from polaris.testing import AccountStoreSuite, InMemoryAccounts

_check: type[AccountStore] = InMemoryAccounts


class TestInMemoryAccounts(AccountStoreSuite):
    @pytest.fixture
    def accounts(self) -> AccountStore:
        return InMemoryAccounts()
