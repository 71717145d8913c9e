"""What turns a file of some format into columns, and what it is given to do so."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from polaris.domain.column_adapters import Adapter
from polaris.domain.columns import ColumnAnnotation
from polaris.errors import InvalidDatasetError
from polaris.ports.archives import ArchiveWriter, StoredArchive
from polaris.ports.molecular_files import MoleculeFiles, StructureFiles

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ConversionTarget", "Converted", "Converter", "refuse_names"]

Converted = tuple["pd.DataFrame", dict[str, ColumnAnnotation], dict[str, Adapter]]


class ConversionTarget(Protocol):
    """What a converter sees of the factory that it works for."""

    @property
    def zarr_root_path(self) -> str | None:
        """Where the archive of the dataset lies; None where it has none."""
        ...

    @property
    def zarr_root(self) -> Any:
        """The archive's root as a ``zarr.Group`` that can be written to."""
        ...

    @property
    def archive(self) -> ArchiveWriter:
        """Adds arrays to the archive."""
        ...

    @property
    def molecules(self) -> MoleculeFiles:
        """Reads files of molecules."""
        ...

    @property
    def structures(self) -> StructureFiles:
        """Reads files of structures."""
        ...

    def read_file(self, path: str, /) -> bytes:
        """Return the content of a file."""
        ...

    def source_archive(self, path: str, /) -> StoredArchive:
        """Return an archive for reading."""
        ...

    def read_in_place(self, path: str, /) -> None:
        """Make an archive that is there that of the dataset; nothing is written to it."""
        ...


class Converter(ABC):
    """Turns a file of one format into columns of a dataset.

    Derive a class, and register it with a factory for the extension of the format.

    Example:
        >>> class NpyConverter(Converter):
        ...     def convert(self, path, factory, append=False):
        ...         values = np.load(path)
        ...         first = factory.archive.append("values", values)
        ...         cells = [self.get_pointer("values", first + i) for i in range(len(values))]
        ...         annotation = ColumnAnnotation(is_pointer=True)
        ...         return pd.DataFrame({"values": cells}), {"values": annotation}, {}
        >>> factory.register_converter("npy", NpyConverter())  # doctest: +SKIP
    """

    @abstractmethod
    def convert(self, path: str, factory: ConversionTarget, append: bool = False) -> Converted:
        """Convert a file.

        Args:
            path: Path or URL of the file.
            factory: Holds the archive for what does not fit into cells.
            append: Whether the file continues one that was converted before: rows are appended to
                the arrays that are there. Otherwise such arrays are refused.

        Returns:
            A table, annotations of its columns, and adapters of those that have one.

        Raises:
            InvalidDatasetError: The file holds nothing that could be converted, or an array is
                there already.
        """

    @staticmethod
    def get_pointer(column: str, index: int | slice | str) -> str:
        """Return the text of a cell that points to a row, or to rows, of an array.

        Args:
            column: Path of the array in the archive.
            index: A row; or rows, from ``start`` up to but without ``stop``.

        Raises:
            InvalidDatasetError: A slice has no start or stop, or has a step.
        """
        if not isinstance(index, slice):
            return f"{column}#{index}"
        if index.start is None or index.stop is None or index.step not in (None, 1):
            raise InvalidDatasetError(
                f"{index} does not name rows that follow one another",
                hint="Give slice(first, stop).",
            )
        return f"{column}#{index.start}:{index.stop}"


def refuse_names(names: Sequence[str], factory: ConversionTarget, *, append: bool) -> None:
    """Refuse names of arrays that no pointer can name, or that are there already.

    Raises:
        InvalidDatasetError: There is such a name.
    """
    for name in names:
        if "#" in name or not name.strip("/"):
            raise InvalidDatasetError(
                f"An array cannot have the name {name!r}", hint="Use no # in it."
            )
    there = [] if append else sorted({*names} & {*factory.archive.names()})
    if there:
        raise InvalidDatasetError(
            f"The archive contains {', '.join(map(repr, there))} already",
            hint="Give the column of the second file another name, or append its rows (axis=0).",
        )
