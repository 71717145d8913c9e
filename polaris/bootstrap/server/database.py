"""Opening the database of a hub server."""

from __future__ import annotations

from polaris.bootstrap.server.settings import ServerSettings
from polaris.bootstrap.server.storage import make_folder
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
    return sql_catalogue.open_database(settings.data / CATALOGUE, prepare=prepare, keep=keep)
