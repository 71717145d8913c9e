"""The use cases of operators, wired from the settings of a hub server."""

from __future__ import annotations

from pathlib import Path

import attrs

from polaris.application.null_progress import NullProgress
from polaris.application.upkeep.areas import StoreAreas
from polaris.application.upkeep.backup import BackUp
from polaris.application.upkeep.check_hub import CheckHub
from polaris.application.upkeep.collect_garbage import CollectGarbage
from polaris.application.upkeep.migrate import Migrate
from polaris.application.upkeep.restore import Restore
from polaris.application.upkeep.verify_backup import VerifyBackup
from polaris.bootstrap.server.database import CATALOGUE, open_database
from polaris.bootstrap.server.settings import ServerSettings
from polaris.bootstrap.server.storage import make_folder, open_bucket, open_stores
from polaris.errors import MissingExtraError, PolarisHubError
from polaris.ports.clock import Clock
from polaris.ports.progress import ProgressPort
from polaris.ports.storage import StoragePort
from polaris.ports.upkeep import Purges, SchemaUpkeep, UpkeepLocks
from polaris_adapters.object_store.folder import FolderStorage
from polaris_adapters.object_store.locator import folder_path
from polaris_adapters.sql_catalogue import Database
from polaris_adapters.sql_catalogue.attempts import SqlAttempts
from polaris_adapters.sql_catalogue.credentials import SqlCredentials
from polaris_adapters.sql_catalogue.remembered_replies import SqlReplies
from polaris_adapters.sql_catalogue.sqlite_database import SqliteDatabase
from polaris_adapters.sql_catalogue.upkeep_dump import SqlDump
from polaris_adapters.sql_catalogue.upkeep_ledger import SqlRevisionLedger
from polaris_adapters.sql_catalogue.upkeep_locks import PostgresLocks, SqliteLocks
from polaris_adapters.sql_catalogue.upkeep_rows import SqlRowCheck
from polaris_adapters.sql_catalogue.upkeep_schema import SqlSchema
from polaris_adapters.system_clock import SystemClock

__all__ = [
    "PATIENCE",
    "Operations",
    "hub_locks",
    "open_backups",
    "open_operations",
    "verify_backup",
]

PATIENCE = 5.0
"""Seconds to wait for what else is done to a hub."""


@attrs.frozen(kw_only=True)
class Operations:
    """What can be done to a hub as a whole.

    Attributes:
        back_up: Copies it.
        restore: Brings it back.
        check: Checks it.
        collect: Removes what is not needed any more.
        migrate: Changes its schema.
        schema: Says which schema it has.
        database: Where its rows are; to be closed.
    """

    back_up: BackUp
    restore: Restore
    check: CheckHub
    collect: CollectGarbage
    migrate: Migrate
    schema: SchemaUpkeep
    database: Database


def open_operations(
    settings: ServerSettings,
    *,
    new: bool = False,
    progress: bool = False,
    clock: Clock | None = None,
    patience: float | None = None,
) -> Operations:
    """Open a hub for its operators. Its schema is left as it is.

    Args:
        settings: What the hub is made of.
        new: Make what is not there yet, for a restore; else it is refused.
        progress: Show bars on the terminal.
        clock: Tells the time; the system's when omitted.
        patience: Seconds to wait for what else is done to the hub; `PATIENCE` when omitted.

    Raises:
        MissingExtraError: A package that the database needs is not installed.
        PolarisHubError: There is no hub, or it cannot be opened.
    """
    if not new and settings.database is None and not (settings.data / CATALOGUE).exists():
        raise PolarisHubError(
            f"There is no hub in {settings.data}", hint="Give its folder with --data."
        )
    stores = open_stores(settings)
    database = open_database(settings, prepare=False)
    if new and isinstance(database, SqliteDatabase):
        database.make_file()
    areas = StoreAreas(stores.objects, stores.hidden, stores.incoming)
    clock, shown, locks = clock or SystemClock(), _progress(progress), hub_locks(settings, patience)
    dump, ledger, schema = SqlDump(database), SqlRevisionLedger(database), SqlSchema(database)
    purges: dict[str, Purges] = {
        "replies": SqlReplies(database),
        "credentials": SqlCredentials(database),
        "tries to sign in": SqlAttempts(database),
    }
    return Operations(
        back_up=BackUp(dump, areas, locks, clock, shown),
        restore=Restore(dump, areas, locks, shown),
        check=CheckHub(ledger, SqlRowCheck(database), areas, locks, clock, shown),
        collect=CollectGarbage(ledger, areas, purges, locks, clock, shown),
        migrate=Migrate(schema, locks),
        schema=schema,
        database=database,
    )


def verify_backup(*, progress: bool = False) -> VerifyBackup:
    """Return what checks a backup, which needs no hub."""
    return VerifyBackup(_progress(progress))


def hub_locks(settings: ServerSettings, patience: float | None = None) -> UpkeepLocks:
    """Return the locks of a hub; whoever serves it holds ``serving()`` for as long."""
    patience = PATIENCE if patience is None else patience
    if settings.database is not None:
        return PostgresLocks(settings.database, patience=patience)
    make_folder(settings.data, mode=0o700)
    return SqliteLocks(settings.data / CATALOGUE, patience=patience)


def open_backups(settings: ServerSettings, where: str, *, make: bool) -> StoragePort:
    """Open a store of backups: a folder, or ``s3://bucket/prefix`` with the keys of the settings.

    A new folder is for its owner alone: a backup holds hashes of passwords, the keys that the hub
    signs with, and test targets.

    Raises:
        PolarisHubError: The folder is not there, or cannot be made.
    """
    if where.startswith("s3://"):
        return open_bucket(settings, where)
    folder: Path = folder_path(where)
    if make:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as cause:
            raise PolarisHubError(
                f"The folder {folder} for backups cannot be made: {cause.strerror}",
                hint="Choose another one, or check its permissions.",
            ) from cause
    elif not folder.is_dir():
        raise PolarisHubError(f"There is no folder {folder}", hint="Give the folder of backups.")
    return FolderStorage(folder)


def _progress(shown: bool) -> ProgressPort:
    if not shown:
        return NullProgress()
    try:
        from polaris_adapters.terminal_progress import TerminalProgress
    except ModuleNotFoundError as cause:
        raise MissingExtraError("Showing progress", extra="cli") from cause
    return TerminalProgress()
