"""Cells of object arrays, as codecs get them and give them back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["cells_of", "is_vacant", "object_array"]


def object_array(cells: Iterable[Any]) -> NDArray[Any]:
    """Return cells as an array of objects, shape ``(n,)``.

    numpy would take sequences, as structures are, for further axes.
    """
    listed = list(cells)
    found = np.empty(len(listed), dtype=object)
    for position, cell in enumerate(listed):
        found[position] = cell
    return found


def cells_of(chunk: Any) -> list[Any]:
    """Return the cells of a chunk in the order in which they lie in memory."""
    if not isinstance(chunk, np.ndarray):
        return list(chunk)
    flat = chunk.reshape(-1, order="A")
    cells = (flat[position] for position in range(len(flat)))
    # zarr wraps a single value that is assigned to a cell.
    return [c.item() if isinstance(c, np.ndarray) and not c.ndim else c for c in cells]


def is_vacant(cell: Any) -> bool:
    """Tell whether a cell holds nothing.

    That is None; an empty text, as polaris-lib reads None back; or the number 0, with which zarr
    pads the last chunk of an array.
    """
    return cell is None or (type(cell) in (bytes, int) and not cell)
