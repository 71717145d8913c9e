"""Failed tries, so that nobody can guess as often as they like."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from polaris.domain.back_off import BackOff

__all__ = ["AttemptStore"]


class AttemptStore(Protocol):
    """Counts tries.

    A try is counted before it is made, so that many at once are no way around the count, and
    forgotten when it has succeeded. May be used from several tasks, threads and processes at once.
    Failures are errors under `PolarisHubError`; `HubBusyError` may be retried.
    """

    async def begin(self, key: str, /, *, now: datetime, back_off: BackOff) -> datetime | None:
        """Count a try, unless it is too early for one.

        Args:
            key: What is tried; keys know nothing of each other.
            now: The moment, UTC.
            back_off: How long one has to wait.

        Returns:
            None if it may be made now; else when the next one may, and nothing has been counted.
        """
        ...

    async def forget(self, key: str, /) -> None:
        """Forget the tries: one has succeeded."""
        ...

    async def purge(self, *, before: datetime) -> int:
        """Remove what was tried last before a moment; return how many keys."""
        ...
