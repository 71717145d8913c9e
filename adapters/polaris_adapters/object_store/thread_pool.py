"""Blocking calls on a bounded pool of threads, awaited in batches."""

from __future__ import annotations

import asyncio
import itertools
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

__all__ = ["in_threads"]

_WORKERS = 8

T = TypeVar("T")
R = TypeVar("R")


class _Pool:
    lock = threading.Lock()
    executor: ThreadPoolExecutor | None = None


def _forget_parent() -> None:
    # Threads do not survive a fork, and the parent may have held the lock.
    _Pool.lock, _Pool.executor = threading.Lock(), None


os.register_at_fork(after_in_child=_forget_parent)


def _executor() -> ThreadPoolExecutor:
    with _Pool.lock:
        if _Pool.executor is None:
            _Pool.executor = ThreadPoolExecutor(_WORKERS, thread_name_prefix="polaris-objects")
        return _Pool.executor


class _Batch:
    """Items that several threads take from in turn, so that one await serves them all."""

    def __init__(self, call: Callable[[T], R], items: Sequence[T]) -> None:
        self._call, self._items = call, items
        self._next = itertools.count()
        self._stopped = False
        self.results: list[R | None] = [None] * len(items)

    def work(self) -> None:
        while not self._stopped and (i := next(self._next)) < len(self._items):
            try:
                self.results[i] = self._call(self._items[i])
            except BaseException:
                self._stopped = True
                raise

    def stop(self) -> None:
        self._stopped = True


async def in_threads(call: Callable[[T], R], items: Sequence[T]) -> list[R]:
    """Call for each item, several at a time, and return the results in the order of the items.

    The first failure ends the batch and is raised after the calls under way have returned; so does
    cancellation. Works from any event loop.
    """
    if not items:
        return []
    batch = _Batch(call, items)
    executor = _executor()
    futures: list[Future[None]] = [
        executor.submit(batch.work) for _ in range(min(_WORKERS, len(items)))
    ]
    waiting = asyncio.gather(*map(asyncio.wrap_future, futures), return_exceptions=True)
    try:
        outcomes = await asyncio.shield(waiting)
    except asyncio.CancelledError:
        batch.stop()
        await waiting
        raise
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
    return batch.results  # type: ignore[return-value]  # every one has been filled in
