"""Waiting for a lock without blocking the event loop, and without leaving it locked."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from polaris.errors import StorageError

__all__ = ["LONGEST_WAIT", "held", "to_the_end"]

R = TypeVar("R")

# A renewal takes a second. Whoever holds a lock longer hangs, or waits for a hub that does.
LONGEST_WAIT = 60.0


@asynccontextmanager
async def held(
    acquire: Callable[[], bool],
    release: Callable[[], None],
    *,
    what: str,
    longest: float = LONGEST_WAIT,
) -> AsyncIterator[None]:
    """Hold a lock while the context lasts.

    The lock is tried, not waited for in a thread: a thread would get it after the task that wanted
    it has been cancelled. It can be released by a thread other than the one that acquired it.

    Args:
        acquire: Takes the lock if it is free; returns whether it did.
        release: Gives it back.
        what: Names it in errors.
        longest: Seconds after which the wait is given up.

    Raises:
        StorageError: It was not free in time.
    """
    end, pause = time.monotonic() + longest, 0.002
    while not acquire():
        if time.monotonic() > end:
            raise StorageError(
                f"Cannot use {what}: another process or thread has held it for {longest:.0f} s",
                hint="End the one that hangs, and try again.",
            )
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, 0.05)
    try:
        yield
    finally:
        release()


async def to_the_end(work: Callable[[], R]) -> R:
    """Run a blocking call in a thread; who is cancelled meanwhile waits until it has ended.

    A lock must not be released while a thread still writes what it protects.
    """
    running = asyncio.ensure_future(asyncio.to_thread(work))
    cancelled: asyncio.CancelledError | None = None
    while not running.done():
        try:
            await asyncio.wait([running])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        running.exception()  # Looked at, so that nobody is told of it later.
        raise cancelled
    return running.result()
