"""A dataset whose columns are the arrays of a Zarr archive; it need not fit into memory."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, cast

import attrs
import numpy as np
from numpy.typing import NDArray

from polaris.domain.archive_dataset import ArchiveDataset
from polaris.domain.checksums.archive import FileChecksum
from polaris.domain.checksums.md5 import check_md5
from polaris.domain.column_adapters import Adapter
from polaris.domain.fields import check_assignment
from polaris.domain.row_numbers import check_rows, row_number, row_numbers
from polaris.domain.row_windows import WindowPlan, rebatched
from polaris.domain.tables import adapted
from polaris.errors import InvalidDatasetError, InvalidInputError

__all__ = ["DatasetV2"]

Rows = int | slice | Sequence[int] | NDArray[np.int64]


@attrs.define(kw_only=True, eq=False, repr=False, on_setattr=check_assignment)
class DatasetV2(ArchiveDataset):
    """A dataset whose columns are the arrays in the root of a Zarr archive.

    All of them have the same length; their first axes count the rows. Reading in bulk is the main
    road: `batches`, `read_column`, slices and iteration decode each chunk once. Archives of the
    earlier library may hold groups as columns, with one member a row and an array ``__index__`` of
    the members' names in row order; those are read as well.

    Attributes:
        zarr_root_path: Where the archive lies; required unless ``archive``, an open one, is given.
        zarr_manifest_md5sum: MD5 of the archive's manifest, as far as it is known.

    Raises:
        InvalidDatasetError: A field or the archive breaks a rule; all problems are reported.
    """

    version: ClassVar[int] = 2

    # -- reading in bulk ----------------------------------------------------------------------

    def read_column(
        self,
        column: str,
        positions: NDArray[np.int64] | None = None,
        *,
        adapters: Mapping[str, Adapter] | None = None,
    ) -> NDArray[Any]:
        """Return a column's values at many rows at once; each chunk is decoded once.

        Args:
            column: Its name.
            positions: Rows, shape ``(n,)``, each in ``0 .. n_rows-1``, in any order; all when None.
            adapters: Conversions that override the default ones; an empty mapping keeps those.

        Returns:
            Shape ``(n, *element)``; ``(n,)`` of objects for a group and after a conversion.

        Raises:
            InvalidDatasetError: There is no such column, or a row is out of range.
        """
        self._check_columns([column])
        if positions is None:
            positions = np.arange(self.n_rows, dtype=np.int64)
        values = self._reading.read(column, check_rows(np.asarray(positions), self.n_rows))
        adapter = {**self.default_adapters, **(adapters or {})}.get(column)
        return values if adapter is None else adapted(values, adapter)

    def batches(
        self,
        size: int,
        columns: Sequence[str] | None = None,
        *,
        seed: int | None = None,
        positions: NDArray[np.int64] | None = None,
        adapters: Mapping[str, Adapter] | None = None,
    ) -> Iterator[dict[str, NDArray[Any]]]:
        """Yield the rows in batches; each chunk is decoded once, and memory stays bounded.

        With ``seed`` all rows come in a random order, the same for the same seed, in which rows
        far apart mix if about 64 MiB of rows hold both; see `polaris.domain.row_windows`.

        Args:
            size: Rows in a batch; the last one may have fewer.
            columns: Which columns; all when None.
            seed: Draws a random order.
            positions: Read these rows in this order instead of all.
            adapters: As for `read_column`.

        Yields:
            The values of each column, shape ``(size, *element)``.

        Raises:
            InvalidDatasetError: There is no such column, or a row is out of range.
            InvalidInputError: The size is not a whole number from 1 up, or both orders are given.
        """
        names = self.columns if columns is None else list(columns)
        self._check_columns(names)
        if isinstance(size, bool) or not isinstance(size, int) or size < 1:
            raise InvalidInputError(f"size cannot be {size!r}", hint="Give 1 or more rows.")
        if seed is not None and positions is not None:
            raise InvalidInputError(
                "Both seed and positions are given", hint="Shuffle the positions yourself."
            )
        checked = None if positions is None else check_rows(np.asarray(positions), self.n_rows)
        return self._batches(size, names, seed, checked, adapters)

    def _batches(
        self,
        size: int,
        names: list[str],
        seed: int | None,
        positions: NDArray[np.int64] | None,
        adapters: Mapping[str, Adapter] | None,
    ) -> Iterator[dict[str, NDArray[Any]]]:
        if not names:
            return
        plan = self._reading.plan(names)
        if positions is not None:
            order = plan.of(positions)
        else:
            order = plan.ordered() if seed is None else plan.shuffled(seed)
        chosen = {**self.default_adapters, **(adapters or {})}
        for batch in rebatched(self._reading.windows(names, order), size):
            yield {
                name: adapted(values, chosen[name]) if name in chosen else values
                for name, values in batch.items()
            }

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yield the rows as dictionaries, in order; each chunk is decoded once."""
        names = self.columns
        if not names:
            return
        for batch in self._batches(self.iteration_block(names), names, None, None, None):
            for row in zip(*batch.values(), strict=True):
                yield dict(zip(names, row, strict=True))

    def iteration_block(self, columns: Sequence[str] | None = None) -> int:
        """Return how many rows are best read at once: whole chunks, about 16 MiB of them."""
        names = self.columns if columns is None else list(columns)
        self._check_columns(names)
        return self._reading.plan(names).rows

    def window_plan(self, columns: Sequence[str], /) -> WindowPlan:
        """Return how the rows of some columns are best walked."""
        self._check_columns(columns)
        return self._reading.plan(columns)

    # -- reading rows and cells ---------------------------------------------------------------

    def get_data(self, row: Rows, col: str, adapters: Mapping[str, Adapter] | None = None) -> Any:
        """Return one cell, or the cells of several rows.

        Reading row after row reads ahead, so that a loop over all rows decodes each chunk once.

        Args:
            row: Number of the row, from the end if negative; a slice or several numbers read an
                array.
            col: The column's name.
            adapters: Conversions that override the default ones.

        Raises:
            InvalidDatasetError: There is no such column, or the row is no number.
            OutOfRangeError: There is no such row.
        """
        if col not in self.annotations:
            self._check_columns([col])
        try:
            number = operator.index(cast("int", row))
        except TypeError:
            return self.read_column(col, row_numbers(row, self.n_rows), adapters=adapters)
        reading = self._reader or self._reading
        value = reading.cell(col, row_number(number, reading.n_rows))
        if not adapters and not self.default_adapters:
            return value
        adapter = {**self.default_adapters, **(adapters or {})}.get(col)
        return value if adapter is None else adapter(value)

    def __getitem__(self, item: Any) -> Any:
        """Return a row as a dictionary, a cell, or the arrays of several rows.

        ``dataset[i]`` is a dictionary of the row, ``dataset[i, column]`` a cell. With a slice or
        several row numbers in place of ``i``, it is a dictionary of arrays, or an array.
        """
        if isinstance(item, tuple):
            if len(item) != 2:
                raise InvalidDatasetError(
                    f"{item!r} does not name a cell", hint="Write dataset[row, column]."
                )
            return self.get_data(*item)
        reading = self._reader or self._reading
        try:
            number = row_number(operator.index(item), reading.n_rows)
        except TypeError:
            rows = row_numbers(item, self.n_rows)
            return {name: self.read_column(name, rows) for name in self.columns}
        row = reading.row(number)
        for name, adapter in self.default_adapters.items():
            row[name] = adapter(row[name])
        return row

    def _check_columns(self, names: Sequence[str]) -> None:
        for name in names:
            # Annotations have exactly the columns.
            if name not in self.annotations:
                raise InvalidDatasetError(
                    f"The dataset has no column {name!r}",
                    hint=f"Its columns are {', '.join(self.columns[:20])}.",
                )

    # -- the manifest -------------------------------------------------------------------------

    @property
    def zarr_manifest(self) -> list[FileChecksum]:
        """Path, MD5 and size of every file of the archive, sorted by path."""
        return sorted(self.archive.files(), key=operator.attrgetter("path"))

    @property
    def zarr_manifest_md5sum(self) -> str | None:
        """MD5 of the manifest's parquet file, None while it is not known."""
        if self._zarr_manifest_md5sum is None:
            object.__setattr__(self, "_zarr_manifest_md5sum", self._manifest_md5sum())
        return self._zarr_manifest_md5sum

    @zarr_manifest_md5sum.setter
    def zarr_manifest_md5sum(self, value: str) -> None:
        object.__setattr__(self, "_zarr_manifest_md5sum", check_md5(value))

    def _manifest_md5sum(self) -> str | None:
        """Compute the MD5; overridden where there is something to write parquet with."""
        return None

    @property
    def has_zarr_manifest_md5sum(self) -> bool:
        """Whether the manifest's MD5 is known."""
        return self._zarr_manifest_md5sum is not None

    @property
    def zarr_digest(self) -> str:
        """Digest over path, MD5 and size of every file; computed when first asked for."""
        if self._digest is None:
            object.__setattr__(self, "_digest", self.archive.digest().digest)
        assert self._digest is not None
        return self._digest

    def should_verify_checksum(self, strategy: bool | str) -> bool:
        """Return False: the table checksum of version 1 does not exist here."""
        return False

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, DatasetV2):
            return NotImplemented
        if self._left_out != other._left_out:
            return False
        return self._source is other._source or (
            # Not of the parquet file's MD5, which depends on who wrote it.
            self._whole.zarr_digest == other._whole.zarr_digest
        )

    __hash__ = None  # type: ignore[assignment]
