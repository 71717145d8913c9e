"""Whether there is a browser that the person sees, and opening it."""

from __future__ import annotations

import asyncio
import sys
import webbrowser
from collections.abc import Mapping

__all__ = ["has_browser", "open_page"]

# They would take over the terminal in which the person waits.
_IN_TERMINALS = {"www-browser", "lynx", "links", "elinks", "w3m"}


def has_browser(environment: Mapping[str, str]) -> tuple[bool, str]:
    """Say whether a browser can be opened that the person sees, and what tells."""
    if environment.get("SSH_CONNECTION") or environment.get("SSH_TTY"):
        # A page would open on the other machine, and the redirect not reach this one.
        return False, "this is a session over SSH"
    if environment.get("CI"):
        return False, "CI is set, so nobody watches"
    shown = any(environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))
    if not shown and sys.platform not in ("win32", "darwin", "cygwin"):
        return False, "there is no display"
    try:
        name = str(getattr(webbrowser.get(), "name", ""))
    except webbrowser.Error:
        return False, "no browser is installed"
    if name.rpartition("/")[2] in _IN_TERMINALS:
        return False, f"{name} is a browser of the terminal"
    return True, "a browser can be opened"


async def open_page(url: str) -> bool:
    """Open a page; return whether that seems to have worked."""
    try:
        return await asyncio.to_thread(webbrowser.open, url)
    except (webbrowser.Error, OSError):
        return False
