"""Cells that point into a Zarr archive: ``path#i`` (a row), ``path#a:b`` (rows), ``path`` (all)."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from polaris.domain.arrays import ArraySource
from polaris.errors import InvalidDatasetError

__all__ = ["Pointers", "gather", "parse_pointers"]

# Start of a pointer without an index, which means the whole array or group.
_WHOLE = -1


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
    import pandas as pd

    texts = pd.Series(np.asarray(cells, dtype=object), dtype="str")
    # Up to 18 digits fit into 64 bits.
    row = "[0-9]{1,18}"
    parts = texts.str.extract(rf"^(?P<path>[^#]+)(?:#(?P<start>{row})(?::(?P<stop>{row}))?)?\Z")
    bad = parts["path"].isna().to_numpy()
    if bad.any():
        first = texts[bad].iloc[0]
        raise InvalidDatasetError(
            f"{int(bad.sum())} cells are not pointers, such as {first!r}",
            hint="Write path#row, path#first:stop or path.",
        )
    start = pd.to_numeric(parts["start"]).fillna(_WHOLE).to_numpy(dtype=np.int64)
    is_slice = parts["stop"].notna().to_numpy()
    stop = np.where(is_slice, pd.to_numeric(parts["stop"]).fillna(0), start + 1).astype(np.int64)
    codes, paths = pd.factorize(parts["path"])
    return Pointers(tuple(str(p) for p in paths), codes.astype(np.int64), start, stop, is_slice)


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
