"""The ports of a hub server that keeps everything in this process."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import NoReturn

import attrs
from sqlalchemy import Connection

from polaris.application.in_memory_replies import InMemoryReplies
from polaris.bootstrap.server.ports import ServerPorts
from polaris.errors import PolarisHubError
from polaris.ports.clock import Clock
from polaris.testing.fakes.in_memory_accounts import InMemoryAccounts
from polaris.testing.fakes.in_memory_artifacts import InMemoryArtifacts
from polaris.testing.fakes.in_memory_attempts import InMemoryAttempts
from polaris.testing.fakes.in_memory_credentials import InMemoryCredentials
from polaris.testing.fakes.in_memory_jobs import InMemoryJobs
from polaris.testing.fakes.in_memory_keys import InMemoryKeys
from polaris.testing.fakes.in_memory_storage import InMemoryStorage
from polaris.testing.fakes.quick_passwords import QuickPasswords
from polaris_adapters.object_store.artifact_storage import RevisionStorage
from polaris_adapters.object_store.hidden_targets import StoredHiddenTargets, StoredTargetDeposit

__all__ = ["in_memory_ports"]


@attrs.frozen
class _NoDatabase:
    """Stands where a hub's database does, which a hub in memory has not."""

    def reading(self) -> AbstractContextManager[Connection]:
        """Refuse."""
        self._refuse()

    def writing(self, *names: str) -> AbstractContextManager[Connection]:
        """Refuse."""
        self._refuse()

    def migrating(self) -> AbstractContextManager[Connection]:
        """Refuse."""
        self._refuse()

    def close(self) -> None:
        """Let go of nothing."""

    @staticmethod
    def _refuse() -> NoReturn:
        raise PolarisHubError(
            "A hub in memory has no database",
            hint="Open one with open_server to work on its tables.",
        )


def in_memory_ports(clock: Clock) -> ServerPorts:
    """Return the ports of an empty hub; they are gone with the value, and need no closing.

    Passwords are hashed as fast as can be: for tests only.

    Args:
        clock: Tells and spends time.
    """
    jobs = InMemoryJobs(clock)
    artifacts = InMemoryArtifacts(clock, jobs)
    objects, hidden = InMemoryStorage(), InMemoryStorage()

    async def aclose() -> None:
        return None

    return ServerPorts(
        clock=clock,
        database=_NoDatabase(),
        artifacts=artifacts,
        history=artifacts.history,
        jobs=jobs,
        objects=objects,
        hidden_objects=hidden,
        incoming=InMemoryStorage(),
        storage=RevisionStorage(objects),
        temporary=None,
        deposit=StoredTargetDeposit(hidden),
        hidden=StoredHiddenTargets(hidden),
        accounts=InMemoryAccounts(),
        credentials=InMemoryCredentials(),
        passwords=QuickPasswords(),
        attempts=InMemoryAttempts(),
        keys=InMemoryKeys(),
        replies=InMemoryReplies(),
        aclose=aclose,
    )
