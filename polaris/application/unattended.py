"""Nobody to talk with: programs that run alone."""

from __future__ import annotations

import logging

from polaris.errors import SignInError
from polaris.ports.interaction import SignInEvent, Surroundings

__all__ = ["Unattended"]

_log = logging.getLogger(__name__)


class Unattended:
    """An `Interaction` with nobody: asks nothing, and tells it to the log."""

    async def surroundings(self) -> Surroundings:
        """Return that there is nothing; see `Interaction`."""
        return Surroundings(browser=False, prompt=False, why="nobody is there")

    async def open_browser(self, url: str, /) -> bool:
        """Open nothing; see `Interaction`."""
        return False

    async def ask(self, question: str, /, *, hidden: bool = False) -> str:
        """Refuse; see `Interaction`."""
        raise SignInError(
            f"Nobody is there to answer: {question}",
            hint="Set POLARIS_TOKEN, or sign in at a terminal: polaris auth login.",
        )

    async def tell(self, event: SignInEvent, /) -> None:
        """Write it to the log; see `Interaction`."""
        _log.info("%s", event.message)
