"""The options that every command takes, before its name or after it."""

from __future__ import annotations

import sys
from typing import Any

import click

__all__ = ["GlobalOptions", "PolarisCommand", "WithGlobalOptions"]


class GlobalOptions:
    """What was given of the options that every command takes.

    A plain class: help is shown without the time that it takes to import attrs.

    Attributes:
        hub: URL of the hub; the settings decide when None.
        profile: Profile in the settings file; the settings decide when None.
        json: Write data, and errors, as JSON.
        quiet: Write nothing but data and errors.
        debug: Show the traceback of an error.
    """

    def __init__(self, *, json: bool = False, debug: bool = False) -> None:
        self.hub: str | None = None
        self.profile: str | None = None
        self.json = json
        self.quiet = False
        self.debug = debug

    @property
    def settings(self) -> dict[str, Any]:
        """The settings that were given."""
        given = {"hub_url": self.hub, "profile": self.profile}
        return {name: value for name, value in given.items() if value is not None}

    @property
    def shows_progress(self) -> bool:
        """Whether bars may be drawn: somebody watches, and did not ask for quiet."""
        return not self.quiet and sys.stderr.isatty()


def _remember(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    # Not given here: what was given before the command's name stays.
    if value is not None and parameter.name is not None:
        setattr(context.ensure_object(GlobalOptions), parameter.name, value)


def _option(
    *names: str, help: str, is_flag: bool = False, metavar: str | None = None
) -> click.Option:
    return click.Option(
        names,
        help=help,
        is_flag=is_flag,
        default=None,
        metavar=metavar,
        callback=_remember,
        expose_value=False,
        # Known before anything else can fail, so that errors are written as was asked.
        is_eager=True,
    )


_OPTIONS = (
    _option("--hub", metavar="URL", help="The hub, such as file:///data/hub."),
    _option("--profile", metavar="NAME", help="The profile of the settings file."),
    _option("--json", is_flag=True, help="Write JSON."),
    _option("-q", "--quiet", is_flag=True, help="Write nothing but data and errors."),
    _option("--debug", is_flag=True, help="Show the traceback of an error."),
)


class WithGlobalOptions(click.Command):
    """A command that takes the global options beside its own."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the command's own parameters and the global options."""
        return [*super().get_params(ctx), *_OPTIONS]


class PolarisCommand(WithGlobalOptions):
    """A command that does something."""
