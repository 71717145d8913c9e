"""Running a command line, and ending with an exit code whatever happens."""

from __future__ import annotations

from collections.abc import Sequence

import click

from polaris_adapters.cli.global_options import GlobalOptions
from polaris_adapters.cli.root import root

__all__ = ["run"]


def run(arguments: Sequence[str]) -> int:
    """Run a command line.

    Args:
        arguments: What follows ``polaris``.

    Returns:
        The exit code.
    """
    # A command line that cannot be parsed has to be refused in the form that it asks for.
    options = GlobalOptions(json="--json" in arguments, debug="--debug" in arguments)
    try:
        ended = root.main(list(arguments), prog_name="polaris", obj=options, standalone_mode=False)
    except Exception as error:
        # Only here: what succeeds should not wait for what tells of failures.
        from polaris_adapters.cli.failures import report_failure, report_interrupt

        if isinstance(error, click.Abort):
            return report_interrupt()
        return report_failure(error, options)
    return ended if isinstance(ended, int) else 0
