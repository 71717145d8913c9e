"""The catalogue of an embedded hub: one SQLite file."""

from __future__ import annotations

import os
from pathlib import Path

from polaris.ports.clock import Clock
from polaris_adapters.sql_catalogue.catalogue import SqlCatalogue
from polaris_adapters.sql_catalogue.jobs import SqlJobs
from polaris_adapters.sql_catalogue.schema import prepare_schema, schema_is_current
from polaris_adapters.sql_catalogue.sqlite_database import SqliteDatabase

__all__ = ["open_sqlite_catalogue", "open_sqlite_jobs"]


def open_sqlite_catalogue(path: Path, clock: Clock, *, busy_timeout: float = 30.0) -> SqlCatalogue:
    """Open the catalogue in a SQLite file; make the file and its folder if they are not there.

    Any number of processes may open one new file at once. A file that is there can be read where
    neither it nor its folder may be written.

    Args:
        path: The file.
        clock: Tells when something was published.
        busy_timeout: Seconds to wait for another writer before a `HubBusyError`.

    Raises:
        HubBusyError: Another process held the file for too long.
        PolarisHubError: The file cannot be opened, is damaged or not a catalogue, or was made
            by a newer version of the library.
    """
    return SqlCatalogue(_opened(path, busy_timeout), clock)


def open_sqlite_jobs(path: Path, clock: Clock, *, busy_timeout: float = 30.0) -> SqlJobs:
    """Open the job queue in the SQLite file of a catalogue; see `open_sqlite_catalogue`."""
    return SqlJobs(_opened(path, busy_timeout), clock)


def _opened(path: Path, busy_timeout: float) -> SqliteDatabase:
    database = SqliteDatabase(path, busy_timeout=busy_timeout)
    if not _is_ready(database, path):
        database.make_file()
        with database.writing() as connection:
            prepare_schema(connection, where=str(database))
    return database


def _is_ready(database: SqliteDatabase, path: Path) -> bool:
    """Tell whether there is nothing to do, without taking the write lock."""
    if not os.path.exists(path):  # noqa: PTH110  `Path.exists` raises in an unreadable folder
        return False
    with database.reading() as connection:
        return schema_is_current(connection)
