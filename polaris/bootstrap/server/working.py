"""Scoring the submissions to a hub in a process of its own, on this machine or another."""

from __future__ import annotations

from polaris.application.loop_thread import run_blocking
from polaris.bootstrap.operators import hub_locks
from polaris.bootstrap.server.jobs import server_worker
from polaris.bootstrap.server.ports import open_server
from polaris.bootstrap.server.settings import ServerSettings

__all__ = ["work_on_server_jobs"]


def work_on_server_jobs(settings: ServerSettings, *, once: bool = False) -> int:
    """Score submissions to the hub whose database and store the settings name.

    Any number of workers may run at once, and be killed at any moment. One that is interrupted
    gives its job back at once.

    Args:
        settings: What the hub is made of, how often to look for submissions, and how long to hold
            one.
        once: Return when nothing is due any more; otherwise go on until interrupted.

    Returns:
        How many submissions were worked on.

    Raises:
        HubBusyError: It is being restored or migrated.
        PolarisHubError: The hub cannot be opened.
    """
    return run_blocking(_work(settings, once=once))


async def _work(settings: ServerSettings, *, once: bool) -> int:
    with hub_locks(settings).serving():
        ports = open_server(settings)
        try:
            worker = server_worker(ports, settings)
            if once:
                return await worker.until_nothing_is_due()
            await worker.forever(poll=settings.job_poll)
            return 0
        finally:
            await ports.aclose()
