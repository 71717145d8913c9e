"""A person at a terminal, or at a notebook."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Mapping
from typing import TextIO

from polaris.ports.interaction import SignInEvent, Surroundings
from polaris_adapters.terminal_interaction.answers import answer
from polaris_adapters.terminal_interaction.browsers import has_browser, open_page

__all__ = ["TerminalInteraction"]


class TerminalInteraction:
    """An `Interaction` by standard error and standard input, or by the fields of a notebook.

    Args:
        environment: Variables of the process, which tell of displays and SSH.
        quiet: Whether to say nothing but what has to be done.
    """

    def __init__(self, environment: Mapping[str, str], *, quiet: bool = False) -> None:
        self._environment = environment
        self._quiet = quiet

    async def surroundings(self) -> Surroundings:
        """Look for a display and a terminal; see `Interaction`."""
        browser, why = has_browser(self._environment)
        if _in_notebook():
            return Surroundings(browser, True, f"{why}; this is a notebook")
        prompt = _is_terminal(sys.stdin) and _is_terminal(sys.stderr)
        told = "there is a terminal" if prompt else "nobody is at a terminal"
        return Surroundings(browser, prompt, f"{why}; {told}")

    async def open_browser(self, url: str, /) -> bool:
        """Open a page; see `Interaction`."""
        return await open_page(url)

    async def ask(self, question: str, /, *, hidden: bool = False) -> str:
        """Ask at the terminal; see `Interaction`."""
        text = f"{_printable(question)} "
        if _in_notebook():
            # Notebooks put a field of theirs in place of the built-in function.
            return await answer(lambda: input(text))
        if hidden:
            return await answer(lambda: getpass.getpass(text, stream=sys.stderr))
        _write(text)
        return await answer(sys.stdin.readline)

    async def tell(self, event: SignInEvent, /) -> None:
        """Write a message to standard error; see `Interaction`."""
        if event.kind in ("browser", "device_code") or not self._quiet:
            _write(_printable(event.message) + "\n")


def _in_notebook() -> bool:
    """Say whether this process is the kernel of a notebook."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return hasattr(shell, "kernel")


def _is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # closed
        return False


def _write(text: str) -> None:
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except (OSError, ValueError, AttributeError):
        return


def _printable(text: str) -> str:
    """Return a text that cannot steer the terminal, whatever a server put into it."""
    return "".join(
        c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text
    )
