"""Writing: data to standard output, as text or JSON; notes to standard error."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import click

from polaris.message_text import without_credentials
from polaris.ports.artifacts import UNKNOWN_TIME
from polaris_adapters.cli.global_options import GlobalOptions

__all__ = [
    "instant", "note", "printable", "write_fields", "write_json", "write_lines", "write_table",
]  # fmt: skip


def printable(text: str) -> str:
    """Return a text with every control character escaped.

    What a hub says must not be able to steer the terminal, nor to break a line of a table.
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def instant(moment: datetime) -> str:
    """Return a time as ``2026-11-20 10:15:00Z``, and ``-`` for one that the hub does not tell."""
    if moment == UNKNOWN_TIME:
        return "-"
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4f}"
    if isinstance(value, Mapping):
        return ", ".join(f"{printable(str(k))}={_cell(v)}" for k, v in value.items()) or "-"
    if isinstance(value, (list, tuple)):
        return ", ".join(_cell(item) for item in value) or "-"
    return printable(str(value)) or "-"


def write_lines(lines: Iterable[str]) -> None:
    """Write texts, a line each."""
    text = "\n".join(printable(line) for line in lines)
    if text:
        click.echo(text)


def write_json(value: Any) -> None:
    """Write one JSON value."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))


def write_table(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a table in aligned columns; numbers are aligned to the right."""
    body = list(rows)
    cells = [list(headings), *([_cell(value) for value in row] for row in body)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(headings))]
    right = [
        bool(body) and all(isinstance(row[column], (int, float)) for row in body)
        for column in range(len(headings))
    ]
    for row in cells:
        aligned = [
            text.rjust(width) if is_right else text.ljust(width)
            for text, width, is_right in zip(row, widths, right, strict=True)
        ]
        click.echo("  ".join(aligned).rstrip())


def write_fields(fields: Mapping[str, Any]) -> None:
    """Write named values, a line each."""
    width = max((len(name) for name in fields), default=0)
    for name, value in fields.items():
        click.echo(f"{name.ljust(width)}  {_cell(value)}")


def note(text: str, options: GlobalOptions) -> None:
    """Write a note to standard error, unless quiet was asked for; credentials are masked."""
    if not options.quiet:
        click.echo(without_credentials(text), err=True)
