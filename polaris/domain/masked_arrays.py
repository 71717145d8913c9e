"""Arrays some of whose values are masked, which everything but numpy itself takes for values."""

from __future__ import annotations

from typing import Any

import numpy as np

from polaris.domain.short_text import few
from polaris.errors import InvalidInputError

__all__ = ["refuse_masked"]


def refuse_masked(value: Any) -> None:
    """Refuse an array, or a list of cells, that has masked values.

    What lies below a mask is arbitrary; it would be scored as if it were meant.

    Raises:
        InvalidInputError: Some rows are masked; how many, and the first ones, are named.
    """
    if isinstance(value, np.ma.MaskedArray) and value.ndim:
        # Not `reshape(len, -1)`, which has no answer for an array without rows.
        axes = tuple(range(1, value.ndim))
        masked = np.flatnonzero(np.ma.getmaskarray(value).any(axis=axes)).tolist()
    elif isinstance(value, (list, tuple)):
        masked = [position for position, cell in enumerate(value) if _is_masked(cell)]
    else:
        return
    if masked:
        raise InvalidInputError(
            f"has masked values in {len(masked)} of {len(value)} rows: {few(masked)}",
            hint="Give every row a value; array.filled(value) puts one in the place of the masked.",
        )


def _is_masked(cell: Any) -> bool:
    return isinstance(cell, np.ma.MaskedArray) and bool(np.ma.getmaskarray(cell).any())
