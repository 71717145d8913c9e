"""A `Clock` that nobody waits for."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime, timedelta

__all__ = ["ManualClock"]


class ManualClock:
    """Stands still until somebody sleeps or advances it; both take no time.

    Args:
        start: What `now` tells at first, with time zone.

    Attributes:
        sleeps: What was slept, in seconds, in order.
    """

    def __init__(self, start: datetime = datetime(2024, 1, 1, tzinfo=UTC)) -> None:
        self._start = start.astimezone(UTC)
        self._elapsed = 0.0
        self._lock = threading.Lock()
        self.sleeps: list[float] = []

    def now(self) -> datetime:
        """See `Clock.now`."""
        return self._start + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        """Return the seconds that have been slept or advanced."""
        return self._elapsed

    async def sleep(self, seconds: float, /) -> None:
        """Advance by so much, and let other tasks run once."""
        with self._lock:
            self.sleeps.append(seconds)
        self.advance(max(0.0, seconds))
        await asyncio.sleep(0)

    def advance(self, seconds: float, /) -> None:
        """Let time pass.

        Raises:
            ValueError: ``seconds`` is negative: this clock, as any, does not go back.
        """
        if seconds < 0:
            raise ValueError(f"A clock cannot be advanced by {seconds} seconds")
        with self._lock:
            self._elapsed += seconds
