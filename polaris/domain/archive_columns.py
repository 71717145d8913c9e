"""The columns of an archive: its root arrays, and root groups that name their rows in an index."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from polaris.domain.arrays import ArrayInfo, ArraySource
from polaris.domain.memory_sizes import memory_bytes
from polaris.errors import Problem

__all__ = ["INDEX_ARRAY", "ArchiveColumns", "ArrayColumn", "GroupColumn", "archive_columns"]

# The array of a group that lists the names of its members in the order of the rows.
INDEX_ARRAY = "__index__"

# Rows whose size is measured, at each of three places, where the type does not tell it.
_MEASURED_ROWS = 16


@attrs.frozen(eq=False)
class ArrayColumn:
    """A column that is an array; its first axis counts the rows.

    Attributes:
        info: The array.
    """

    info: ArrayInfo

    @property
    def length(self) -> int:
        """How many rows there are."""
        return self.info.shape[0]

    @property
    def chunk_rows(self) -> int:
        """How many rows are decoded together."""
        return max(1, self.info.chunks[0])

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the cells; object for texts of any length."""
        return np.dtype(object) if self.info.dtype.kind == "T" else self.info.dtype

    def read(self, source: ArraySource, positions: NDArray[np.int64]) -> NDArray[Any]:
        """Return the cells at some positions, shape ``(n, *element)``."""
        values = source.take(self.info.path, positions)
        # Texts as Python's own, as a table has them.
        return values.astype(object) if values.dtype.kind == "T" else values

    def row_bytes(self, source: ArraySource) -> int:
        """Return about how many bytes a row takes in memory."""
        if self.info.dtype.kind not in "OT":
            return max(1, math.prod(self.info.shape[1:]) * self.info.dtype.itemsize)
        starts = {0, self.length // 2, max(0, self.length - _MEASURED_ROWS)}
        rows = [r for s in starts for r in range(s, min(s + _MEASURED_ROWS, self.length))]
        cells = self.read(source, np.unique(np.array(rows, dtype=np.int64))).ravel()
        size = sum(map(memory_bytes, cells)) + cells.nbytes
        return max(1, size // max(1, len(set(rows))))


@attrs.frozen(eq=False)
class GroupColumn:
    """A column that is a group with one member a row, which may be a group of arrays itself.

    Attributes:
        name: Its name.
        keys: The names of the members in the order of the rows.
        members: The arrays of each member by their paths in it; ``""`` for a member that is one.
    """

    name: str
    keys: tuple[str, ...]
    members: Mapping[str, Mapping[str, ArrayInfo]]

    chunk_rows = 1
    dtype = np.dtype(object)

    @property
    def length(self) -> int:
        """How many rows there are."""
        return len(self.keys)

    def read(self, source: ArraySource, positions: NDArray[np.int64]) -> NDArray[Any]:
        """Return the cells at some positions, shape ``(n,)``: arrays, or mappings of arrays."""
        cells = np.empty(len(positions), dtype=object)
        for place, position in enumerate(positions.tolist()):
            arrays = self.members[self.keys[position]]
            read = {path: _whole(source, info) for path, info in arrays.items()}
            cells[place] = read.get("", read)
        return cells

    def row_bytes(self, source: ArraySource) -> int:
        """Return about how many bytes a row takes in memory."""
        some = self.keys[:1024]
        sizes = (
            math.prod(info.shape) * max(info.dtype.itemsize, 16)
            for key in some
            for info in self.members[key].values()
        )
        return max(1, sum(sizes) // max(1, len(some)))


def _whole(source: ArraySource, info: ArrayInfo) -> NDArray[Any]:
    # What has no axis has no rows either, which the source says in its own words.
    rows = info.shape[0] if info.shape else 1
    return source.take(info.path, np.arange(rows, dtype=np.int64))


@attrs.frozen(eq=False)
class ArchiveColumns:
    """What an archive holds, as columns.

    Attributes:
        columns: The columns by name, sorted.
        problems: Why the archive is not one of a dataset.
    """

    columns: Mapping[str, ArrayColumn | GroupColumn]
    problems: tuple[Problem, ...]

    @property
    def groups(self) -> list[str]:
        """The names of the columns that are groups."""
        return [name for name, c in self.columns.items() if isinstance(c, GroupColumn)]


def archive_columns(source: ArraySource) -> ArchiveColumns:
    """Return the columns of an archive, and what is wrong with them."""
    roots: dict[str, dict[str, ArrayInfo]] = {}
    for info in source.arrays():
        name, _, rest = info.path.partition("/")
        roots.setdefault(name, {})[rest] = info
    columns: dict[str, ArrayColumn | GroupColumn] = {}
    problems: list[Problem] = []
    for name, arrays in sorted(roots.items()):
        if "" not in arrays:
            problems += _add_group(columns, name, arrays, source)
        elif arrays[""].shape:
            columns[name] = ArrayColumn(arrays[""])
        else:
            problems.append(
                Problem(name, "the array is a single value and has no rows", "Give it one axis.")
            )
    problems += _lengths(columns.items())
    return ArchiveColumns(columns, tuple(problems))


def _add_group(
    columns: dict[str, ArrayColumn | GroupColumn],
    name: str,
    arrays: Mapping[str, ArrayInfo],
    source: ArraySource,
) -> Iterator[Problem]:
    hint = f"Add an array {name}/{INDEX_ARRAY} that lists the group's members in row order."
    index = arrays.get(INDEX_ARRAY)
    if index is None or len(index.shape) != 1:
        yield Problem(name, "the group does not have an index array", hint)
        return
    members: dict[str, dict[str, ArrayInfo]] = {}
    for path, info in arrays.items():
        key, _, rest = path.partition("/")
        if key != INDEX_ARRAY:
            members.setdefault(key, {})[rest] = info
    keys = tuple(_text(key) for key in _whole(source, index))
    if len(keys) != len(members):
        message = f"Length of index array is {len(keys)}, and the group has {len(members)} members"
        yield Problem(name, message, hint)
    unknown = [key for key in keys if key not in members]
    if unknown:
        message = f"Keys of index array are not members of the group, such as {unknown[0]!r}"
        yield Problem(name, message, hint)
    elif len(set(keys)) < len(keys):
        yield Problem(name, "Keys of index array repeat", hint)
    elif len(keys) == len(members):
        columns[name] = GroupColumn(name, keys, members)


def _text(key: Any) -> str:
    return key.decode("utf-8", "replace") if isinstance(key, bytes) else str(key)


def _lengths(columns: Iterable[tuple[str, ArrayColumn | GroupColumn]]) -> Iterator[Problem]:
    by_length: dict[int, str] = {}
    for name, column in columns:
        by_length.setdefault(column.length, name)
    if len(by_length) > 1:
        found = ", ".join(f"{name!r} has {length}" for length, name in by_length.items())
        yield Problem(
            "zarr_root_path",
            f"all arrays and groups in the archive's root should have the same length: {found}",
            "Every array in the root is a column, with one entry a row.",
        )
