"""Long lists and long texts in a few words, for messages and for what is shown of an object."""

from __future__ import annotations

from collections.abc import Collection
from itertools import islice

__all__ = ["few", "shortened"]


def shortened(text: object, length: int = 80) -> str:
    """Return the first words of a text, on one line, with ``…`` where something was left out."""
    # So much more than is shown is looked at, and no more, however long the text is.
    words = str(text)[: 20 * length].split()
    line = " ".join(words)
    whole = len(str(text)) <= 20 * length and len(line) <= length
    return line if whole else line[: length - 1].rstrip() + "…"


def few(values: Collection[object], count: int = 5) -> str:
    """Return the first values as a list is written, and how many more there are."""
    shown = [shortened(repr(value), 40) for value in islice(values, count)]
    more = len(values) - len(shown)
    return f"[{', '.join(shown)}{f', … {more} more' if more > 0 else ''}]"
