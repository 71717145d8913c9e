"""Waiting for a line without keeping the process from ending."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

from polaris.errors import SignInError

__all__ = ["answer"]


async def answer(read: Callable[[], str]) -> str:
    """Return what a blocking call reads, without space around it.

    It runs in a daemon thread: who is interrupted while it waits need not press Enter before the
    process can end.

    Raises:
        SignInError: There was nothing to read.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[str] = loop.create_future()

    def settle(text: str | None) -> None:
        if not future.done():
            future.set_result(text or "")

    def work() -> None:
        try:
            text = read()
        except Exception:  # Also what notebooks raise that nobody can answer.
            text = ""
        try:
            loop.call_soon_threadsafe(settle, text)
        except RuntimeError:
            return  # The loop has ended; nobody waits any more.

    threading.Thread(target=work, name="polaris-answer", daemon=True).start()
    text = (await future).strip()
    if not text:
        raise SignInError(
            "No answer was given",
            hint="Run it where you can type, or set POLARIS_TOKEN to a token.",
        )
    return text
