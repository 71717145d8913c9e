"""Cells that point into a Zarr archive: ``path#i`` (a row), ``path#a:b`` (rows), ``path`` (all)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from polaris.domain.arrays import ArraySource
from polaris.errors import InvalidDatasetError, Problem

__all__ = ["Pointers", "check_pointer_columns", "gather", "parse_pointers"]

# Start of a pointer without an index, which means the whole array or group.
_WHOLE = -1
# Up to 18 digits fit into 64 bits. In arrow's dialect; the regular expressions of pandas take ten
# times as long.
_PATTERN = r"^(?P<path>[^#]+)(?:#(?P<start>[0-9]{1,18})(?::(?P<stop>[0-9]{1,18}))?)?\z"
# In the place of a number of rows.
_GROUP = -1
_NOTHING = -2


@attrs.frozen
class Pointers:
    """A column of pointers, taken apart.

    Attributes:
        paths: The different paths, in order of first use.
        codes: For each cell the position of its path in ``paths``; shape ``(n,)``.
        start: First row of each cell, -1 for the whole array; shape ``(n,)``.
        stop: Row after the last one of each cell; ``start + 1`` for a single row; shape ``(n,)``.
        is_slice: Whether each cell is a slice, which reads as a tuple; shape ``(n,)``.
    """

    paths: tuple[str, ...]
    codes: NDArray[np.int64]
    start: NDArray[np.int64]
    stop: NDArray[np.int64]
    is_slice: NDArray[np.bool_]


def parse_pointers(cells: Any) -> Pointers:
    """Take a column of pointers apart.

    Args:
        cells: Array-like of texts, shape ``(n,)``.

    Raises:
        InvalidDatasetError: Some cells are not pointers; how many, and the first one, are named.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    cells = np.asarray(cells, dtype=object)
    texts = _texts(cells)
    parts = pc.extract_regex(texts, _PATTERN)
    bad = parts.is_null().to_numpy(zero_copy_only=False)
    if bad.any():
        raise InvalidDatasetError(
            f"{int(bad.sum())} cells are not pointers, such as {cells[int(np.argmax(bad))]!r}",
            hint="Write path#row, path#first:stop or path.",
        )
    start, stop = _numbers(parts.field("start")), _numbers(parts.field("stop"))
    is_slice = stop != _WHOLE
    paths = parts.field("path").dictionary_encode()
    return Pointers(
        tuple(paths.dictionary.to_pylist()),
        paths.indices.cast(pa.int64()).to_numpy(zero_copy_only=False),
        start,
        np.where(is_slice, stop, start + 1),
        is_slice,
    )


def _texts(cells: NDArray[Any]) -> Any:
    """Return cells as an arrow array; null where one is no text."""
    import pyarrow as pa

    try:
        return pa.array(cells, type=pa.large_string(), from_pandas=True)
    except (pa.ArrowException, UnicodeEncodeError):
        return pa.array([_text(cell) for cell in cells], type=pa.large_string())


def _text(cell: Any) -> str | None:
    if not isinstance(cell, str):
        return None
    try:
        cell.encode()
    except UnicodeEncodeError:
        return None
    return cell


def _numbers(digits: Any) -> NDArray[np.int64]:
    """Return texts of digits as numbers, shape ``(n,)``; -1 for an empty one."""
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = pc.replace_with_mask(digits, pc.equal(digits, ""), pa.scalar(str(_WHOLE), digits.type))
    found: NDArray[np.int64] = texts.cast(pa.int64()).to_numpy(zero_copy_only=False)
    return found


def check_pointer_columns(columns: Mapping[str, Any], source: ArraySource) -> None:
    """Refuse columns of pointers some of which lead nowhere; no row is read.

    Args:
        columns: Array-likes of texts, shape ``(n,)``, by their names.
        source: The archive; its metadata is read, once for each different path.

    Raises:
        InvalidDatasetError: Some cells are no pointers, name arrays that do not exist, or rows
            that arrays do not have; how many of each column, and the first one, are named.
    """
    problems: list[Problem] = []
    for name, cells in columns.items():
        try:
            _check(cells, source)
        except InvalidDatasetError as error:
            problems += [problem._replace(path=f"table.{name}") for problem in error.problems]
    if problems:
        raise InvalidDatasetError(problems=problems)


