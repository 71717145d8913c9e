"""What a dataset is whose data all lies in a Zarr archive: its fields, its archive, its shape."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import Any, Self

import attrs

from polaris.domain.archive_columns import ArchiveColumns, archive_columns
from polaris.domain.archive_reading import ArchiveReader
from polaris.domain.arrays import ArraySource
from polaris.domain.checksums.md5 import check_md5
from polaris.domain.columns import ColumnAnnotation
from polaris.domain.dataset import DatasetMetadata, zarr_path
from polaris.domain.fields import check_assignment, rule
from polaris.errors import InvalidDatasetError, Problem

__all__ = ["ArchiveDataset"]


def _optional_path(value: Any) -> str | None:
    return None if value is None else zarr_path(value)


def _replace_root(dataset: Any, attribute: attrs.Attribute[Any], new: Any) -> Any:
    """Open another archive; annotations follow its columns."""
    if not isinstance(new, str) or not new:
        return check_assignment(dataset, attribute, new)
    before = {name: getattr(dataset, name) for name in (*_OF_ARCHIVE, "annotations")}
    before[attribute.name] = dataset.zarr_root_path
    for name in _OF_ARCHIVE:
        object.__setattr__(dataset, name, None)
    object.__setattr__(dataset, attribute.name, new)
    try:
        columns = dataset._structure.columns
        kept = {k: a for k, a in before["annotations"].items() if k in columns}
        object.__setattr__(dataset, "annotations", kept)
        check_assignment(dataset, attribute, new)
    except BaseException:
        for name, value in before.items():
            object.__setattr__(dataset, name, value)
        raise
    object.__setattr__(dataset, "annotations", dataset._completed(dataset.annotations))
    return new


# What belongs to the archive and is forgotten with it.
_OF_ARCHIVE = ("_archive", "_layout", "_reader", "_loaded", "_digest", "_zarr_manifest_md5sum")


@attrs.define(kw_only=True, eq=False, repr=False, on_setattr=check_assignment)
class ArchiveDataset(DatasetMetadata):
    """A dataset whose data all lies in a Zarr archive.

    Attributes:
        zarr_root_path: Where the archive lies; required unless ``archive`` is given.
        zarr_manifest_md5sum: MD5 of the archive's manifest, as far as it is known.
    """

    zarr_root_path: str | None = attrs.field(
        default=None, converter=_optional_path, on_setattr=_replace_root
    )
    _zarr_manifest_md5sum: str | None = attrs.field(
        default=None, alias="zarr_manifest_md5sum", converter=attrs.converters.optional(check_md5)
    )
    _archive: ArraySource | None = attrs.field(default=None, alias="archive")
    _layout: ArchiveColumns | None = attrs.field(default=None, init=False)
    _reader: ArchiveReader | None = attrs.field(default=None, init=False)
    _loaded: ArraySource | None = attrs.field(default=None, init=False)
    _digest: str | None = attrs.field(default=None, init=False)
    _left_out: frozenset[str] = attrs.field(default=frozenset(), init=False)

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        object.__setattr__(self, "annotations", self._completed(self.annotations))

    def _completed(self, annotations: dict[str, ColumnAnnotation]) -> dict[str, ColumnAnnotation]:
        return {
            name: attrs.evolve(annotations.get(name, ColumnAnnotation()), dtype=dtype)
            for name, dtype in self.dtypes.items()
        }

    @rule("zarr_root_path", "_archive")
    def _archive_is_one_of_columns(self) -> Iterator[Problem]:
        if self.zarr_root_path is None and self._archive is None:
            hint = "Give the path of the Zarr archive that holds the data."
            yield Problem("zarr_root_path", "is required", hint)
        else:
            yield from self._structure.problems

    @rule("zarr_root_path", "_archive", "annotations", "default_adapters")
    def _names_are_of_columns(self) -> Iterator[Problem]:
        if (self.zarr_root_path is None and self._archive is None) or self._structure.problems:
            return
        hint = f"The archive's columns are {', '.join(self.columns[:20])}."
        for field in ("annotations", "default_adapters"):
            for name in getattr(self, field):
                if name not in self._structure.columns:
                    yield Problem(f"{field}.{name}", "the archive has no such column", hint)

    # -- the archive --------------------------------------------------------------------------

    def _connect(self) -> ArraySource:
        """Open the archive; overridden where there is something to open it with."""
        raise InvalidDatasetError(
            f"No archive is attached to {self.name or 'the dataset'}",
            hint="Give one as archive=…, or use polaris.dataset.DatasetV2, which opens paths.",
        )

    @property
    def _source(self) -> ArraySource:
        if self._archive is None:
            object.__setattr__(self, "_archive", self._connect())
        assert self._archive is not None
        return self._archive

    @property
    def _structure(self) -> ArchiveColumns:
        if self._layout is None:
            object.__setattr__(self, "_layout", archive_columns(self._source))
        assert self._layout is not None
        return self._layout

    @property
    def _reading(self) -> ArchiveReader:
        if self._reader is None:
            columns = {name: self._structure.columns[name] for name in self.columns}
            reader = ArchiveReader(self._loaded or self._source, columns)
            object.__setattr__(self, "_reader", reader)
        assert self._reader is not None
        return self._reader

    def attach(self, source: ArraySource, *, zarr_root_path: str | None = None) -> None:
        """Read from another copy of the archive from now on.

        Args:
            source: The copy.
            zarr_root_path: Where it lies; unchanged when None.

        Raises:
            InvalidDatasetError: Its columns are not those of the dataset.
        """
        structure = archive_columns(source)
        if structure.problems or list(structure.columns) != list(self._structure.columns):
            raise InvalidDatasetError(
                f"The archive is not a copy of that of {self!r}",
                hint="Construct a dataset with it instead.",
                problems=structure.problems,
            )
        for name, value in (("_archive", source), ("_layout", structure), ("_reader", None)):
            object.__setattr__(self, name, value)
        if zarr_root_path is not None:
            object.__setattr__(self, "zarr_root_path", zarr_root_path)

    @property
    def uses_zarr(self) -> bool:
        """True: the archive is all there is."""
        return True

    @property
    def archive(self) -> ArraySource:
        """The Zarr archive.

        Raises:
            InvalidDatasetError: It holds columns that this copy leaves out.
        """
        if self._left_out:
            raise InvalidDatasetError(
                f"The archive also holds {', '.join(sorted(self._left_out)[:5])}, which is left "
                "out of this copy of the dataset",
                hint="Read its columns instead, or use the whole dataset.",
            )
        return self._source

    @property
    def zarr_root(self) -> Any:
        """The archive's root as a read-only ``zarr.Group``."""
        return self.archive.group

    @property
    def zarr_data(self) -> Any:
        """The root of what is read from: the arrays in memory if they were loaded."""
        return self.zarr_root if self._loaded is None else self._loaded.group

    def load_to_memory(self) -> None:
        """Decode all arrays of the archive into memory, and read from there from now on."""
        if self._loaded is None:
            object.__setattr__(self, "_loaded", self.archive.load())
            object.__setattr__(self, "_reader", None)

    # -- shape --------------------------------------------------------------------------------

    @property
    def columns(self) -> list[str]:
        """The names of the columns, sorted."""
        return [name for name in self._structure.columns if name not in self._left_out]

    @property
    def dtypes(self) -> dict[str, Any]:
        """The type of each column's elements; object for texts and groups."""
        return {name: self._structure.columns[name].dtype for name in self.columns}

    @property
    def n_rows(self) -> int:
        """How many rows there are."""
        columns = self._structure.columns
        return next((column.length for column in columns.values()), 0)

    @property
    def rows(self) -> range:
        """The numbers of the rows."""
        return range(self.n_rows)

    @property
    def n_columns(self) -> int:
        """How many columns there are."""
        return len(self.columns)

    @property
    def groups(self) -> list[str]:
        """The columns that are groups, which no new dataset may have."""
        return [name for name in self._structure.groups if name not in self._left_out]

    def size(self) -> tuple[int, int]:
        """Return the numbers of rows and of columns."""
        return self.n_rows, self.n_columns

    def __len__(self) -> int:
        return self.n_rows

    # -- others like it -----------------------------------------------------------------------

    @property
    def _whole(self) -> Self:
        return self._with(_left_out=frozenset()) if self._left_out else self

    def without_columns(self, names: Sequence[str]) -> Self:
        """Return a copy without some columns, which does not give out the archive either."""
        left_out = self._left_out | (set(names) & set(self._structure.columns))
        reduced = self._with(_left_out=frozenset(left_out), _reader=None)
        for field in ("annotations", "default_adapters"):
            by_column = {k: v for k, v in getattr(self, field).items() if k not in left_out}
            object.__setattr__(reduced, field, by_column)
        return reduced

    def _with(self, **changes: Any) -> Self:
        changed = copy.copy(self)
        for name, value in changes.items():
            object.__setattr__(changed, name, value)
        return changed

    def _summary(self) -> str:
        return f"{self.n_rows} rows x {self.n_columns} columns"
