"""PostgreSQL as the database of the catalogue; all that is peculiar to PostgreSQL is here."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool

from polaris.errors import ClosedError
from polaris_adapters.sql_catalogue.postgres_failures import postgres_failure
from polaris_adapters.sql_catalogue.postgres_place import PostgresPlace, load_driver

__all__ = ["PostgresDatabase"]

_READER = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
# What a transaction does after it has its locks, it sees with the eyes of that moment; with a
# stricter level it would see the moment before it waited.
_WRITER = {"isolation_level": "READ COMMITTED"}

# Seconds after which the server ends a writer that says nothing more, for instance because its
# machine has vanished: what it holds must not stop the others.
_SILENCE = 60.0
# Seconds to wait for another process that upgrades the tables; large ones take their time.
_MIGRATION = 600.0
# Seconds after which a connection is replaced by a new one: networks forget old ones.
_AGE = 1800

# An answer is durable: a server whose default is not to wait for its disk is asked to.
_DURABLE = (
    "SELECT set_config('synchronous_commit', 'on', true) "
    "WHERE current_setting('synchronous_commit') = 'off'"
)


class PostgresDatabase:
    """One PostgreSQL database, over a bounded pool of connections.

    Writers take advisory locks that end with their transaction: each the lock of the whole
    database, shared by those that give names and alone by one that gives none, and then the lock
    of each name. So transactions that read and then write need no retries.

    A forked process opens connections of its own. Connections that a restart of the server has
    cut are noticed before they are used, and replaced.

    Args:
        url: See `PostgresPlace.parse`.
        busy_timeout: Seconds to wait for another writer, or for a connection of the pool.
        connections: How many this process has open at most.

    Raises:
        InvalidInputError: The URL is none of a PostgreSQL database.
        MissingExtraError: The driver is not installed.
    """

    def __init__(self, url: str, *, busy_timeout: float = 30.0, connections: int = 10) -> None:
        self._place = PostgresPlace.parse(url)
        self._busy_timeout = busy_timeout
        self._connections = connections
        self._closed = False
        # By process: a forked child must not speak over the sockets of its parent. Those of the
        # parent are kept in mind and never touched, for forgetting them would close them.
        self._engines: dict[int, Engine] = {}

    def __str__(self) -> str:
        return str(self._place)

    def __repr__(self) -> str:
        return f"<PostgresDatabase {self._place}>"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """See `Database.reading`."""
        with self._transaction(_READER) as connection:
            yield connection

    @contextmanager
    def writing(self, *names: str) -> Iterator[Connection]:
        """See `Database.writing`."""
        wait = _milliseconds(self._busy_timeout)
        with self._transaction(_WRITER) as connection:
            connection.exec_driver_sql(
                f"{_DURABLE}; SET LOCAL lock_timeout = {wait}; "
                f"SET LOCAL idle_in_transaction_session_timeout = {_milliseconds(_SILENCE)}; "
                + "; ".join(_locks(names))
            )
            yield connection

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """See `Database.migrating`."""
        with self._transaction(_WRITER) as connection:
            connection.exec_driver_sql(
                f"{_DURABLE}; SET LOCAL lock_timeout = {_milliseconds(_MIGRATION)}; "
                + "; ".join(_locks(()))
                # Whoever waits for a table makes all who come later wait as well.
                + f"; SET LOCAL lock_timeout = {_milliseconds(self._busy_timeout)}"
            )
            yield connection

    @property
    def used_connections(self) -> int:
        """How many connections of this process are in use."""
        engine = self._engines.get(os.getpid())
        return engine.pool.checkedout() if engine is not None else 0  # type: ignore[attr-defined]

    def close(self) -> None:
        """See `Database.close`."""
        self._closed = True
        engine = self._engines.get(os.getpid())
        if engine is not None:
            # Only those that are idle; the others when they have been used.
            engine.pool.dispose()

    @contextmanager
    def _transaction(self, options: Mapping[str, object]) -> Iterator[Connection]:
        if self._closed:
            raise ClosedError(
                f"{self} was used after it had been closed", hint="Open the hub again."
            )
        engine = self._engine()
        committing = False
        try:
            with engine.connect() as connection:
                connection = connection.execution_options(**options)
                transaction = connection.begin()
                try:
                    yield connection
                except BaseException:
                    # A connection that is broken as well must not hide what was raised.
                    with suppress(SQLAlchemyError):
                        transaction.rollback()
                    raise
                committing = not options.get("postgresql_readonly", False)
                transaction.commit()
        except (SQLAlchemyError, UnicodeEncodeError) as cause:
            raise postgres_failure(cause, str(self), committing=committing) from cause
        finally:
            if self._closed:
                engine.pool.dispose()

    def _engine(self) -> Engine:
        found = self._engines.get(os.getpid())
        # Of two threads that make one at once, both go on with the same; no lock is held that a
        # fork could leave closed for ever.
        return found or self._engines.setdefault(os.getpid(), self._new_engine())

    def _new_engine(self) -> Engine:
        engine = create_engine(
            "postgresql+psycopg://",
            module=load_driver(),
            creator=self._place.connect,
            poolclass=QueuePool,
            pool_size=self._connections,
            max_overflow=0,
            pool_timeout=self._busy_timeout,
            pool_pre_ping=True,
            pool_recycle=_AGE,
            pool_use_lifo=True,
            # Saves a question to the server for each new connection.
            use_native_hstore=False,
            # What is written may be secret, and errors end up in logs.
            hide_parameters=True,
        )
        event.listen(engine, "checkin", _forget_read_only)
        return engine


def _forget_read_only(connection: Any, _: object) -> None:
    # SQLAlchemy leaves "read and write" behind, which would go before what the database says.
    if connection is not None and not connection.closed:
        connection.read_only = None


def _locks(names: tuple[str, ...]) -> list[str]:
    """Return the statements that take the locks of a writer, always in the same order."""
    if not names:
        return [f"SELECT pg_advisory_xact_lock({_key('')})"]
    keys = sorted({_key(f"name {name}") for name in names})
    return [
        f"SELECT pg_advisory_xact_lock_shared({_key('')})",
        *(f"SELECT pg_advisory_xact_lock({key})" for key in keys),
    ]


def _key(name: str) -> int:
    """Return the number of a lock: 64 bits, with a sign. Locks are of one database each."""
    digest = hashlib.sha256(f"polaris hub: {name}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def _milliseconds(seconds: float) -> int:
    # Zero would be for ever.
    return max(1, round(seconds * 1000))
