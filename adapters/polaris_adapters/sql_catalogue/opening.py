"""Opening the database of a hub: a SQLite file, or a PostgreSQL database."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from sqlalchemy import text

from polaris.errors import InvalidInputError, PolarisHubError
from polaris.ports.clock import Clock
from polaris_adapters.sql_catalogue.catalogue import SqlCatalogue
from polaris_adapters.sql_catalogue.database import Database
from polaris_adapters.sql_catalogue.jobs import SqlJobs
from polaris_adapters.sql_catalogue.postgres_database import PostgresDatabase
from polaris_adapters.sql_catalogue.postgres_place import is_postgres_url
from polaris_adapters.sql_catalogue.schema import prepare_schema, schema_is_current
from polaris_adapters.sql_catalogue.sqlite_database import SqliteDatabase

__all__ = [
    "open_catalogue",
    "open_database",
    "open_jobs",
    "open_sqlite_catalogue",
    "open_sqlite_jobs",
]

_LOG = logging.getLogger(__name__)
_SQLITE = "sqlite:///"


def open_database(
    where: str | Path,
    *,
    busy_timeout: float = 30.0,
    connections: int = 10,
    keep: int = 0,
    prepare: bool = True,
) -> Database:
    """Open the database of a hub and see that its tables are there and up to date.

    Any number of processes may open one new database at once. A SQLite file is made, with its
    folder, if it is not there; one that is there can be read where neither it nor its folder may
    be written. A PostgreSQL database has to be there.

    Args:
        where: The path of a SQLite file, the same as ``sqlite:///path``, or the URL of a
            PostgreSQL database (``postgresql://user:password@host:5432/name``).
        busy_timeout: Seconds to wait for another writer before a `HubBusyError`.
        connections: How many this process has open to PostgreSQL at most.
        keep: How many of those to a SQLite file stay open between transactions; for servers.
        prepare: Make the tables or bring them up to date. Without it nothing is written, and
            nothing is said about what is there: for programs that migrate or repair.

    Raises:
        HubBusyError: Another process held the database for too long.
        HubUnreachableError: There is no connection to the database.
        InvalidInputError: ``where`` is neither path nor URL of a database.
        MissingExtraError: The driver of PostgreSQL is not installed.
        PolarisHubError: The database cannot be opened, is damaged or not a catalogue, or was made
            by a newer version of the library.
    """
    if isinstance(where, str) and is_postgres_url(where):
        database = PostgresDatabase(where, busy_timeout=busy_timeout, connections=connections)
        if prepare:
            _prepare_postgres(database)
        return database
    return _open_sqlite(_path(where), busy_timeout, keep=keep, prepare=prepare)


def open_catalogue(where: str | Path, clock: Clock, *, busy_timeout: float = 30.0) -> SqlCatalogue:
    """Open the catalogue in a database of its own; see `open_database`.

    Args:
        where: Path or URL of the database.
        clock: Tells when something was published.
        busy_timeout: Seconds to wait for another writer.
    """
    return SqlCatalogue(open_database(where, busy_timeout=busy_timeout), clock)


def open_jobs(where: str | Path, clock: Clock, *, busy_timeout: float = 30.0) -> SqlJobs:
    """Open the job queue in the database of a catalogue; see `open_catalogue`."""
    return SqlJobs(open_database(where, busy_timeout=busy_timeout), clock)


def open_sqlite_catalogue(path: Path, clock: Clock, *, busy_timeout: float = 30.0) -> SqlCatalogue:
    """Open the catalogue in a SQLite file; see `open_catalogue`."""
    return SqlCatalogue(_open_sqlite(path, busy_timeout), clock)


def open_sqlite_jobs(path: Path, clock: Clock, *, busy_timeout: float = 30.0) -> SqlJobs:
    """Open the job queue in the SQLite file of a catalogue; see `open_catalogue`."""
    return SqlJobs(_open_sqlite(path, busy_timeout), clock)


def _path(where: str | Path) -> Path:
    if isinstance(where, str):
        if where.startswith(_SQLITE):
            where = where.removeprefix(_SQLITE)
        elif "://" in where:
            # Not quoted: whatever it is, it may hold a password.
            raise InvalidInputError(
                f"A hub has no database of the kind {where.partition('://')[0]}://",
                hint="Give the path of a SQLite file, or postgresql://user@host:5432/database.",
            )
        if not where:
            raise InvalidInputError("The database has no path", hint="Write sqlite:///path.")
    return Path(where)


def _open_sqlite(
    path: Path, busy_timeout: float, *, keep: int = 0, prepare: bool = True
) -> SqliteDatabase:
    database = SqliteDatabase(path, busy_timeout=busy_timeout, keep=keep)
    if prepare and not _is_ready(database, path):
        database.make_file()
        with database.migrating() as connection:
            prepare_schema(connection, where=str(database))
    return database


def _is_ready(database: SqliteDatabase, path: Path) -> bool:
    """Tell whether there is nothing to do, without taking the write lock."""
    if not os.path.exists(path):  # noqa: PTH110  `Path.exists` raises in an unreadable folder
        return False
    with database.reading() as connection:
        return schema_is_current(connection)


def _prepare_postgres(database: PostgresDatabase) -> None:
    try:
        _refuse_other_encodings(database)
        with database.reading() as connection:
            if schema_is_current(connection):
                return
        with database.migrating() as connection:
            prepare_schema(connection, where=str(database))
    except BaseException:
        database.close()
        raise


def _refuse_other_encodings(database: PostgresDatabase) -> None:
    """Refuse a database that cannot hold every text, and tell the log of one that may lose it."""
    names = ("server_encoding", "fsync", "full_page_writes")
    asked = ", ".join(f"current_setting('{name}')" for name in names)
    with database.reading() as connection:
        encoding, *safe = connection.execute(text(f"SELECT {asked}")).one()
    if encoding != "UTF8":
        raise PolarisHubError(
            f"{database} keeps texts as {encoding}, which has not all characters",
            hint="Make one with: createdb --encoding=UTF8 --template=template0 NAME.",
        )
    for name, setting in zip(names[1:], safe, strict=True):
        if setting != "on":
            _LOG.warning(
                "%s runs with %s = %s: what has been acknowledged can be lost with its machine",
                database, name, setting,
            )  # fmt: skip
