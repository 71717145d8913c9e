"""Putting tables together: columns beside columns, rows below rows, and joins on a key."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from polaris.errors import InvalidDatasetError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["beside", "joined_on", "stacked", "typed_texts"]

# Numbers as programs write them. A leading zero, as in 007, is that of an identifier; and so are
# more digits than a number of 64 bits, whole or real, is sure to hold.
_WHOLE = re.compile(r"[+-]?(0|[1-9]\d{0,17})", re.ASCII)
_REAL = re.compile(
    r"[+-]?((0|[1-9]\d{0,14})(e[+-]?\d+)?|((0|[1-9]\d*)\.\d*|\.\d+)(e[+-]?\d+)?|inf(inity)?)|nan",
    re.ASCII | re.IGNORECASE,
)


def _refuse_repeated(table: pd.DataFrame, new: Sequence[str]) -> None:
    repeated = [name for name in new if name in table.columns]
    if repeated:
        raise InvalidDatasetError(
            f"The table has {', '.join(map(repr, repeated))} already",
            hint="Rename the columns, or name the column on which to merge.",
        )


def beside(table: pd.DataFrame | None, new: pd.DataFrame) -> pd.DataFrame:
    """Return a table with new columns; rows belong together by their position.

    Raises:
        InvalidDatasetError: A column is there already, the numbers of rows differ, or both tables
            label their rows, and differently.
    """
    if table is None:
        return new.copy()
    _refuse_repeated(table, list(new.columns))
    if len(new) != len(table):
        raise InvalidDatasetError(
            f"The new columns have {len(new)} rows, the table has {len(table)}",
            hint="Give a value for every row, or name the column on which to merge.",
        )
    found = table.copy()
    numbered = [_is_numbered(part) for part in (table, new)]
    if not any(numbered) and not new.index.equals(table.index):
        raise InvalidDatasetError(
            "The rows of the new columns have other labels than those of the table",
            hint="Call reset_index(drop=True) on them if their order is that of the table.",
        )
    if numbered[0] and not numbered[1]:
        found.index = new.index
    for name in new.columns:
        found[name] = new[name].array
    return found


def _is_numbered(table: pd.DataFrame) -> bool:
    """Tell whether rows are labelled by their positions, which is to say not at all."""
    return bool(table.index.equals(type(table)(index=range(len(table))).index))


def joined_on(table: pd.DataFrame | None, new: pd.DataFrame, key: str) -> pd.DataFrame:
    """Return the outer join of two tables.

    Rows of the first table come first, in its order; then those that only the second one has.

    Raises:
        InvalidDatasetError: One table lacks the key, both repeat values of it, or they have other
            columns in common.
    """
    import pandas as pd

    for side, part in (("The table", table), ("The new table", new)):
        if part is None or key not in part.columns:
            raise InvalidDatasetError(
                f"{side} has no column {key!r} to merge on", hint="Merge on a column of both."
            )
    assert table is not None
    _refuse_repeated(table, [name for name in new.columns if name != key])
    if table[key].duplicated().any() and new[key].duplicated().any():
        raise InvalidDatasetError(
            f"Both tables repeat values of {key!r}, so rows do not belong together one to one",
            hint="Make the values of one table distinct first.",
        )
    try:
        left = table.merge(new, on=key, how="left")
    except ValueError as cause:  # pandas does not compare numbers with texts.
        raise InvalidDatasetError(
            f"The values of {key!r} are {table[key].dtype} and {new[key].dtype}: {cause}",
            hint="Convert one of the columns.",
        ) from cause
    only_new = new[~new[key].isin(table[key])]
    return pd.concat([left, only_new], ignore_index=True) if len(only_new) else left


def stacked(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the rows of several tables below one another; what a table lacks is missing there."""
    import pandas as pd

    return tables[0] if len(tables) == 1 else pd.concat(list(tables), ignore_index=True)


def typed_texts(texts: Sequence[str | None]) -> pd.Series[Any]:
    """Return a column of texts as whole numbers, numbers or texts, whichever all of them are.

    None is missing, and so is an empty text among numbers. Texts are kept as they are if they would
    not be the same number again, such as ``007``.
    """
    import pandas as pd

    filled = [text.strip() for text in texts if text is not None and text.strip()]
    if filled and len(filled) == len(texts) and all(map(_WHOLE.fullmatch, filled)):
        return pd.Series([int(text) for text in filled], dtype=np.int64)
    if filled and all(map(_REAL.fullmatch, filled)):
        values = [float(text) if text is not None and text.strip() else np.nan for text in texts]
        return pd.Series(values, dtype=np.float64)
    return pd.Series(list(texts), dtype="str" if filled else object)
