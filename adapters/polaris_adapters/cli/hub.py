"""``polaris hub``: what a hub of one's own needs done."""

from __future__ import annotations

from typing import Any

import click

from polaris_adapters.cli.global_options import GlobalOptions
from polaris_adapters.cli.groups import LazyCommand, LazyGroup
from polaris_adapters.cli.hub_backup import backup, restore
from polaris_adapters.cli.hub_operations import of_a_hub, settings_of
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
    "--poll", metavar="SECONDS", type=float, help="Time between looks for submissions.  [5, or 2]"
)
@click.option(
    "--lease",
    metavar="SECONDS",
    type=float,
    help="Time until another worker may take over from one that died.  [600]",
)
@of_a_hub
@click.pass_obj
def work(
    options: GlobalOptions, /, once: bool, poll: float | None, lease: float | None, **server: Any
) -> None:
    """Score the submissions to a hub in a folder, or to one with a server.

    Several workers may run at once, also on other machines, and may be killed at any moment. For a
    hub with a server, give what `polaris serve` was given, at least --config-file, --data or
    --database; further settings are POLARIS_SERVER_….
    """
    _end_as_interrupted()
    if any(value is not None for value in server.values()):
        _work_beside_server(options, server, once=once, poll=poll, lease=lease)
        return
    from polaris.bootstrap.settings import PolarisHubSettings
    from polaris.hub.worker import run_worker

    settings = PolarisHubSettings(**options.settings)
    note(f"Scoring submissions to {settings.hub_url}", options)
    poll, lease = 5.0 if poll is None else poll, 600.0 if lease is None else lease
    count = run_worker(settings, once=once, poll=poll, lease_seconds=lease)
    note(f"Worked on {count} submissions", options)


def _work_beside_server(
    options: GlobalOptions,
    server: dict[str, Any],
    *,
    once: bool,
    poll: float | None,
    lease: float | None,
) -> None:
    from polaris.bootstrap.server.working import work_on_server_jobs
    from polaris.message_text import without_credentials

    settings = settings_of(options, server, job_poll=poll, job_lease=lease)
    where = without_credentials(settings.database or str(settings.data))
    note(f"Scoring submissions to the hub of {where}", options)
    count = work_on_server_jobs(settings, once=once)
    note(f"Worked on {count} submissions", options)


def _end_as_interrupted() -> None:
    """Let a worker that is told to end give its submission back, instead of just dying."""
    import signal
    import threading

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)
