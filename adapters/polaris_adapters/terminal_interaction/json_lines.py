"""A program in the person's place: one JSON object a line, answers by standard input."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Mapping

from polaris.ports.interaction import SignInEvent, Surroundings
from polaris_adapters.terminal_interaction.answers import answer
from polaris_adapters.terminal_interaction.browsers import has_browser, open_page

__all__ = ["JsonLinesInteraction"]


class JsonLinesInteraction:
    """An `Interaction` that writes events to standard output, and reads answers, a line each.

    Args:
        environment: Variables of the process, which tell of displays and SSH.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._lock = threading.Lock()

    async def surroundings(self) -> Surroundings:
        """Look for a display; a program can always answer; see `Interaction`."""
        browser, why = has_browser(self._environment)
        return Surroundings(browser, sys.stdin is not None, f"{why}; a program answers")

    async def open_browser(self, url: str, /) -> bool:
        """Open a page; see `Interaction`."""
        return await open_page(url)

    async def ask(self, question: str, /, *, hidden: bool = False) -> str:
        """Write the event ``prompt`` and read a line; see `Interaction`."""
        self._write("prompt", question, {"hidden": hidden})
        return await answer(sys.stdin.readline)

    async def tell(self, event: SignInEvent, /) -> None:
        """Write an event; see `Interaction`."""
        self._write(event.kind, event.message, event.details)

    def _write(self, kind: str, message: str, details: Mapping[str, object]) -> None:
        line = json.dumps({"event": kind, "message": message, **details}, default=str)
        with self._lock:
            try:
                sys.stdout.write(line + "\n")
                sys.stdout.flush()
            except (OSError, ValueError, AttributeError):
                return
