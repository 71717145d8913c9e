"""What notebooks show of an object: a small table, whatever the object holds.

Every text is shortened and escaped here and nowhere else, so that no name, readme or tag can bring
markup of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import islice

from polaris.domain.short_text import shortened

__all__ = ["card"]

_MOST_ROWS = 15
_MOST_COLUMNS = 10
_CELL = 40
_FACT = 200
_HEADING = "text-align:left;vertical-align:top"


def card(
    title: str,
    facts: Mapping[str, object],
    *,
    heading: Sequence[str] = (),
    rows: Iterable[Sequence[object]] = (),
    total: int = 0,
) -> str:
    """Return HTML for an object.

    Args:
        title: What it is.
        facts: What is known of it; None, and what is empty, is left out.
        heading: The columns of a table below, if there is one.
        rows: Its rows; so many are taken as are shown.
        total: How many there are.

    Returns:
        A few thousand characters at the most.
    """
    lines = [
        f'<tr><th style="{_HEADING}">{_cell(name, _CELL)}</th>'
        f'<td style="text-align:left">{_cell(value, _FACT)}</td></tr>'
        for name, value in islice(facts.items(), _MOST_ROWS)
        if value is not None and value != "" and value != []
    ]
    table = _table(heading, rows, total) if heading else ""
    return f"<div><b>{_cell(title, _FACT)}</b><table>{''.join(lines)}</table>{table}</div>"


def _table(heading: Sequence[str], rows: Iterable[Sequence[object]], total: int) -> str:
    shown = [list(row)[:_MOST_COLUMNS] for row in islice(rows, _MOST_ROWS)]
    head = "".join(f"<th>{_cell(name, _CELL)}</th>" for name in heading[:_MOST_COLUMNS])
    body = "".join(
        f"<tr>{''.join(f'<td>{_cell(value, _CELL)}</td>' for value in row)}</tr>" for row in shown
    )
    more = [f"{count} more {what}" for count, what in _left_out(heading, shown, total)]
    note = f"<div>… {' and '.join(more)}</div>" if more else ""
    return f"<table><tr>{head}</tr>{body}</table>{note}"


def _left_out(
    heading: Sequence[str], shown: Sequence[Sequence[object]], total: int
) -> list[tuple[int, str]]:
    counts = [(total - len(shown), "rows"), (len(heading) - _MOST_COLUMNS, "columns")]
    return [(count, what) for count, what in counts if count > 0]


def _cell(value: object, length: int) -> str:
    if isinstance(value, float):
        return escape(f"{value:.4g}")
    shown = escape(shortened(value, length))
    # What consists of special characters is written with five times as many.
    return shown if len(shown) <= 2 * length else escape(shortened(value, length // 3))
