"""Time, so that tests need not wait for it."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

__all__ = ["Clock"]


class Clock(Protocol):
    """Tells and spends time."""

    def now(self) -> datetime:
        """Return the present moment, in UTC, with time zone; never earlier than one told before."""
        ...

    def monotonic(self) -> float:
        """Return seconds since some fixed moment; for measuring spans."""
        ...

    async def sleep(self, seconds: float, /) -> None:
        """Wait; returns at once for zero or less."""
        ...
