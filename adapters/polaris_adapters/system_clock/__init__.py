"""The time of this machine."""

from __future__ import annotations

import asyncio
import threading
import time
from datetime import UTC, datetime

__all__ = ["SystemClock"]


class SystemClock:
    """A `Clock` that tells the machine's time and really waits."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latest = datetime.min.replace(tzinfo=UTC)

    def now(self) -> datetime:
        """Return the present moment; see `Clock`."""
        with self._lock:  # The machine's clock may be set back; ours may not.
            self._latest = max(self._latest, datetime.now(UTC))
            return self._latest

    def monotonic(self) -> float:
        """Return seconds since some fixed moment; see `Clock`."""
        return time.monotonic()

    async def sleep(self, seconds: float, /) -> None:
        """Wait; see `Clock`."""
        if seconds > 0:
            await asyncio.sleep(seconds)
