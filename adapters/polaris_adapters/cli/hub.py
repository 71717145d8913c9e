"""``polaris hub``: what a hub without a server needs done."""

from __future__ import annotations

import click

from polaris_adapters.cli.global_options import GlobalOptions
from polaris_adapters.cli.groups import PolarisGroup
from polaris_adapters.cli.output import note

__all__ = ["hub"]


@click.group("hub", cls=PolarisGroup)
def hub() -> None:
    """Run what a hub without a server needs."""


@hub.command("work")
@click.option("--once", is_flag=True, help="End when nothing is left to score.")
@click.option(
    "--poll", metavar="SECONDS", type=float, default=5.0, help="Time between looks for submissions."
)
@click.option(
    "--lease",
    metavar="SECONDS",
    type=float,
    default=600.0,
    help="Time until another worker may take over from one that died.",
)
@click.pass_obj
def work(options: GlobalOptions, once: bool, poll: float, lease: float) -> None:
    """Score the submissions to a hub in a folder.

    Several workers may run at once, and may be killed at any moment.
    """
    from polaris.bootstrap.settings import PolarisHubSettings
    from polaris.hub.worker import run_worker

    settings = PolarisHubSettings(**options.settings)
    note(f"Scoring submissions to {settings.hub_url}", options)
    count = run_worker(settings, once=once, poll=poll, lease_seconds=lease)
    note(f"Worked on {count} submissions", options)
