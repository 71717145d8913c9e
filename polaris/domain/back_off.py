"""How long somebody who keeps guessing has to wait."""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs

__all__ = ["BackOff"]


@attrs.frozen(kw_only=True)
class BackOff:
    """Waits between failed tries that double, up to a limit.

    Attributes:
        free: How many tries need no wait.
        first: Seconds of the first wait.
        longest: Seconds of the longest wait.
        forgotten: Seconds after which failed tries count no more.
    """

    free: int = 5
    first: float = 1.0
    longest: float = 300.0
    forgotten: float = 86_400.0

    def next_try(self, failed: int, last: datetime) -> datetime:
        """Return when one may try again.

        Args:
            failed: Tries so far; at least 1.
            last: The moment of the last one.
        """
        doublings = failed - self.free
        if doublings < 0:
            return last
        # So many doublings exceed any limit; more would overflow.
        wait = self.first * 2.0 ** min(doublings, 64)
        return last + timedelta(seconds=min(wait, self.longest))

    def is_forgotten(self, last: datetime, now: datetime) -> bool:
        """Say whether tries count no more, of which the last one was at a moment."""
        return now - last >= timedelta(seconds=self.forgotten)
