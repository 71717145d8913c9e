"""Building a dataset from tables and files, step by step."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, get_args

from polaris.application.conversion.archive import ZarrConverter
from polaris.application.conversion.converter import Converted, Converter
from polaris.application.conversion.molecules import SDFConverter
from polaris.application.conversion.new_archive import NewArchive, WhenThere
from polaris.application.conversion.services import ConversionServices, extension_of, located
from polaris.application.conversion.structures import PDBConverter
from polaris.domain.column_adapters import Adapter
from polaris.domain.columns import ColumnAnnotation
from polaris.domain.dataset_v1 import DatasetV1
from polaris.domain.locations import location_text
from polaris.domain.table_assembly import beside, joined_on, stacked
from polaris.domain.tables import check_table
from polaris.errors import InvalidDatasetError, InvalidInputError
from polaris.ports.archives import ArchiveWriter, StoredArchive
from polaris.ports.molecular_files import MoleculeFiles, StructureFiles

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Axis", "DatasetFactory"]

Axis = Literal[0, 1, "index", "columns"]
D = TypeVar("D", bound=DatasetV1)


class DatasetFactory(Generic[D]):
    """Builds a dataset: a table that grows by columns and by files, and an archive for arrays.

    A call that fails changes nothing.

    Args:
        zarr_root_path: Where the archive is to be written; needed for files whose content does not
            fit into cells.
        converters: Converters by the extension of files; those of ``sdf``, ``pdb`` and ``zarr``
            when omitted.
        if_exists: What to do where an archive lies at ``zarr_root_path`` already: ``raise``, or
            ``replace`` it.
        services: What it works with.
        dataset_cls: Class of the dataset.
    """

    def __init__(
        self,
        zarr_root_path: str | os.PathLike[str] | None = None,
        converters: Mapping[str, Converter] | None = None,
        *,
        if_exists: WhenThere = "raise",
        services: ConversionServices,
        dataset_cls: type[D],
    ) -> None:
        if if_exists not in get_args(WhenThere):
            raise InvalidInputError(
                f"if_exists cannot be {if_exists!r}", hint="Give 'raise' or 'replace'."
            )
        self._services = services
        self._dataset_cls = dataset_cls
        self._if_exists: WhenThere = if_exists
        self._converters: dict[str, Converter] = {}
        if converters is None:
            converters = {"sdf": SDFConverter(), "pdb": PDBConverter(), "zarr": ZarrConverter()}
        for extension, converter in converters.items():
            self.register_converter(extension, converter)
        self.reset(zarr_root_path)

    def reset(self, zarr_root_path: str | os.PathLike[str] | None = None) -> None:
        """Begin another dataset; converters stay. What was written to an archive stays there.

        Args:
            zarr_root_path: Where the archive of the next dataset is to be written.
        """
        self._new_archive = NewArchive(
            self._services.locator,
            self._services.archives,
            located(zarr_root_path),
            self._if_exists,
        )
        self._in_place: str | None = None
        self._table: pd.DataFrame | None = None
        self._annotations: dict[str, ColumnAnnotation] = {}
        self._adapters: dict[str, Adapter] = {}

    def register_converter(self, ext: str, converter: Converter) -> None:
        """Use a converter for files with an extension, instead of one that was there."""
        self._converters[ext.lower().removeprefix(".")] = converter

    # -- what converters need -----------------------------------------------------------------

    @property
    def zarr_root_path(self) -> str | None:
        """Where the archive lies or is to be written; None where there is none."""
        return self._in_place or self._new_archive.path

    @property
    def archive(self) -> ArchiveWriter:
        """Adds arrays to the archive, which is made when first asked for.

        Raises:
            InvalidDatasetError: The factory has no path for it, or reads one in place.
            ObjectExistsError: There is something at the path already.
        """
        if self._in_place is not None:
            raise InvalidDatasetError(
                f"The factory reads the archive {self._in_place} where it lies, and does not "
                "write to it",
                hint="Give the factory a zarr_root_path, so that the archive is copied.",
            )
        return self._new_archive.writer()

    @property
    def zarr_root(self) -> Any:
        """The archive's root as a ``zarr.Group`` that can be written to; see `archive`."""
        return self.archive.group

    @property
    def molecules(self) -> MoleculeFiles:
        """Reads files of molecules."""
        return self._services.molecules

    @property
    def structures(self) -> StructureFiles:
        """Reads files of structures."""
        return self._services.structures

    def read_file(self, path: str, /) -> bytes:
        """Return the content of a file.

        Raises:
            ObjectNotFoundError: It does not exist.
        """
        return self._services.read_file(path)

    def source_archive(self, path: str, /) -> StoredArchive:
        """Return an archive for reading.

        Raises:
            ObjectNotFoundError: There is no such folder.
        """
        return self._services.archives.source(self._services.locator.folder(path), "")

    def read_in_place(self, path: str, /) -> None:
        """Make an archive that is there that of the dataset; nothing is written to it.

        Raises:
            InvalidDatasetError: The factory has an archive already.
        """
        if self.zarr_root_path is not None:
            raise InvalidDatasetError(
                f"The factory has the archive {self.zarr_root_path} already",
                hint="Give the factory a zarr_root_path, so that archives are copied.",
            )
        self._in_place = located(path)

    # -- adding -------------------------------------------------------------------------------

    def add_column(
        self,
        column: pd.Series[Any],
        annotation: ColumnAnnotation | None = None,
        adapters: Adapter | str | None = None,
    ) -> None:
        """Add a column; rows belong together by their position.

        Args:
            column: Its cells; has a name.
            annotation: What it means.
            adapters: The conversion of its cells.

        Raises:
            InvalidDatasetError: It has no name, one that is there already, or another number of
                rows; or it has pointers and the factory has no archive.
        """
        if column.name is None:
            raise InvalidDatasetError(
                "The column has no name", hint="Give it one: pandas.Series(values, name=...)."
            )
        name: Any = column.name
        self.add_columns(
            column.to_frame(),
            None if annotation is None else {name: annotation},
            None if adapters is None else {name: adapters},
        )

    def add_columns(
        self,
        df: pd.DataFrame,
        annotations: Mapping[str, ColumnAnnotation] | None = None,
        adapters: Mapping[str, Adapter | str] | None = None,
        merge_on: str | None = None,
    ) -> None:
        """Add columns.

        Args:
            df: The columns.
            annotations: What they mean.
            adapters: Conversions of their cells.
            merge_on: A column of both tables. Rows with equal values belong together, and rows
                that one table lacks are there nevertheless, with missing values. When omitted,
                rows belong together by their position.

        Raises:
            InvalidDatasetError: See `add_column`; or the tables cannot be merged.
        """
        new = check_table(df)
        given = {**(annotations or {})}
        converted = {name: _adapter(adapter) for name, adapter in (adapters or {}).items()}
        unknown = [name for name in (*given, *converted) if name not in new.columns]
        if unknown:
            raise InvalidDatasetError(
                f"There is no column {unknown[0]!r} among the new ones",
                hint=f"They are {', '.join(new.columns)}.",
            )
        if merge_on is None:
            table = beside(self._table, new)
        else:
            table = joined_on(self._table, new, merge_on)
        # Assigned at the end, so that what is refused has changed nothing.
        together = {**self._annotations, **given}
        self._refuse_lost_pointers(table, together)
        self._table = table
        self._annotations = together
        self._adapters = {**self._adapters, **converted}

    def add_from_file(self, path: str | os.PathLike[str]) -> None:
        """Add the columns of a file, by the converter for its extension.

        Raises:
            InvalidInputError: No converter is registered for it.
            ObjectNotFoundError: The file does not exist.
            InvalidDatasetError: See `add_column`, and the converter.
        """
        self.add_from_files([path], axis=0)

    def add_from_files(self, paths: Sequence[str | os.PathLike[str]], axis: Axis) -> None:
        """Add several files.

        Args:
            paths: The files.
            axis: 0 or ``index``: the files have the same format, and the rows of each follow those
                of the one before. 1 or ``columns``: the columns of each are new ones.

        Raises:
            InvalidInputError: No converter is registered for a file, or the axis is another one.
            InvalidDatasetError: Formats differ for axis 0; or see `add_from_file`.
        """
        if axis not in get_args(Axis) or isinstance(axis, bool):
            raise InvalidInputError(
                f"axis cannot be {axis!r}", hint="Give 0 for rows, or 1 for columns."
            )
        if isinstance(paths, (str, os.PathLike)) or not paths:
            raise InvalidInputError(
                f"{paths!r} is not a list of files", hint="Give the paths of one or more files."
            )
        files = [(location_text(path), self._converter(path)) for path in paths]
        for path, _ in files:
            self._new_archive.refuse_source(path)
        rows = axis in (0, "index")
        extensions = {extension_of(path) for path, _ in files}
        if rows and len(extensions) > 1:
            raise InvalidDatasetError(
                f"Rows of {' and '.join(sorted(extensions))} files do not fit below one another",
                hint="Give files of one format, or axis=1.",
            )
        with self._all_or_nothing():
            if rows:
                parts = [
                    _checked(converter.convert(path, self, append=number > 0), path)
                    for number, (path, converter) in enumerate(files)
                ]
                self.add_columns(
                    stacked([table for table, _, _ in parts]),
                    {name: a for _, given, _ in parts for name, a in given.items()},
                    {name: a for _, _, given in parts for name, a in given.items()},
                )
            else:
                for path, converter in files:
                    self.add_columns(*_checked(converter.convert(path, self), path))

    def build(self) -> D:
        """Return the dataset. The factory can go on, and build another one that has more.

        Raises:
            InvalidDatasetError: Nothing was added, or the columns do not make a dataset.
        """
        if self._table is None:
            raise InvalidDatasetError(
                "Nothing was added to the factory", hint="Add columns or files first."
            )
        uses_zarr = any(annotation.is_pointer for annotation in self._annotations.values())
        if uses_zarr and self._in_place is None:
            self.archive.consolidate()
        return self._dataset_cls(
            table=self._table.copy(),
            annotations=dict(self._annotations),
            default_adapters=dict(self._adapters),
            zarr_root_path=self.zarr_root_path if uses_zarr else None,
        )

    # -- rules --------------------------------------------------------------------------------

    def _converter(self, path: str | os.PathLike[str]) -> Converter:
        extension = extension_of(path)
        if extension not in self._converters:
            raise InvalidInputError(
                f"No converter is registered for files like {location_text(path)}",
                hint=f"There are converters for {', '.join(sorted(self._converters)) or 'none'}; "
                "register_converter adds one.",
            )
        return self._converters[extension]

    def _refuse_lost_pointers(
        self, table: pd.DataFrame, annotations: Mapping[str, ColumnAnnotation]
    ) -> None:
        pointers = [name for name, annotation in annotations.items() if annotation.is_pointer]
        if pointers and self.zarr_root_path is None:
            raise InvalidDatasetError(
                f"The column {pointers[0]!r} points into an archive, and the factory has none",
                hint="Give the factory a zarr_root_path.",
            )
        for name in pointers:
            missing = int(table[name].isna().sum())
            if missing:
                raise InvalidDatasetError(
                    f"{missing} rows would be without a pointer in the column {name!r}",
                    hint="Leave out rows that the table does not have, before you merge.",
                )

    @contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        """Undo what was added, to the archive too, if something fails."""
        before = (self._table, self._annotations, self._adapters, self._in_place)
        names = self._new_archive.names()
        try:
            yield
        except BaseException:
            self._table, self._annotations, self._adapters, self._in_place = before
            self._new_archive.keep_only(names)
            raise


def _adapter(adapter: Adapter | str) -> Adapter:
    if isinstance(adapter, Adapter):
        return adapter
    if adapter not in Adapter.__members__:
        raise InvalidDatasetError(
            f"{adapter!r} is not an adapter", hint=f"Give one of {', '.join(Adapter.__members__)}."
        )
    return Adapter[adapter]


def _checked(converted: Any, path: str) -> Converted:
    """Return what a converter gave; refuse what is no table with annotations and adapters."""
    if not isinstance(converted, tuple) or len(converted) != 3:
        raise InvalidDatasetError(
            f"The converter of {path} gave a {type(converted).__name__}",
            hint="Return a tuple of a table, annotations and adapters.",
        )
    table, annotations, adapters = converted
    return check_table(table), dict(annotations or {}), dict(adapters or {})
