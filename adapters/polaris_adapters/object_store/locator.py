"""Opening the folders that users name."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from polaris.domain.locations import absolute_path
from polaris.errors import InvalidInputError, ObjectNotFoundError, StorageError
from polaris.ports.storage import StoragePort
from polaris_adapters.object_store.folder import FolderStorage

__all__ = ["FolderLocator", "folder_path"]


def folder_path(location: str) -> Path:
    """Return the absolute path that a path or a ``file://`` URL names.

    Raises:
        InvalidInputError: It is a URL of another scheme or of another machine.
    """
    scheme = location.partition("://")[0] if "://" in location else ""
    if not scheme:
        return absolute_path(location)
    parts = urlsplit(location)
    if scheme.lower() != "file":
        raise InvalidInputError(
            f"No store serves {scheme}:// in {location!r}",
            hint="Give a path of this machine, or a file:// URL.",
        )
    if parts.netloc not in ("", "localhost"):
        raise InvalidInputError(
            f"{location!r} names a folder of another machine, {parts.hostname!r}",
            hint="An absolute path takes three slashes: file:///folder.",
        )
    return Path(unquote(parts.path)).absolute()


class FolderLocator:
    """A `StorageLocator` for folders of this machine."""

    def folder(self, location: str, /, *, create: bool = False) -> StoragePort:
        """See `StorageLocator`."""
        path = folder_path(str(location))
        try:
            if create:
                path.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                raise ObjectNotFoundError(
                    f"There is no folder {path}", hint="Check the path, or create the folder."
                )
            if not path.is_dir():
                raise StorageError(f"{path} is not a folder", hint="Give the folder around it.")
        except StorageError:
            raise
        except (OSError, ValueError) as cause:
            raise StorageError(
                f"Cannot open the folder {path}: {cause}", hint="Check the path and permissions."
            ) from cause
        return FolderStorage(path)
