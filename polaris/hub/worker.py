"""Scoring the submissions to a hub that has no server."""

from __future__ import annotations

from polaris.application.loop_thread import run_blocking
from polaris.bootstrap.container import HubContainer, build_container, close_container
from polaris.bootstrap.settings import PolarisHubSettings
from polaris.errors import InvalidInputError

__all__ = ["run_worker"]


def run_worker(
    settings: PolarisHubSettings | None = None,
    *,
    once: bool = False,
    poll: float = 5.0,
    lease_seconds: float = 600.0,
    container: HubContainer | None = None,
) -> int:
    """Score submissions to a hub in a folder, or in this process.

    Any number of workers may run at once, and be killed at any moment: what one of them left is
    taken up by another when its lease has expired, and nothing is scored twice.

    Args:
        settings: Which hub; read from the environment and the profile file when omitted.
        once: Return when nothing is due any more; otherwise go on until interrupted.
        poll: Seconds between looks for new submissions.
        lease_seconds: How long a submission is held before another worker may take it.
        container: The wiring; made from ``settings`` when omitted. Its owner closes it.

    Returns:
        How many submissions were worked on.

    Raises:
        InvalidInputError: ``poll`` or ``lease_seconds`` is not above 0.
        UnknownTransportError: The hub has a server, which scores by itself.
    """
    for name, seconds in (("poll", poll), ("lease_seconds", lease_seconds)):
        if not seconds > 0:
            raise InvalidInputError(f"{name} cannot be {seconds!r}", hint="Give seconds above 0.")
    wiring = container or build_container(settings or PolarisHubSettings())
    return run_blocking(_run(wiring, once, poll, lease_seconds, owned=container is None))


async def _run(
    container: HubContainer, once: bool, poll: float, lease_seconds: float, *, owned: bool
) -> int:
    from polaris.bootstrap.worker import build_worker

    try:
        worker = build_worker(container, lease_seconds=lease_seconds)
        if once:
            return await worker.until_nothing_is_due()
        await worker.forever(poll=poll)
        return 0
    finally:
        if owned:
            await close_container(container)
