"""Errors about bytes in files and objects."""

from __future__ import annotations

from collections.abc import Sequence

from polaris.errors.root import PolarisError

__all__ = [
    "DamagedFileError",
    "IncompleteUploadError",
    "ObjectExistsError",
    "ObjectNotFoundError",
    "StorageError",
    "StorageUnavailableError",
]


class StorageError(PolarisError, OSError):
    """Bytes could not be read from, or written to, storage."""

    code = "storage"


class StorageUnavailableError(StorageError):
    """A store did not answer, or could not serve the call now."""

    code = "storage_unavailable"
    retryable = True
    exit_code = 7


class ObjectNotFoundError(StorageError, FileNotFoundError):
    """An object or file that must be there is not."""

    code = "object_not_found"
    exit_code = 4


class IncompleteUploadError(ObjectNotFoundError):
    """What is to be published has not arrived whole; nothing was published.

    Args:
        message: See `PolarisError`.
        hint: See `PolarisError`.
        keys: The keys of objects that are missing, or are not what the manifest says.
    """

    code = "incomplete_upload"

    def __init__(self, message: str = "", *, hint: str = "", keys: Sequence[str] = ()) -> None:
        self.keys: tuple[str, ...] = tuple(keys)
        super().__init__(message, hint=hint)


class ObjectExistsError(StorageError, FileExistsError):
    """An object or file is already there and may not be replaced.

    Args:
        message: See `PolarisError`.
        hint: See `PolarisError`.
        keys: The keys that exist.
    """

    code = "object_exists"
    exit_code = 5

    def __init__(self, message: str = "", *, hint: str = "", keys: Sequence[str] = ()) -> None:
        self.keys: tuple[str, ...] = tuple(keys)
        super().__init__(message, hint=hint)


class DamagedFileError(StorageError):
    """A file or object is there but its content cannot be decoded."""

    code = "damaged_file"
    exit_code = 6
