"""Connections to a SQLite file that are kept from one transaction to the next.

SQLite reads the whole schema whenever a file is opened, which takes longer than most transactions.
A server, which makes many, keeps some connections open. It must not carry one into a forked process
(see `fork_gate`), nor go on with a file that somebody has put another one in the place of.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from polaris_adapters.sql_catalogue.fork_gate import fork_gate

__all__ = ["keeping_engine"]

_FILE = "file"


def keeping_engine(connect: Callable[[], sqlite3.Connection], path: Path, *, keep: int) -> Engine:
    """Return an engine that keeps connections, and opens more where those do not suffice.

    Its pool lets go of those that nobody uses when it is disposed of, and before a fork.

    Args:
        connect: Opens one; other threads than the one that does will use it.
        path: The file.
        keep: Most connections that are kept while nobody uses them.
    """

    def creator(entry: ConnectionPoolEntry) -> sqlite3.Connection:
        # Before it is opened: of a file that is replaced meanwhile, the old one is noted, and the
        # connection is not used again.
        entry.info[_FILE] = _identity(path)
        return connect()

    engine = create_engine(
        "sqlite://",
        creator=creator,
        poolclass=QueuePool,
        pool_size=keep,
        max_overflow=-1,
        hide_parameters=True,
        # The one used last has the most in its cache.
        pool_use_lifo=True,
    )

    def check(_: Any, entry: ConnectionPoolEntry, __: Any) -> None:
        if entry.info[_FILE] != _identity(path):
            raise DisconnectionError

    event.listen(engine, "checkout", check)
    fork_gate.empty_before_fork(engine.pool)
    return engine


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from one that takes its place; None where there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116  not worth more
    except OSError:
        return None
    return found.st_dev, found.st_ino
