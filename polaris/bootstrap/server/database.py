"""Opening the database of a hub server."""

from __future__ import annotations

import os
from pathlib import Path

from polaris.bootstrap.server.settings import ServerSettings
from polaris.bootstrap.server.storage import make_folder
from polaris.errors import PolarisHubError
from polaris_adapters import sql_catalogue
from polaris_adapters.sql_catalogue import Database

__all__ = ["CATALOGUE", "open_database"]

CATALOGUE = "catalogue.sqlite"


def open_database(settings: ServerSettings, *, prepare: bool = True, keep: int = 0) -> Database:
    """Open the database of a hub, and bring its tables up to date.

    Args:
        settings: Where it is.
        prepare: Whether its tables are made or brought up to date.
        keep: How many connections to a SQLite file stay open between transactions.

    Raises:
        HubUnreachableError: There is no connection to it.
        MissingExtraError: The driver of PostgreSQL is not installed.
        PolarisHubError: It cannot be opened, is no hub's, or is a newer one's.
    """
    if settings.database is not None:
        return sql_catalogue.open_database(settings.database, prepare=prepare)
    # For the hub alone: what its tokens are signed with is in it.
    make_folder(settings.data, mode=0o700)
    if prepare:
        _make_file(settings.data / CATALOGUE)
    return sql_catalogue.open_database(settings.data / CATALOGUE, prepare=prepare, keep=keep)


def _make_file(path: Path) -> None:
    """Make a file that others may not read, also where they may read the folder.

    SQLite gives its log the same permissions.
    """
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return
    except OSError as cause:
        raise PolarisHubError(
            f"Cannot make {path}: {cause.strerror}",
            hint="Choose another folder with --data, or check its permissions.",
        ) from cause
