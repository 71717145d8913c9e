"""The accounts of a hub for whoever operates it, on its database and without its server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from polaris.application.accounts.account_ports import AccountPorts
from polaris.bootstrap.operators import hub_locks
from polaris.bootstrap.server.database import CATALOGUE, open_database
from polaris.bootstrap.server.settings import ServerSettings
from polaris.errors import PolarisHubError
from polaris.ports.clock import Clock
from polaris_adapters.argon2_passwords import Argon2Passwords
from polaris_adapters.sql_catalogue import Database, SqlAccounts, SqlAttempts, SqlCredentials
from polaris_adapters.sql_catalogue.schema import schema_is_current, schema_revision
from polaris_adapters.system_clock import SystemClock

__all__ = ["opened_accounts"]


@contextmanager
def opened_accounts(
    settings: ServerSettings, *, make: bool = False, clock: Clock | None = None
) -> Iterator[AccountPorts]:
    """Open the accounts of a hub for as long as the block runs; its server may run beside it.

    Args:
        settings: Where the hub is.
        make: Whether a hub that is not there yet is made.
        clock: Tells the time; the system's when omitted.

    Raises:
        PolarisHubError: There is no hub, its database cannot be opened, or it has another schema
            than this version of the library, or is being restored or migrated.
    """
    is_there = settings.database is not None or (settings.data / CATALOGUE).exists()
    if not is_there and not make:
        raise _no_hub(settings)
    # As a server does: nobody restores or migrates the hub meanwhile.
    with hub_locks(settings).serving():
        database = _open(settings, make=make) if is_there else open_database(settings)
        try:
            yield AccountPorts(
                accounts=SqlAccounts(database),
                credentials=SqlCredentials(database),
                passwords=Argon2Passwords(),
                attempts=SqlAttempts(database),
                clock=clock or SystemClock(),
            )
        finally:
            database.close()


def _open(settings: ServerSettings, *, make: bool) -> Database:
    """Open a database that is there, and leave its schema as it is; make one if it is empty."""
    database = open_database(settings, prepare=False)
    try:
        with database.reading() as connection:
            revision = schema_revision(connection)
            if schema_is_current(connection):
                return database
    except BaseException:
        database.close()
        raise
    database.close()
    if revision is not None:
        raise PolarisHubError(
            "The database of the hub has another schema than this version of Polaris works with",
            hint="Make a backup, then run: polaris hub migrate.",
        )
    if not make:
        raise _no_hub(settings)
    return open_database(settings)


def _no_hub(settings: ServerSettings) -> PolarisHubError:
    where = f"the folder {settings.data}" if settings.database is None else "the database"
    return PolarisHubError(
        f"There is no hub in {where}",
        hint="Say where it is with --data or --database, as for `polaris serve`.",
    )
