"""The top of the command line."""

from __future__ import annotations

import click

from polaris_adapters.cli.groups import LazyCommand, LazyGroup

__all__ = ["root"]

_HERE = "polaris_adapters.cli"

_COMMANDS = {
    "demo": LazyCommand(f"{_HERE}.demo.command:demo", "See it all at work on measured data."),
    "dataset": LazyCommand(f"{_HERE}.dataset:dataset", "List, load, publish and verify datasets."),
    "benchmark": LazyCommand(f"{_HERE}.benchmark:benchmark", "List, load and publish benchmarks."),
    "result": LazyCommand(f"{_HERE}.result:result", "List and publish results."),
    "leaderboard": LazyCommand(f"{_HERE}.leaderboard:leaderboard", "Rank the results."),
    "model": LazyCommand(f"{_HERE}.model:model", "List, load and publish models."),
    "competition": LazyCommand(
        f"{_HERE}.competition:competition", "List, load and publish competitions."
    ),
    "submission": LazyCommand(f"{_HERE}.submission:submission", "See what came of submissions."),
    "serve": LazyCommand(f"{_HERE}.serve:serve", "Run a hub of your own."),
    "hub": LazyCommand(f"{_HERE}.hub:hub", "Run and look after a hub of your own."),
    "auth": LazyCommand(f"{_HERE}.auth:auth", "Sign in and out."),
    "login": LazyCommand(f"{_HERE}.auth:login", "The same as auth login."),
    "doctor": LazyCommand(f"{_HERE}.doctor:doctor", "Say what is wrong on the way to the hub."),
    "config": LazyCommand(f"{_HERE}.config:config", "Show the settings."),
    "version": LazyCommand(f"{_HERE}.version:version", "Show the version."),
}

_HELP = """Datasets, benchmarks and results that scientists can trust.

Which hub is used: --hub, else POLARIS_HUB_URL, else the profile, else the default. A hub in a
folder needs no server: polaris --hub file:///path/of/a/folder dataset ls
"""

_EPILOG = """Exit codes: 0 done, 1 failed, 2 wrong usage or input, 3 not allowed, 4 not found,
5 exists already, 6 checksum or damage, 7 network, try again, 130 interrupted. Data goes to standard
output, all else to standard error."""


def _show_version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        from polaris_adapters.cli.version import write_version

        write_version()
        context.exit()


root = LazyGroup(
    name="polaris",
    commands_by_name=_COMMANDS,
    help=_HELP,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"]},
    params=[
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_show_version,
            help="Show the version and exit.",
        )
    ],
)
