"""``file:///folder``: a hub in a folder, with no server. Its user is the user of the machine."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from polaris.application.accounts.sight import may_see
from polaris.errors import InvalidSettingsError, MissingExtraError, PolarisHubError
from polaris.ports.accounts import AccountStore
from polaris.ports.transport import Transport, TransportRequest, WorkerPorts
from polaris_adapters.local_identity import LocalIdentity
from polaris_adapters.object_store.artifact_storage import RevisionStorage
from polaris_adapters.object_store.folder import FolderStorage
from polaris_adapters.object_store.hidden_targets import StoredHiddenTargets, StoredTargetDeposit
from polaris_adapters.object_store.locator import folder_path

if TYPE_CHECKING:
    from polaris_adapters.sql_catalogue import SqlCatalogue, SqlJobs

__all__ = ["open_file_hub", "open_file_worker"]

_CATALOGUE = "catalogue.sqlite"
# What the extra `local` brings.
_EXTRA = frozenset({"alembic", "sqlalchemy"})


def open_file_hub(request: TransportRequest) -> Transport:
    """Open a hub in a folder; the folder is made where there is none.

    A hub on a file system, or in a folder, that may only be read can be read.

    It holds ``catalogue.sqlite`` and the folders ``objects`` and ``hidden``. Any number of
    processes may use it at once, on a file system with working locks, which network file systems
    often lack.

    Raises:
        InvalidInputError: The URL names no folder of this machine.
        MissingExtraError: The packages of the extra ``local`` are not installed.
        PolarisHubError: The folder cannot be made or its catalogue not be opened.
    """
    database, folder = _database(request)
    return Transport(
        auth=LocalIdentity(),
        artifacts=database.catalogue,
        storage=RevisionStorage(FolderStorage(folder / "objects")),
        deposit=StoredTargetDeposit(FolderStorage(folder / "hidden")),
        jobs=database.jobs,
        history=database.catalogue.history,
        aclose=database.aclose,
    )


def open_file_worker(request: TransportRequest) -> WorkerPorts:
    """Open the ports of what scores submissions to a hub in a folder; errors as above."""
    database, folder = _database(request)
    return WorkerPorts(
        artifacts=database.catalogue,
        storage=RevisionStorage(FolderStorage(folder / "objects")),
        hidden=StoredHiddenTargets(FolderStorage(folder / "hidden")),
        jobs=database.jobs,
        # Where a server works on the same folder, there are people who may not see everything.
        may_see=partial(may_see, _accounts(folder)),
        aclose=database.aclose,
    )


def _accounts(folder: Path) -> AccountStore:
    from polaris_adapters.sql_catalogue import SqlAccounts, open_database

    return SqlAccounts(open_database(folder / _CATALOGUE))


@attrs.frozen
class _Database:
    """Both parts of a hub that are in its database."""

    catalogue: SqlCatalogue
    jobs: SqlJobs

    async def aclose(self) -> None:
        await self.catalogue.aclose()
        await self.jobs.aclose()


def _database(request: TransportRequest) -> tuple[_Database, Path]:
    try:
        from polaris_adapters.sql_catalogue import open_sqlite_catalogue, open_sqlite_jobs
    except ModuleNotFoundError as cause:
        if (cause.name or "").partition(".")[0] not in _EXTRA:
            # Installing the extra would not mend it.
            raise PolarisHubError(
                f"A hub in a folder cannot be opened: {cause}",
                hint="Polaris or one of its packages is damaged; install it again.",
            ) from cause
        raise MissingExtraError("A hub in a folder", extra="local") from cause
    folder = _folder(request)
    path = folder / _CATALOGUE
    catalogue = open_sqlite_catalogue(path, request.clock)
    return _Database(catalogue, open_sqlite_jobs(path, request.clock)), folder


def _folder(request: TransportRequest) -> Path:
    """Return the folder of a hub, made where there is none and completed where that is allowed."""
    folder = folder_path(request.hub_url)
    if request.hub_url.partition("://")[2].strip("/") == "":
        raise InvalidSettingsError(
            f"{request.hub_url!r} names no folder", hint="Write file:///folder/of/the/hub."
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # For the hub alone: other users of the machine must not read test targets.
        (folder / "hidden").mkdir(mode=0o700, exist_ok=True)
    except OSError as cause:
        # One that is there can be read from where it may not be written.
        if not os.path.exists(folder / _CATALOGUE):  # noqa: PTH110  `Path.exists` may raise
            raise PolarisHubError(
                f"Cannot make or open the folder {folder} for a hub: {cause.strerror}",
                hint="Choose another folder, or check its permissions.",
            ) from cause
    return folder
