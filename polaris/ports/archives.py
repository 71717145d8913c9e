"""Zarr archives in a store of objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from polaris.domain.arrays import ArraySource
from polaris.ports.storage import StoragePort

if TYPE_CHECKING:
    import zarr

__all__ = ["ArchivePort", "HasStorage", "IOMode", "StoredArchive"]

IOMode = Literal["r", "r+", "a", "w", "w-"]


@runtime_checkable
class HasStorage(Protocol):
    """Something of which it is known where its bytes lie, so that it can be copied as it is."""

    @property
    def storage(self) -> StoragePort:
        """The store that holds the archive."""
        ...

    @property
    def path(self) -> str:
        """Folder of the archive's root in the store; ``""`` for the store itself."""
        ...


class StoredArchive(ArraySource, HasStorage, Protocol):
    """An archive in a store of objects."""


class ArchivePort(Protocol):
    """Opens Zarr archives that lie in a `StoragePort`."""

    async def open_group(
        self, storage: StoragePort, path: str, /, *, mode: IOMode, consolidated: bool
    ) -> zarr.Group:
        """Open an archive for arbitrary access.

        Args:
            storage: Where it lies.
            path: Folder of its root; ``""`` for the store itself.
            mode: ``r`` read, must exist; ``r+`` read and write, must exist; ``a`` read and write,
                created where missing; ``w`` emptied first; ``w-`` created, must not exist.
            consolidated: Read the metadata of all arrays from one object; for ``r`` and ``r+``
                only.

        Raises:
            InvalidInputError: ``consolidated`` with a mode that creates, or an unknown mode.
            ObjectNotFoundError: ``r`` or ``r+`` and there is no archive.
            ObjectExistsError: ``w-`` and there is one.
            InvalidDatasetError: ``consolidated`` and the archive's metadata is not.
            DamagedFileError: The metadata cannot be decoded.
        """
        ...

    def source(self, storage: StoragePort, path: str, /) -> StoredArchive:
        """Return an archive for bulk reading; it is opened at first use."""
        ...
