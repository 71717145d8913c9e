"""Groups of commands, whose modules are imported when a command of theirs is called."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

import click

from polaris_adapters.cli.global_options import (
    GlobalOptions,
    PolarisCommand,
    WithGlobalOptions,
)

__all__ = ["LazyCommand", "LazyGroup", "PolarisGroup", "UnknownCommandError"]

# What people type who come from other tools.
_ALIASES = {"list": "ls", "download": "get", "upload": "put"}


class UnknownCommandError(click.UsageError):
    """There is no such command.

    Args:
        name: What was typed.
        near: The command that was probably meant.
        context: Where it was typed.
    """

    def __init__(self, name: str, near: str | None, context: click.Context) -> None:
        super().__init__(f"There is no command {name!r}", ctx=context)
        path = context.command_path
        self.hint = f"Did you mean '{path} {near}'?" if near else f"Try '{path} --help'."


class PolarisGroup(WithGlobalOptions, click.Group):
    """A group of commands; called without one, it shows its help."""

    command_class = PolarisCommand

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the group's options; nothing at all asks for help, which is no JSON, though."""
        options = ctx.find_object(GlobalOptions)
        wants_json = options is not None and options.json
        return super().parse_args(ctx, args if args or wants_json else ["--help"])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by its name or alias."""
        known = self.list_commands(ctx)
        alias = _ALIASES.get(cmd_name)
        return self._command(alias if cmd_name not in known and alias in known else cmd_name)

    def _command(self, name: str | None) -> click.Command | None:
        return self.commands.get(name or "")

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is called; an unknown one is refused with the nearest known."""
        name = args[0]
        unknown = self.get_command(ctx, name) is None and not name.startswith("-")
        if unknown and not ctx.resilient_parsing:
            import difflib

            near = difflib.get_close_matches(name, self.list_commands(ctx), n=1, cutoff=0.5)
            raise UnknownCommandError(name, near[0] if near else None, ctx)
        return super().resolve_command(ctx, args)


class LazyCommand(NamedTuple):
    """A command that is imported when it is called.

    Attributes:
        target: ``module:attribute``.
        help: One line for the help of the group.
    """

    target: str
    help: str


class LazyGroup(PolarisGroup):
    """A group whose help needs none of its commands' modules.

    Args:
        commands_by_name: Its commands, in the order of its help; those that are added to it as to
            any other group come before them.
        **attributes: As for `click.Group`.
    """

    def __init__(self, *, commands_by_name: Mapping[str, LazyCommand], **attributes: Any) -> None:
        super().__init__(**attributes)
        self._lazy = dict(commands_by_name)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        return [*self.commands, *self._lazy]

    def _command(self, name: str | None) -> click.Command | None:
        if name not in self._lazy:
            return super()._command(name)
        module, _, attribute = self._lazy[name].target.partition(":")
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands into the help, without importing them."""
        with formatter.section("Commands"):
            here = [(name, own.get_short_help_str(90)) for name, own in self.commands.items()]
            formatter.write_dl([*here, *((name, lazy.help) for name, lazy in self._lazy.items())])
