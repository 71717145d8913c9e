"""SQLite as the database of the catalogue; all that is peculiar to SQLite is here."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from polaris.errors import ClosedError, HubBusyError, InvalidInputError, PolarisHubError
from polaris_adapters.sql_catalogue.fork_gate import fork_gate
from polaris_adapters.sql_catalogue.sqlite_connections import keeping_engine

__all__ = ["SqliteDatabase"]

_BEGIN = "sqlite_begin"
_IMMEDIATE = {_BEGIN: "BEGIN IMMEDIATE"}
# Errors go into logs with all that caused them, and values may be keys and hashes of passwords.
_ENGINE: dict[str, Any] = {"poolclass": NullPool, "hide_parameters": True}
_PAUSE = 0.01

_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_DENIED = (
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_AUTH,
    sqlite3.SQLITE_CANTOPEN,
)


class SqliteDatabase:
    """One SQLite file, written through its write-ahead log and synced at each commit.

    A connection is opened for each transaction and closed after it, unless some are kept: that
    costs half a millisecond, and leaves nothing behind for other threads or programs.

    Args:
        path: The file.
        busy_timeout: Seconds to wait for another writer.
        keep: Most connections that stay open between transactions; see `sqlite_connections`.
    """

    def __init__(self, path: Path, *, busy_timeout: float, keep: int = 0) -> None:
        self._path = path.absolute()
        self._busy_timeout = busy_timeout
        self._closed = False
        if keep:
            self._engine = keeping_engine(self._connect, self._path, keep=keep)
        else:
            self._engine = create_engine("sqlite://", creator=self._connect, **_ENGINE)
        self._writer = self._engine.execution_options(**_IMMEDIATE)
        self._reader = create_engine(
            "sqlite://", creator=lambda: self._connect(self._read_only()), **_ENGINE
        )
        self._migrator = create_engine(
            "sqlite://", creator=self._connect_to_migrate, **_ENGINE
        ).execution_options(**_IMMEDIATE)
        for engine in (self._engine, self._reader, self._migrator):
            event.listen(engine, "begin", _begin)

    def __str__(self) -> str:
        return f"The catalogue {self._path}"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """See `Database.reading`."""
        if _may_write(self._path.parent):
            with self._guarded(), self._engine.begin() as connection:
                yield connection
        else:
            with self._undisturbed(), self._guarded(), self._reader.begin() as connection:
                yield connection

    @contextmanager
    def writing(self, *names: str) -> Iterator[Connection]:
        """See `Database.writing`; a SQLite file has one writer at a time, so no name matters."""
        with self._guarded(), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """See `Database.migrating`."""
        with self._guarded(), self._migrator.begin() as connection:
            yield connection
            self._check_references(connection)

    def close(self) -> None:
        """See `Database.close`."""
        self._closed = True
        self._let_go()

    def make_file(self) -> None:
        """Make the file and its folder unless they are there, and turn the write-ahead log on.

        Raises:
            HubBusyError: Another process held the file for too long.
            PolarisHubError: The folder cannot be made, or the file not be opened.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as cause:
            raise PolarisHubError(
                f"The folder {self._path.parent} cannot be made: {cause.strerror}",
                hint="Choose a folder that you may write, or have its permissions changed.",
            ) from cause
        with self._guarded(), closing(self._connect("mode=rwc")) as connection:
            deadline = time.monotonic() + self._busy_timeout
            # SQLite does not wait for a lock when it changes the journal mode.
            while not _turned_on(connection, last_try=time.monotonic() >= deadline):
                time.sleep(_PAUSE)

    def _connect(self, how: str = "mode=rw") -> sqlite3.Connection:
        # Without "c" in the mode a file that was removed is an error, not an empty database.
        connection = sqlite3.connect(
            f"{self._path.as_uri()}?{how}",
            uri=True,
            timeout=self._busy_timeout,
            isolation_level=None,
            # Those that are kept go from thread to thread, one at a time.
            check_same_thread=False,
        )
        try:
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _connect_to_migrate(self) -> sqlite3.Connection:
        # A table is altered by making it anew, and dropping the old one would count as deleting
        # what others refer to. Source: "ALTER TABLE", section 7, sqlite.org.
        connection = self._connect()
        connection.execute("PRAGMA foreign_keys = OFF")
        return connection

    def _check_references(self, connection: Connection) -> None:
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if broken is not None:
            raise PolarisHubError(
                f"{self} was not changed: a row of {broken[0]} refers to one of {broken[2]} "
                "that is not there",
                hint="Put back a copy of the file, or move it away and publish again.",
            )

    def _read_only(self) -> str:
        """Return how to open a file in a folder where no log and no locks can be made.

        A writer elsewhere that is at work keeps both beside the file, and they are used. Else all
        is in the file, which is taken to be one that does not change while it is read.
        """
        return "mode=ro" if self._state()[0] else "mode=ro&immutable=1"

    def _state(self) -> tuple[int, ...]:
        """Return what differs after a write: time and size of the file and size of its log."""
        file, log = _stat(str(self._path)), _stat(f"{self._path}-wal")
        of_file = (file.st_mtime_ns, file.st_size) if file else (0, 0)
        return (log.st_size if log else 0, *of_file)

    @contextmanager
    def _undisturbed(self) -> Iterator[None]:
        """Refuse what was read without locks while somebody else wrote."""
        before = self._state()
        try:
            yield
        except Exception as cause:
            self._refuse_change(before, cause)
            raise
        self._refuse_change(before, None)

    def _refuse_change(self, before: tuple[int, ...], cause: Exception | None) -> None:
        if self._state() != before:
            raise HubBusyError(
                f"{self} was written while it was read, and may not be locked from here",
                hint="Try again.",
            ) from cause

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        if self._closed:
            raise ClosedError(
                f"{self} was used after it had been closed", hint="Open the hub again."
            )
        try:
            with fork_gate.inside():
                yield
        except (SQLAlchemyError, sqlite3.Error) as cause:
            raise self._failure(cause) from cause
        except UnicodeEncodeError as cause:
            raise InvalidInputError(
                f"{self} cannot keep a text: it holds halves of characters",
                hint="Leave lone surrogates (U+D800 to U+DFFF) out.",
            ) from cause
        finally:
            if self._closed:
                self._let_go()

    def _let_go(self) -> None:
        """Close the connections that are kept and not in use."""
        with fork_gate.inside():
            self._engine.pool.dispose()

    def _failure(self, cause: SQLAlchemyError | sqlite3.Error) -> PolarisHubError:
        origin = cause.orig if isinstance(cause, DBAPIError) else cause
        # The lowest byte is the kind of failure; the others tell variants of it.
        code = (getattr(origin, "sqlite_errorcode", None) or 0) & 0xFF
        if code in _BUSY:
            return HubBusyError(
                f"{self} has been held by another writer for {self._busy_timeout:g} s",
                hint="Try again when the other program has finished.",
            )
        if code in _DAMAGED:
            return PolarisHubError(
                f"{self} is damaged or no SQLite database: {origin}",
                hint="Put back a copy of the file, or move it away and publish again.",
            )
        if code in _DENIED:
            return PolarisHubError(
                f"{self} cannot be opened or written: {origin}",
                hint="See that the file is there, and that you may write it and its folder.",
            )
        if code == sqlite3.SQLITE_FULL:
            return PolarisHubError(f"{self}: the disk is full", hint="Make room and try again.")
        return PolarisHubError(
            f"{self} failed: {origin}",
            hint="See that the disk works and is not full, and that the file is whole.",
        )


def _may_write(folder: Path) -> bool:
    """Tell whether this process may make files in a folder; False on a read-only file system."""
    return os.access(folder, os.W_OK, effective_ids=os.access in os.supports_effective_ids)


def _stat(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)  # noqa: PTH116  not worth a `Path`
    except OSError:
        return None


def _begin(connection: Connection) -> None:
    """Start a transaction; the driver would start one only at the first change."""
    statement = connection.get_execution_options().get(_BEGIN, "BEGIN")
    # To the driver itself: what SQLAlchemy does around a statement takes longer than this one.
    connection.connection.cursor().execute(statement)


def _turned_on(connection: sqlite3.Connection, *, last_try: bool) -> bool:
    try:
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError as cause:
        if last_try or cause.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True
