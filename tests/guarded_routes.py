"""The routes of a hub with accounts, and what each is guarded by."""

from __future__ import annotations

from polaris.application.accounts.account_ports import AccountPorts
from polaris.testing import (
    InMemoryAccounts,
    InMemoryArtifacts,
    InMemoryArtifactStorage,
    InMemoryAttempts,
    InMemoryCredentials,
    ManualClock,
    QuickPasswords,
)
from polaris_adapters.hub_server import Hub, KnownTokens, create_app
from polaris_adapters.hub_server.access import Act
from polaris_adapters.hub_server.guarded import acts_of

__all__ = ["guarded_routes"]


def guarded_routes() -> dict[tuple[str, str], tuple[Act, ...]]:
    """Return the acts that each route asks for, by its method and path."""
    clock = ManualClock()
    ports = AccountPorts(
        accounts=InMemoryAccounts(),
        credentials=InMemoryCredentials(),
        passwords=QuickPasswords(),
        attempts=InMemoryAttempts(),
        clock=clock,
    )
    artifacts = InMemoryArtifacts(clock)
    hub = Hub(artifacts, InMemoryArtifactStorage(), KnownTokens({}), clock, accounts=ports)
    return acts_of(create_app(hub).routes)
