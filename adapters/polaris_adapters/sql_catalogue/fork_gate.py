"""Keeps a process from forking while it works on a database.

SQLite notes per process which locks it holds. A child that is forked while a connection is open
inherits the notes without the locks, and could then write beside another process. So a fork waits
for the transactions that are under way, and connections that are kept between them are closed.

Source: "How To Corrupt An SQLite Database File", section 2.6, sqlite.org.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakSet

from sqlalchemy.pool import Pool

__all__ = ["ForkGate", "fork_gate"]


class ForkGate:
    """Lets either transactions run or the process fork."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._inside = 0
        self._forking = False
        self._pools: WeakSet[Pool] = WeakSet()

    def empty_before_fork(self, pool: Pool) -> None:
        """Have a pool let go of the connections that it keeps before the process forks."""
        with self._changed:
            self._pools.add(pool)

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Hold off forks for as long as the block runs."""
        with self._changed:
            self._changed.wait_for(lambda: not self._forking)
            self._inside += 1
        try:
            yield
        finally:
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    def before_fork(self) -> None:
        """Wait until nothing runs, and keep it so."""
        self._changed.acquire()
        self._forking = True
        self._changed.wait_for(lambda: self._inside == 0)
        for pool in list(self._pools):
            pool.dispose()

    def after_fork(self) -> None:
        """Go on, in the parent as in the child."""
        self._forking = False
        self._changed.notify_all()
        self._changed.release()


fork_gate = ForkGate()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=fork_gate.before_fork,
        after_in_parent=fork_gate.after_fork,
        after_in_child=fork_gate.after_fork,
    )
