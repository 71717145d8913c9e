"""Arguments and options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from polaris.domain.identity import ArtifactKind, ArtifactRef

__all__ = [
    "artifact_argument",
    "listing_options",
    "narrowing_options",
    "publishing_options",
    "version_options",
]

CallableT = TypeVar("CallableT", bound=Callable[..., Any])


def artifact_argument(kind: ArtifactKind, name: str = "ref") -> Callable[[CallableT], CallableT]:
    """Return a decorator that adds the id of an artifact, ``OWNER/SLUG``, as an argument."""

    def parse(_: click.Context, __: click.Parameter, value: str) -> ArtifactRef:
        return ArtifactRef.parse(kind, value)

    return click.argument(name, metavar="OWNER/SLUG", callback=parse)


def _all(*decorators: Callable[[Any], Any]) -> Callable[[CallableT], CallableT]:
    def decorate(function: CallableT) -> CallableT:
        decorated: Any = function
        for decorator in reversed(decorators):
            decorated = decorator(decorated)
        result: CallableT = decorated
        return result

    return decorate


def _owner(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    # A listing would find nothing of an owner that cannot be, and not say why.
    return None if value is None else ArtifactRef.of(ArtifactKind.DATASET, value, "name").owner


def listing_options() -> Callable[[CallableT], CallableT]:
    """Return a decorator that adds the options of a listing."""
    return _all(
        click.option("--owner", metavar="NAME", callback=_owner, help="Only those of this owner."),
        click.option(
            "--limit",
            type=click.IntRange(min=0),
            default=100,
            show_default=True,
            help="At most so many.",
        ),
        click.option("--offset", type=click.IntRange(min=0), default=0, help="Pass over so many."),
        click.option("-l", "--long", "is_long", is_flag=True, help="Show more than the ids."),
    )


def narrowing_options() -> Callable[[CallableT], CallableT]:
    """Return a decorator that adds what listings of artifacts can be narrowed to."""
    return _all(
        click.option("--search", metavar="WORDS", help="Only those with words that begin so."),
        click.option("--tag", "tags", metavar="TAG", multiple=True, help="Only those with this."),
        click.option(
            "--sort",
            type=click.Choice(["created", "updated", "name"]),
            default="created",
            show_default=True,
            help="What the order goes by; times, the newest first.",
        ),
        click.option("--reverse", is_flag=True, help="The other way round."),
        click.option(
            "--since", metavar="DATE", help="Only what was published or changed then or later."
        ),
    )


def publishing_options(*if_exists: str) -> Callable[[CallableT], CallableT]:
    """Return a decorator that adds the options of a publication.

    Args:
        *if_exists: What may be done where the artifact exists, the default first; nothing leaves
            the option out.
    """
    decorators = [
        click.option("--owner", metavar="NAME", help="User or organization that will own it."),
        click.option(
            "--access",
            type=click.Choice(["private", "public"]),
            default="private",
            show_default=True,
            help="Who may see it.",
        ),
    ]
    if if_exists:
        decorators.append(
            click.option(
                "--if-exists",
                type=click.Choice(if_exists),
                default=if_exists[0],
                show_default=True,
                help="What to do if it is there.",
            )
        )
    return _all(*decorators)


def version_options() -> Callable[[CallableT], CallableT]:
    """Return a decorator that adds what makes a publication a new version of another one."""
    return _all(
        click.option(
            "--parent", metavar="OWNER/SLUG", help="What this is a new version of, on the hub."
        ),
        click.option("--changelog", metavar="TEXT", help="What is new in this version."),
    )
