"""Lists of column names, as tasks have them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from polaris.domain.short_text import few
from polaris.errors import InvalidInputError

__all__ = ["ColumnNames", "parse_columns"]


class ColumnNames(list[str]):
    """Column names in their order, each once; equal to a list or to a set of the same names.

    Earlier generations of the library had lists here, or sets; code written for either still works.
    """

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        if isinstance(other, (set, frozenset)):
            return set(self) == other
        return list.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None  # as of any list


def parse_columns(value: Any) -> ColumnNames:
    """Return one or several different column names; a set, which has no order, is sorted.

    Raises:
        InvalidInputError: There is none, one is there twice, or something is not a text.
    """
    if isinstance(value, str):
        return ColumnNames([value])
    if isinstance(value, Mapping) or not isinstance(value, Iterable):
        raise InvalidInputError(f"must be column names, not {type(value).__name__}")
    names = list(value)
    if not names:
        raise InvalidInputError("is empty", hint="Name at least one column.")
    wrong = [name for name in names if not isinstance(name, str)]
    if wrong:
        raise InvalidInputError(f"{wrong[0]!r} is not a column name", hint="Names are texts.")
    if isinstance(value, (set, frozenset)):
        names.sort()
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise InvalidInputError(
            f"there are duplicate columns: {few(repeated)}", hint="Name each column once."
        )
    return ColumnNames(names)
