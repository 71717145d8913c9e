"""The `UpkeepLocks` of a hub, beside its SQLite file or in its PostgreSQL database.

On SQLite, each lock is a file of SQLite's own: who reads it shares the lock, who has it exclusively
is alone. That works wherever the database itself does, and ends with the process. On PostgreSQL,
they are advisory locks of a session, which ends with its connection.

Sources: "File Locking And Concurrency In SQLite Version 3", section 3, sqlite.org; "Advisory
Locks", section 13.3.5 of the manual of PostgreSQL.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from polaris.errors import HubBusyError, HubUnreachableError, PolarisHubError
from polaris_adapters.sql_catalogue.kept_lock import kept
from polaris_adapters.sql_catalogue.postgres_place import PostgresPlace, load_driver

__all__ = ["PostgresLocks", "SqliteLocks"]

_PAUSE = 0.05
# What is the matter, and what to do, by the lock and whether it was wanted alone.
_REFUSALS = {
    ("serving", False): ("The hub is being restored or migrated", "Wait for it to end."),
    ("serving", True): ("The hub is being served", "Stop polaris serve, then try again."),
    ("upkeep", False): (
        "Something is being removed from the hub, or it is being restored or migrated",
        "Wait for it to end, then try again.",
    ),
    ("upkeep", True): (
        "A backup, a check or another removal is under way",
        "Wait for it to end, then try again.",
    ),
}


class SqliteLocks:
    """Locks in files beside a SQLite file.

    Args:
        path: The file of the database.
        patience: Seconds to wait for others.
    """

    def __init__(self, path: Path, *, patience: float = 5.0) -> None:
        self._path = path.absolute()
        self._patience = patience

    def serving(self, *, alone: bool = False) -> AbstractContextManager[None]:
        """See `UpkeepLocks.serving`."""
        return self._held("serving", alone=alone)

    def upkeep(self, *, alone: bool = False) -> AbstractContextManager[None]:
        """See `UpkeepLocks.upkeep`."""
        return self._held("upkeep", alone=alone)

    @contextmanager
    def _held(self, name: str, *, alone: bool) -> Iterator[None]:
        path = self._path.with_name(f"{self._path.name}.{name}")
        try:
            connection = sqlite3.connect(
                path, timeout=self._patience, isolation_level=None, check_same_thread=False
            )
        except sqlite3.Error as cause:
            raise _not_made(path, cause) from cause
        with closing(connection):
            try:
                connection.execute("BEGIN EXCLUSIVE" if alone else "BEGIN")
                # A transaction that only reads has its lock from the first row on.
                connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            except sqlite3.OperationalError as cause:
                if cause.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
                    raise _refusal(name, alone=alone) from cause
                raise _not_made(path, cause) from cause
            yield


class PostgresLocks:
    """Locks in a PostgreSQL database, each held by a connection of its own.

    Who serves a hub goes on when the database has been away, and so does its lock. Whatever else
    holds one fails with the database.

    Args:
        url: See `PostgresPlace.parse`.
        patience: Seconds to wait for others.

    Raises:
        InvalidInputError: The URL is none of a PostgreSQL database.
        MissingExtraError: The driver is not installed.
    """

    def __init__(self, url: str, *, patience: float = 5.0) -> None:
        self._place = PostgresPlace.parse(url)
        self._patience = patience

    def serving(self, *, alone: bool = False) -> AbstractContextManager[None]:
        """See `UpkeepLocks.serving`."""
        return self._held("serving", alone=alone)

    def upkeep(self, *, alone: bool = False) -> AbstractContextManager[None]:
        """See `UpkeepLocks.upkeep`."""
        return self._held("upkeep", alone=alone)

    @contextmanager
    def _held(self, name: str, *, alone: bool) -> Iterator[None]:
        connection = self._taken(name, alone=alone, patience=self._patience)
        if name == "serving" and not alone:
            failures = (load_driver().Error, HubBusyError, HubUnreachableError)
            with kept(connection, lambda: self._taken(name, alone=False, patience=0), failures):
                yield
            return
        with closing(connection):
            try:
                yield
            finally:
                # The server would notice the end of a connection a moment later.
                with suppress(load_driver().Error):
                    connection.execute("SELECT pg_advisory_unlock_all()")

    def _taken(self, name: str, *, alone: bool, patience: float) -> Any:
        """Return a connection that has a lock."""
        error = load_driver().Error
        try:
            connection = self._place.connect()
        except error as cause:
            raise _not_reached(self._place) from cause
        end = time.monotonic() + patience
        try:
            connection.autocommit = True
            while not _is_granted(connection, name, alone=alone):
                if time.monotonic() >= end:
                    raise _refusal(name, alone=alone)
                time.sleep(_PAUSE)
        except error as cause:
            connection.close()
            raise _not_reached(self._place) from cause
        except BaseException:
            connection.close()
            raise
        return connection


def _is_granted(connection: Any, name: str, *, alone: bool) -> bool:
    digest = hashlib.sha256(f"polaris hub {name}".encode()).digest()
    key = int.from_bytes(digest[:8], "big", signed=True)
    function = "pg_try_advisory_lock" if alone else "pg_try_advisory_lock_shared"
    return bool(connection.execute(f"SELECT {function}(%s)", [key]).fetchone()[0])


def _not_reached(place: PostgresPlace) -> HubUnreachableError:
    return HubUnreachableError(
        f"{place} cannot be reached", hint="See that it runs, and that --database is right."
    )


def _refusal(name: str, *, alone: bool) -> HubBusyError:
    message, hint = _REFUSALS[name, alone]
    return HubBusyError(message, hint=hint)


def _not_made(path: Path, cause: sqlite3.Error) -> PolarisHubError:
    return PolarisHubError(
        f"The lock {path} cannot be opened: {cause}",
        hint="See that the folder of the hub is there, and that you may write it.",
    )
