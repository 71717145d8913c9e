"""A dataset that is a table, whose columns may point into a Zarr archive."""

from __future__ import annotations

import copy
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

import attrs
import numpy as np
from numpy.typing import NDArray

from polaris.domain.arrays import ArraySource
from polaris.domain.checksums.archive import FileChecksum
from polaris.domain.checksums.md5 import check_md5
from polaris.domain.checksums.table import table_checksum
from polaris.domain.column_adapters import Adapter
from polaris.domain.columns import ColumnAnnotation
from polaris.domain.dataset import DatasetMetadata
from polaris.domain.fields import check_assignment, rule
from polaris.domain.pointers import gather, parse_pointers
from polaris.domain.tables import adapted, check_table, column_values
from polaris.errors import (
    InvalidDatasetError,
    InvalidInputError,
    PolarisChecksumError,
    Problem,
)

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DatasetV1"]


def _complete(
    annotations: Mapping[str, ColumnAnnotation], table: pd.DataFrame
) -> dict[str, ColumnAnnotation]:
    """Return an annotation, with the real dtype, for each column of a table."""
    return {
        str(name): attrs.evolve(annotations.get(str(name), ColumnAnnotation()), dtype=dtype)
        for name, dtype in table.dtypes.items()
    }


def _replace_table(dataset: Any, attribute: attrs.Attribute[Any], new: Any) -> pd.DataFrame:
    """Check a new table; annotations follow its columns, and the checksum is computed anew."""
    before = dataset.annotations
    kept = {name: a for name, a in before.items() if name in getattr(new, "columns", before)}
    object.__setattr__(dataset, "annotations", kept)
    try:
        table = cast("pd.DataFrame", check_assignment(dataset, attribute, new))
    except InvalidInputError:
        object.__setattr__(dataset, "annotations", before)
        raise
    object.__setattr__(dataset, "annotations", _complete(kept, table))
    object.__setattr__(dataset, "_md5sum", None)
    return table


