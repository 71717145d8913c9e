"""``polaris version``."""

from __future__ import annotations

import platform

import click

from polaris.domain.artifact import library_version
from polaris_adapters.cli.global_options import GlobalOptions, PolarisCommand
from polaris_adapters.cli.output import write_json, write_lines

__all__ = ["version", "write_version"]


def write_version() -> None:
    """Write the version as text."""
    write_lines([f"polaris-hub {library_version()}"])


@click.command("version", cls=PolarisCommand)
@click.pass_obj
def version(options: GlobalOptions) -> None:
    """Show the version of Polaris; with --json that of Python, too."""
    if options.json:
        write_json({"polaris-hub": library_version(), "python": platform.python_version()})
    else:
        write_version()
