"""What a hub server tidies up while it runs."""

from __future__ import annotations

import logging
import random
from datetime import timedelta

import attrs

from polaris.bootstrap.server.ports import ServerPorts
from polaris.errors import PolarisError

__all__ = ["Upkeep"]

_LOG = logging.getLogger("polaris.upkeep")
# Refresh tokens that come again after their use tell of a theft: so long they are known.
_KEPT = timedelta(days=30)
_ATTEMPTS = timedelta(days=2)


@attrs.frozen
class Upkeep:
    """Removes what has ended: replies, tokens, and tries to sign in. Any process may do so.

    Attributes:
        ports: The hub's ports.
        every: Seconds from one time to the next.
    """

    ports: ServerPorts
    every: float = 600.0

    async def once(self) -> None:
        """Tidy up; what cannot be done now is left for the next time."""
        now = self.ports.clock.now()
        purges = (
            ("replies", self.ports.replies.purge(before=now)),
            ("credentials", self.ports.credentials.purge(before=now - _KEPT)),
            ("attempts", self.ports.attempts.purge(before=now - _ATTEMPTS)),
        )
        for name, purge in purges:
            try:
                count = await purge
            except PolarisError as error:
                _LOG.warning("Cannot remove %s that have ended: %s", name, error)
            else:
                _LOG.debug("Removed %d %s that have ended", count, name)

    async def forever(self) -> None:
        """Tidy up again and again, until cancelled."""
        while True:
            # Not all processes at once.
            await self.ports.clock.sleep(self.every * random.uniform(0.5, 1.5))  # noqa: S311
            await self.once()