@attrs.define(kw_only=True, eq=False, repr=False, on_setattr=check_assignment)
class DatasetV1(DatasetMetadata):
    """A dataset that is a table, whose columns may point into a Zarr archive.

    The table's index labels its rows. Reading is by label (`get_data`, ``dataset[label]``) or in
    bulk by position (`read_column`, `Subset`).

    Attributes:
        table: A pandas DataFrame with text column names.
        md5sum: Checksum of table and archive. Given to the constructor, it is compared with the
            content, and a difference is refused; otherwise it is computed when first asked for.

    Raises:
        InvalidDatasetError: A field breaks a rule; all problems are reported together.
        PolarisChecksumError: The content does not have the ``md5sum`` that was given.
    """

    version: ClassVar[int] = 1

    table: pd.DataFrame = attrs.field(converter=check_table, on_setattr=_replace_table)
    _md5sum: str | None = attrs.field(
        default=None, alias="md5sum", converter=attrs.converters.optional(check_md5)
    )
    _archive: ArraySource | None = attrs.field(default=None, init=False)
    _in_memory: ArraySource | None = attrs.field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        object.__setattr__(self, "annotations", _complete(self.annotations, self.table))
        if self._md5sum is not None:
            self.verify_checksum(self._md5sum)

    def _completed(self, annotations: dict[str, ColumnAnnotation]) -> dict[str, ColumnAnnotation]:
        return _complete(annotations, self.table)

    @rule("table", "annotations")
    def _annotations_are_of_columns(self) -> Iterator[Problem]:
        yield from self._unknown("annotations", self.annotations)

    @rule("table", "default_adapters")
    def _adapters_are_of_columns(self) -> Iterator[Problem]:
        yield from self._unknown("default_adapters", self.default_adapters)

    def _unknown(self, field: str, by_column: Mapping[str, object]) -> Iterator[Problem]:
        hint = f"The table's columns are {', '.join(map(str, self.table.columns[:20]))}."
        for name in by_column:
            if name not in self.table.columns:
                yield Problem(f"{field}.{name}", "the table has no such column", hint)

    @rule("annotations", "zarr_root_path")
    def _archive_serves_pointers(self) -> Iterator[Problem]:
        pointers = [name for name, a in self.annotations.items() if a.is_pointer]
        if pointers and self.zarr_root_path is None:
            yield Problem(
                "zarr_root_path",
                f"is required, since {pointers[0]!r} is a pointer column",
                "Give the path of the Zarr archive that the column points into.",
            )
        if self.zarr_root_path is not None and not pointers:
            yield Problem(
                "zarr_root_path",
                "is given, but there is no pointer column",
                "Leave it out, or annotate the column with is_pointer=True.",
            )

    # -- shape --------------------------------------------------------------------------------

    @property
    def rows(self) -> Sequence[Any]:
        """The labels of the rows: the table's index as a sequence, not copied."""
        return self.table.index  # type: ignore[return-value]

    @property
    def columns(self) -> list[str]:
        """The names of the columns, in the table's order."""
        return [str(name) for name in self.table.columns]

    @property
    def dtypes(self) -> dict[str, Any]:
        """The type of each column's cells."""
        return {str(name): dtype for name, dtype in self.table.dtypes.items()}

    @property
    def n_rows(self) -> int:
        """How many rows there are."""
        return len(self.table)

    @property
    def n_columns(self) -> int:
        """How many columns there are."""
        return len(self.table.columns)

    def size(self) -> tuple[int, int]:
        """Return the numbers of rows and of columns."""
        return self.n_rows, self.n_columns

    def __len__(self) -> int:
        return self.n_rows

    # -- reading ------------------------------------------------------------------------------

    def read_column(
        self,
        column: str,
        positions: NDArray[np.int64] | None = None,
        *,
        adapters: Mapping[str, Adapter] | None = None,
    ) -> NDArray[Any]:
        """Return a column's values at many positions at once; pointers are followed.

        Args:
            column: Its name.
            positions: Row positions, shape ``(n,)``, each in ``0 .. n_rows-1``; all rows when None.
            adapters: Conversions that override the default ones; an empty mapping keeps those.

        Returns:
            Shape ``(n,)``, or ``(n, *element)`` for a column that points to rows of arrays.

        Raises:
            InvalidDatasetError: There is no such column, or a position is out of range.
        """
        if column not in self.annotations:
            raise InvalidDatasetError(
                f"The dataset has no column {column!r}",
                hint=f"Its columns are {', '.join(self.columns[:20])}.",
            )
        cells = self.table[column]
        if positions is not None:
            positions = np.asarray(positions)
            self._check_positions(positions)
            cells = cells.take(positions)
        values = column_values(cells)
        if self.annotations[column].is_pointer:
            values = gather(parse_pointers(values), self._in_memory or self.archive)
        adapter = {**self.default_adapters, **(adapters or {})}.get(column)
        return values if adapter is None else adapted(values, adapter)

    def _check_positions(self, positions: NDArray[np.int64]) -> None:
        if positions.size and (positions.min() < 0 or positions.max() >= self.n_rows):
            raise InvalidDatasetError(
                f"A row position is out of range: there are {self.n_rows} rows",
                hint="Positions count from 0.",
            )

    def row_positions(self, labels: Sequence[Hashable]) -> NDArray[np.int64]:
        """Return the positions of rows by their labels, shape ``(n,)``.

        Raises:
            InvalidDatasetError: A label is not in the index, or is there more than once.
        """
        index = self.table.index
        if not index.is_unique:
            raise InvalidDatasetError(
                "The table has rows with equal labels, so a label does not name one row",
                hint="Call table.reset_index() before you make the dataset.",
            )
        try:
            positions = index.get_indexer(list(labels))  # type: ignore[arg-type]  # takes any list
        except (TypeError, ValueError, NotImplementedError):
            # A list among the labels reads as a MultiIndex, for which pandas has no answer.
            positions = np.full(len(labels), -1)
        missing = np.flatnonzero(positions < 0)
        if len(missing):
            raise InvalidDatasetError(
                f"The dataset has no row {labels[int(missing[0])]!r}",
                hint="dataset.rows lists the labels of its rows.",
            )
        return positions.astype(np.int64)

    def get_data(
        self, row: Hashable, col: str, adapters: Mapping[str, Adapter] | None = None
    ) -> Any:
        """Return one cell; a pointer is followed, and the column's adapter applied.

        Args:
            row: The row's label.
            col: The column's name.
            adapters: Conversions that override the default ones.

        Raises:
            InvalidDatasetError: There is no such row or column.
        """
        positions = self.row_positions([row])
        annotation = self.annotations.get(col)
        adapter = {**self.default_adapters, **(adapters or {})}.get(col)
        if annotation is not None and not annotation.is_pointer and adapter is None:
            # As pandas has it: a moment with its time zone, a missing number as missing.
            return self.table[col].iloc[int(positions[0])]
        return self.read_column(col, positions, adapters=adapters)[0]

    def __getitem__(self, item: Any) -> Any:
        """Return a row as a dictionary, a cell, a column's values, or a slice of the table.

        ``dataset[label]`` is a dictionary of the row; ``dataset[label, column]`` a cell. With a
        slice, which counts positions as for a list, ``dataset[a:b]`` is a table and ``dataset[a:b,
        column]`` an array.
        """
        if isinstance(item, tuple):
            if len(item) != 2:
                raise InvalidDatasetError(
                    f"{item!r} does not name a cell", hint="Write dataset[row, column]."
                )
            row, column = item
            if isinstance(row, slice):
                return self.read_column(column, np.arange(self.n_rows, dtype=np.int64)[row])
            return self.get_data(row, column)
        if isinstance(item, slice):
            return self.table.iloc[item]
        return {column: self.get_data(item, column) for column in self.columns}

    # -- the archive --------------------------------------------------------------------------

    @property
    def uses_zarr(self) -> bool:
        """Whether there is a Zarr archive."""
        return self.zarr_root_path is not None

    def attach(self, source: ArraySource) -> None:
        """Read the pointers from this archive from now on."""
        self._archive = source
        self._in_memory = None

    def _connect(self) -> ArraySource:
        """Open the archive; overridden where there is something to open it with."""
        raise InvalidDatasetError(
            f"No archive is attached to {self!r}", hint="Call dataset.attach(source) first."
        )

    @property
    def archive(self) -> ArraySource:
        """The Zarr archive, opened when first asked for.

        Raises:
            InvalidDatasetError: The dataset has none.
        """
        if self._archive is None:
            if not self.uses_zarr:
                raise InvalidDatasetError(
                    "The dataset has no Zarr archive", hint="Only pointer columns need one."
                )
            self._archive = self._connect()
        return self._archive

    @property
    def zarr_root(self) -> Any:
        """The archive's root as a read-only ``zarr.Group``; None without archive."""
        return self.archive.group if self.uses_zarr else None

    @property
    def zarr_data(self) -> Any:
        """What pointers are read from: the arrays in memory if they were loaded, else the root."""
        return self.zarr_root if self._in_memory is None else self._in_memory.group

    def load_to_memory(self) -> None:
        """Decode all arrays of the archive into memory; pointers are read from there.

        Raises:
            InvalidDatasetError: The dataset has no archive.
        """
        if self._in_memory is None:
            self._in_memory = self.archive.load()

    @property
    def zarr_md5sum_manifest(self) -> list[FileChecksum]:
        """Path, MD5 and size of every file of the archive; empty without one."""
        return list(self.archive.files()) if self.uses_zarr else []

    # -- the checksum -------------------------------------------------------------------------

    @property
    def md5sum(self) -> str:
        """Checksum of table and archive, 32 hex digits; computed when first asked for."""
        if self._md5sum is None:
            object.__setattr__(self, "_md5sum", self._computed_md5sum())
        assert self._md5sum is not None
        return self._md5sum

    @md5sum.setter
    def md5sum(self, value: str) -> None:
        """Take a checksum as it is, without comparing it."""
        object.__setattr__(self, "_md5sum", check_md5(value))

    @property
    def has_md5sum(self) -> bool:
        """Whether the checksum was given or computed already."""
        return self._md5sum is not None

    def _computed_md5sum(self) -> str:
        digest = self.archive.digest().digest if self.uses_zarr else None
        return table_checksum(self.table, digest)

    def verify_checksum(self, md5sum: str | None = None) -> None:
        """Compute the checksum and compare it.

        Args:
            md5sum: What to compare it with; by default what was given or computed before.

        Raises:
            PolarisChecksumError: They differ.
        """
        expected = self._md5sum if md5sum is None else check_md5(md5sum)
        actual = self._computed_md5sum()
        if expected is not None and expected != actual:
            raise PolarisChecksumError(
                f"{self!r} has the checksum {actual}, not {expected}",
                hint="Its content was altered, or the checksum belongs to another dataset.",
            )
        object.__setattr__(self, "_md5sum", actual)

    def should_verify_checksum(self, strategy: bool | str) -> bool:
        """Tell whether a strategy asks for this dataset's checksum to be verified."""
        if strategy == "verify_unless_zarr":
            return not self.uses_zarr
        return strategy is True or strategy == "verify"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, DatasetV1):
            return NotImplemented
        return self.md5sum == other.md5sum

    __hash__ = None  # type: ignore[assignment]

    def without_columns(self, names: Sequence[str]) -> Self:
        """Return a copy without some columns; it shares the archive if a column points into it."""
        kept = [name for name in self.columns if name not in set(names)]
        reduced = copy.copy(self)
        object.__setattr__(reduced, "table", self.table[kept])
        for field in ("annotations", "default_adapters"):
            by_column = {k: v for k, v in getattr(self, field).items() if k in kept}
            object.__setattr__(reduced, field, by_column)
        object.__setattr__(reduced, "_md5sum", None)
        if not any(annotation.is_pointer for annotation in reduced.annotations.values()):
            for field in ("zarr_root_path", "_archive", "_in_memory"):
                object.__setattr__(reduced, field, None)
        return reduced

    def _summary(self) -> str:
        return f"{self.n_rows} rows x {self.n_columns} columns"
