"""A lock of a PostgreSQL session that is taken again when the session breaks."""

from __future__ import annotations

import logging
import select
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

__all__ = ["kept"]

_LOG = logging.getLogger("polaris.database")
# Seconds between tries to take it again.
_PAUSE = 0.5


@contextmanager
def kept(
    connection: Any, take: Callable[[], Any], failures: tuple[type[Exception], ...]
) -> Iterator[None]:
    """Hold a lock while the block runs, whatever becomes of its connection.

    A server that is stopped or crashes forgets the locks of its sessions. While it is away nobody
    can take the lock; in the moment after, somebody else may be faster, and then it is waited for.

    Args:
        connection: Has the lock; closed at the end.
        take: Returns another connection that has it.
        failures: What ``take`` raises where the server is away, or the lock is taken.
    """
    watched, wake = socket.socketpair()
    keeper = threading.Thread(
        target=_keep, args=(connection, take, failures, watched), name="polaris-lock", daemon=True
    )
    keeper.start()
    try:
        yield
    finally:
        wake.close()
        keeper.join()
        watched.close()


def _keep(
    connection: Any,
    take: Callable[[], Any],
    failures: tuple[type[Exception], ...],
    watched: socket.socket,
) -> None:
    held: Any | None = connection
    while True:
        # A connection says something when it ends, and hardly ever before.
        heard = [watched] if held is None else [watched, held]
        readable, _, _ = select.select(heard, [], [], _PAUSE if held is None else None)
        if watched in readable:
            break
        if held is None:
            with suppress(*failures):
                held = take()
                _LOG.info("The lock of the hub is held again")
        elif not _lives(held, failures):
            _LOG.warning("The lock of the hub was lost with its connection; it is taken again")
            held.close()
            held = None
    if held is not None:
        # The server would notice the end of a connection a moment later.
        with suppress(*failures):
            held.execute("SELECT pg_advisory_unlock_all()")
        held.close()


def _lives(connection: Any, failures: tuple[type[Exception], ...]) -> bool:
    try:
        connection.execute("SELECT 1")
    except failures:
        return False
    return True
