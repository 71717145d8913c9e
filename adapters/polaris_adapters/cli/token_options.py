"""What the commands on personal tokens share, whether an operator calls them or their user."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

import click

from polaris_adapters.cli.output import instant, write_table

__all__ = ["days_option", "scope_option", "write_tokens"]

F = TypeVar("F", bound=Callable[..., Any])


def scope_option(command: F) -> F:
    """Give a command the option ``--scope``, as the argument ``scopes``."""
    return click.option(
        "--scope",
        "scopes",
        type=click.Choice(["read", "write", "admin"]),
        multiple=True,
        default=("read", "write"),
        help="What it allows; may be given several times. Without it: read and write.",
    )(command)


def days_option(most: int) -> Callable[[F], F]:
    """Return what gives a command the option ``--days``, of so many at most."""
    return click.option(
        "--days",
        type=click.FloatRange(min=0, min_open=True, max=most),
        default=90.0,
        show_default=True,
        help="How long it is good.",
    )


def write_tokens(tokens: Iterable[Mapping[str, Any]]) -> None:
    """Write a table of personal tokens.

    Args:
        tokens: What JSON tells of each, with the times as texts.
    """
    rows = [
        (
            token["id"],
            token["name"],
            token["scopes"],
            _moment(token["createdAt"]),
            _moment(token["expiresAt"]),
            _moment(token["revokedAt"]),
        )
        for token in tokens
    ]
    write_table(("ID", "NAME", "SCOPES", "MADE", "EXPIRES", "REVOKED"), rows)


def _moment(text: str | None) -> str | None:
    return None if text is None else instant(datetime.fromisoformat(text))
