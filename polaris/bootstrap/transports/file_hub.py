"""``file:///folder``: a hub in a folder, with no server. Its user is the user of the machine."""

from __future__ import annotations

from polaris.errors import InvalidSettingsError, MissingExtraError, PolarisHubError
from polaris.ports.transport import Transport, TransportRequest
from polaris_adapters.local_identity import LocalIdentity
from polaris_adapters.object_store.artifact_storage import RevisionStorage
from polaris_adapters.object_store.folder import FolderStorage
from polaris_adapters.object_store.locator import folder_path

__all__ = ["open_file_hub"]


def open_file_hub(request: TransportRequest) -> Transport:
    """Open a hub in a folder; the folder is made where there is none.

    It holds ``catalogue.sqlite`` and the folder ``objects``. Any number of processes may use it at
    once, on a file system with working locks, which network file systems often lack.

    Raises:
        InvalidInputError: The URL names no folder of this machine.
        MissingExtraError: The packages of the extra ``local`` are not installed.
        PolarisHubError: The folder cannot be made or its catalogue not be opened.
    """
    try:
        from polaris_adapters.sql_catalogue import open_sqlite_catalogue
    except ModuleNotFoundError as cause:
        raise MissingExtraError("A hub in a folder", extra="local") from cause
    folder = folder_path(request.hub_url)
    if request.hub_url.partition("://")[2].strip("/") == "":
        raise InvalidSettingsError(
            f"{request.hub_url!r} names no folder", hint="Write file:///folder/of/the/hub."
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as cause:
        raise PolarisHubError(
            f"Cannot make the folder {folder} for a hub: {cause}",
            hint="Choose another folder, or check its permissions.",
        ) from cause
    catalogue = open_sqlite_catalogue(folder / "catalogue.sqlite", request.clock)
    return Transport(
        auth=LocalIdentity(),
        artifacts=catalogue,
        storage=RevisionStorage(FolderStorage(folder / "objects")),
        aclose=catalogue.aclose,
    )
