"""The event loop on which blocking calls run, in a thread of its own.

One for the whole process: it is there in scripts, in notebooks, where the main thread's loop is
busy, and in threads. A forked child gets a fresh one, since threads do not survive a fork.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from polaris.errors import PolarisError

__all__ = ["run_blocking"]

R = TypeVar("R")


class _LoopThread:
    """An event loop that runs in a daemon thread."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self._run, name="polaris-loop", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    def stop(self) -> None:
        """End the loop and its thread."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(timeout=2)
        if not self.thread.is_alive():
            self.loop.close()


class _State:
    lock = threading.Lock()
    current: _LoopThread | None = None
    # Loops of a parent process: kept, because collecting one would close what the parent still
    # uses.
    inherited: tuple[_LoopThread, ...] = ()


def _forget_parent() -> None:
    _State.lock = threading.Lock()  # The parent may have held it.
    if _State.current is not None:
        _State.inherited = (*_State.inherited, _State.current)
    _State.current = None


os.register_at_fork(after_in_child=_forget_parent)


@atexit.register
def _stop_at_exit() -> None:
    if _State.current is not None:
        _State.current.stop()


def _loop_thread() -> _LoopThread:
    with _State.lock:
        if _State.current is None:
            _State.current = _LoopThread()
        return _State.current


def run_blocking(work: Coroutine[Any, Any, R]) -> R:
    """Run a coroutine on the process's loop thread and return its result.

    An interrupt (Ctrl-C) cancels the coroutine and waits until it has cleaned up.

    Raises:
        PolarisError: The caller runs on that loop already and would wait for itself.
    """
    runner = _loop_thread()
    if threading.current_thread() is runner.thread:
        work.close()
        raise PolarisError(
            "A blocking call was made from inside an asynchronous one",
            hint="Await the asynchronous client there, or make the call in asyncio.to_thread.",
        )
    ended = threading.Event()
    future = asyncio.run_coroutine_threadsafe(_until_ended(work, ended), runner.loop)
    try:
        return future.result()
    except BaseException:
        if future.cancel():  # Only an interrupt leaves it unfinished.
            ended.wait(timeout=5)
        raise


async def _until_ended(work: Coroutine[Any, Any, R], ended: threading.Event) -> R:
    try:
        return await work
    finally:
        ended.set()