def _check(cells: Any, source: ArraySource) -> None:
    pointers = parse_pointers(cells)
    whole = pointers.start == _WHOLE
    lengths = np.array([_length(source, path) for path in pointers.paths], dtype=np.int64)
    length = lengths[pointers.codes]
    missing = np.where(whole, length == _NOTHING, length < 0)
    _refuse(missing, cells, "name arrays that the archive does not have")
    ends_first = ~whole & (pointers.stop < pointers.start)
    _refuse(ends_first, cells, "end before they start")
    _refuse(~whole & (pointers.stop > length), cells, "name rows that their array does not have")


def _length(source: ArraySource, path: str) -> int:
    """Return how many rows an array has; for a group and for nothing a number below 0."""
    try:
        shape = source.info(path).shape
    except InvalidDatasetError:
        head = f"{path.strip('/')}/"
        is_group = any(info.path.startswith(head) for info in source.arrays())
        return _GROUP if is_group else _NOTHING
    return shape[0] if shape else 0


def _refuse(wrong: NDArray[np.bool_], cells: Any, what: str) -> None:
    if wrong.any():
        first = cells[int(np.argmax(wrong))]
        raise InvalidDatasetError(
            f"{int(wrong.sum())} pointers {what}, such as {first!r}",
            hint="Correct the pointer column, or the archive.",
        )


def gather(pointers: Pointers, source: ArraySource) -> NDArray[Any]:
    """Return what a column of pointers points to.

    Each array is read once, with all of its rows in one call.

    Returns:
        Shape ``(n, *element)`` where all cells are single rows of one shape and dtype; otherwise
        ``(n,)`` of objects: an array a row, a tuple of arrays a slice, an array or group a whole.

    Raises:
        InvalidDatasetError: An array does not exist, or a row is out of range.
    """
    count = len(pointers.codes)
    whole = pointers.start == _WHOLE
    if not whole.any() and not pointers.is_slice.any():
        rows = _gather_rows(pointers, source)
        if rows is not None:
            return rows
    cells = np.empty(count, dtype=object)
    for code, path in enumerate(pointers.paths):
        mine = pointers.codes == code
        for position in np.flatnonzero(mine & whole):
            cells[position] = _whole(source, path)
        ranged = np.flatnonzero(mine & ~whole)
        if len(ranged):
            _fill(cells, ranged, pointers, source, path)
    return cells


def _gather_rows(pointers: Pointers, source: ArraySource) -> NDArray[Any] | None:
    """Return single rows as one array; None where the arrays differ in shape or dtype."""
    infos = [source.info(path) for path in pointers.paths]
    if len({(info.shape[1:], info.dtype) for info in infos}) != 1:
        return None
    if len(infos) == 1:
        return source.take(pointers.paths[0], pointers.start)
    found = np.empty((len(pointers.codes), *infos[0].shape[1:]), dtype=infos[0].dtype)
    order = np.argsort(pointers.codes, kind="stable")
    bounds = np.searchsorted(pointers.codes[order], np.arange(len(infos) + 1))
    for code, path in enumerate(pointers.paths):
        mine = order[bounds[code] : bounds[code + 1]]
        found[mine] = source.take(path, pointers.start[mine])
    return found


def _fill(
    cells: NDArray[Any],
    positions: NDArray[np.int64],
    pointers: Pointers,
    source: ArraySource,
    path: str,
) -> None:
    """Read all rows that cells of one array need in one call and deal them out."""
    lengths = pointers.stop[positions] - pointers.start[positions]
    if (lengths < 0).any():
        raise InvalidDatasetError(
            f"A pointer into {path!r} ends before it starts",
            hint="Write path#first:stop with first <= stop.",
        )
    bounds = np.concatenate([[0], np.cumsum(lengths)])
    offsets = np.arange(bounds[-1]) - np.repeat(bounds[:-1], lengths)
    rows = np.repeat(pointers.start[positions], lengths) + offsets
    values = source.take(path, rows.astype(np.int64))
    for number, position in enumerate(positions):
        part = values[bounds[number] : bounds[number + 1]]
        cells[position] = tuple(part) if pointers.is_slice[position] else part[0]


def _whole(source: ArraySource, path: str) -> Any:
    if any(info.path == path for info in source.arrays()):
        return source.take(path, np.arange(source.info(path).shape[0], dtype=np.int64))
    members = [info for info in source.arrays() if info.path.startswith(f"{path}/")]
    if not members:
        raise InvalidDatasetError(
            f"The archive has no array or group {path!r}", hint="Correct the pointer column."
        )
    return {
        info.path[len(path) + 1 :]: source.take(info.path, np.arange(info.shape[0], dtype=np.int64))
        for info in members
    }
