"""The accounts of a hub in memory, and a user of it."""

from __future__ import annotations

import pytest

from polaris.application.accounts.account_ports import AccountPorts
from polaris.testing import (
    InMemoryAccounts,
    InMemoryAttempts,
    InMemoryCredentials,
    ManualClock,
    QuickPasswords,
)


@pytest.fixture
def clock() -> ManualClock:
    """The clock of the hub."""
    return ManualClock()


@pytest.fixture
def ports(clock: ManualClock) -> AccountPorts:
    """The ports of the hub, empty."""
    return AccountPorts(
        accounts=InMemoryAccounts(),
        credentials=InMemoryCredentials(),
        passwords=QuickPasswords(),
        attempts=InMemoryAttempts(),
        clock=clock,
    )
