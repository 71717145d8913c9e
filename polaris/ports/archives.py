"""Zarr archives in a store of objects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

from polaris.domain.arrays import ArrayLayout, ArraySource
from polaris.ports.storage import StoragePort

if TYPE_CHECKING:
    import zarr
    from numpy.typing import NDArray

__all__ = ["ArchivePort", "ArchiveWriter", "HasStorage", "IOMode", "StoredArchive"]

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

    @property
    def is_consolidated(self) -> bool:
        """Whether one object holds the metadata of all arrays."""
        ...


class ArchiveWriter(Protocol):
    """Adds arrays to an archive; blocking, and for one writer at a time.

    New arrays are of the archive's format. A call that fails may leave rows, or an array, behind.
    Errors are those of the storage, and `DamagedFileError` where metadata cannot be decoded.
    """

    @property
    def group(self) -> Any:
        """The archive's root as a ``zarr.Group`` that can be written to."""
        ...

    def names(self) -> Sequence[str]:
        """Return the names of the arrays and groups of the root, sorted."""
        ...

    def append(
        self, path: str, values: NDArray[Any], /, *, chunks: Sequence[int | None] | None = None
    ) -> int:
        """Append rows to an array, which is made, with the groups around it, where missing.

        Args:
            path: Path of the array.
            values: Shape ``(n, *element)``; objects have to be ``bytes``.
            chunks: Lengths of a chunk along the axes; None for all of an axis, also for axes that
                are not given. Chosen by the size of a row where omitted. For a new array only.

        Returns:
            The number of the first row that was appended.

        Raises:
            InvalidDatasetError: The array is there with rows of another shape or type, or the
                values have no rows, or they are objects of another type.
        """
        ...

    def append_from(self, source: ArraySource, path: str, /) -> int:
        """Append all rows of another archive's array to the array of the same path.

        It is made where missing: with the same chunks, type and attributes, and with the same
        codecs if both archives are of format 2. Not all rows are in memory at a time.

        Returns:
            The number of the first row that was appended.

        Raises:
            InvalidDatasetError: The array is there with rows of another shape or type, or has no
                rows in the other archive.
        """
        ...

    def remove(self, name: str, /) -> None:
        """Remove an array or group of the root; nothing happens where there is none."""
        ...

    def consolidate(self) -> None:
        """Write the metadata of all arrays into one object as well."""
        ...


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

    def writer(self, storage: StoragePort, path: str, /) -> ArchiveWriter:
        """Return a writer to an archive; one that is missing is created at first use."""
        ...

    def write_columns(
        self,
        storage: StoragePort,
        path: str,
        /,
        columns: Mapping[str, NDArray[Any] | Iterable[NDArray[Any]]],
        layout: ArrayLayout,
    ) -> None:
        """Write a new archive of columns, and consolidate its metadata; blocking.

        Not more than a few chunks or shards of one column are in memory at a time.

        Args:
            storage: Where it will lie.
            path: Folder of its root.
            columns: Arrays of shape ``(n, *element)``, or their consecutive blocks of rows.
            layout: Format, chunks and shards.

        Raises:
            ObjectExistsError: There is something already; nothing was changed.
            InvalidDatasetError: Columns have different lengths, or names or types that cannot be
                stored; nothing is left of the archive.
            StorageError: It cannot be written.
        """
        ...

    def source(self, storage: StoragePort, path: str, /) -> StoredArchive:
        """Return an archive for bulk reading; it is opened at first use."""
        ...
