"""Running the same work in several threads at the same moment, each with its own event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from polaris.errors import PolarisError

__all__ = ["at_once"]

R = TypeVar("R")


def at_once(work: Callable[[int], Coroutine[Any, Any, R]], threads: int) -> list[R | PolarisError]:
    """Run ``work(0)``, ``work(1)`` … in threads that start together.

    Returns:
        What each returned, or the `PolarisError` that it raised; other errors are raised here.
    """
    barrier = threading.Barrier(threads)

    def run(number: int) -> R | PolarisError:
        barrier.wait(timeout=30)
        try:
            return asyncio.run(work(number))
        except PolarisError as error:
            return error

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, range(threads)))
