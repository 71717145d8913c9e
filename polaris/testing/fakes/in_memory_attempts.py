"""An `AttemptStore` over a dictionary."""

from __future__ import annotations

import threading
from datetime import datetime

from polaris.domain.back_off import BackOff

__all__ = ["InMemoryAttempts"]


class InMemoryAttempts:
    """Counts tries in this process; forgotten with it."""

    def __init__(self) -> None:
        self._tries: dict[str, tuple[int, datetime]] = {}
        self._lock = threading.Lock()

    async def begin(self, key: str, /, *, now: datetime, back_off: BackOff) -> datetime | None:
        """See `AttemptStore.begin`."""
        with self._lock:
            failed, last = self._tries.get(key, (0, now))
            if failed and back_off.is_forgotten(last, now):
                failed = 0
            if failed and now < (next_try := back_off.next_try(failed, last)):
                return next_try
            self._tries[key] = (failed + 1, now)
            return None

    async def forget(self, key: str, /) -> None:
        """See `AttemptStore.forget`."""
        with self._lock:
            self._tries.pop(key, None)

    async def purge(self, *, before: datetime) -> int:
        """See `AttemptStore.purge`."""
        with self._lock:
            kept = {key: tries for key, tries in self._tries.items() if tries[1] >= before}
            purged = len(self._tries) - len(kept)
            self._tries = kept
        return purged
