"""``polaris hub``: what a hub of one's own needs done."""

from __future__ import annotations

import click

from polaris_adapters.cli.global_options import GlobalOptions
from polaris_adapters.cli.groups import LazyCommand, LazyGroup
from polaris_adapters.cli.hub_backup import backup, restore
from polaris_adapters.cli.hub_upkeep import fsck, gc, migrate
from polaris_adapters.cli.output import note

__all__ = ["hub"]


_HERE = "polaris_adapters.cli"

_COMMANDS = {
    "user": LazyCommand(f"{_HERE}.hub_user:user", "Add, list and close the users of a hub."),
    "org": LazyCommand(f"{_HERE}.hub_org:org", "Add organizations, and say who is in them."),
    "token": LazyCommand(f"{_HERE}.hub_token:token", "Give out and revoke personal tokens."),
    "client": LazyCommand(f"{_HERE}.hub_client:client", "Register programs that sign users in."),
}


@click.group("hub", cls=LazyGroup, commands_by_name=_COMMANDS)
def hub() -> None:
    """Run and look after a hub of your own."""


for _command in (backup, restore, migrate, gc, fsck):
    hub.add_command(_command)


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
@click.option("--data", metavar="FOLDER", help="The folder of a hub with a server.")
@click.option("--database", metavar="URL", help="The database of a hub with a server.")
@click.option("--storage", metavar="URL", help="The store of a hub with a server.")
@click.pass_obj
def work(
    options: GlobalOptions, /, once: bool, poll: float, lease: float, **server: str | None
) -> None:
    """Score the submissions to a hub in a folder, or to one with a server.

    Several workers may run at once, also on other machines, and may be killed at any moment. For a
    hub with a server, give what `polaris serve` was given; further settings are POLARIS_SERVER_….
    """
    _end_as_interrupted()
    given = {name: value for name, value in server.items() if value is not None}
    if given:
        _work_beside_server(options, given, once=once, poll=poll, lease=lease)
        return
    from polaris.bootstrap.settings import PolarisHubSettings
    from polaris.hub.worker import run_worker

    settings = PolarisHubSettings(**options.settings)
    note(f"Scoring submissions to {settings.hub_url}", options)
    count = run_worker(settings, once=once, poll=poll, lease_seconds=lease)
    note(f"Worked on {count} submissions", options)


def _work_beside_server(
    options: GlobalOptions, given: dict[str, str], *, once: bool, poll: float, lease: float
) -> None:
    from polaris.bootstrap.server.settings import ServerSettings
    from polaris.bootstrap.server.working import work_on_server_jobs

    settings = ServerSettings(**given, job_poll=poll, job_lease=lease)
    note(f"Scoring submissions to the hub of {settings.database or settings.data}", options)
    count = work_on_server_jobs(settings, once=once)
    note(f"Worked on {count} submissions", options)


def _end_as_interrupted() -> None:
    """Let a worker that is told to end give its submission back, instead of just dying."""
    import signal
    import threading

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)
