"""Scoring submissions beside the server, in a thread with an event loop of its own."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable, Sequence
from functools import partial

import attrs

from polaris.application.accounts.sight import may_see
from polaris.application.null_progress import NullProgress
from polaris.application.retry import RetryPolicy
from polaris.application.work_on_jobs import WorkOnJobs
from polaris.bootstrap.container import open_archives
from polaris.bootstrap.server.ports import ServerPorts
from polaris.bootstrap.server.settings import ServerSettings
from polaris.bootstrap.worker import make_worker
from polaris.domain.identity import ArtifactRef
from polaris.ports.clock import Clock
from polaris.ports.jobs import Job, JobQueue, JobState, Lease
from polaris.ports.transport import WorkerPorts

__all__ = ["CountedJobs", "JobThread", "server_worker"]

_LOG = logging.getLogger("polaris.jobs")
_SHORTEST, _LONGEST = 1.0, 60.0


@attrs.frozen
class CountedJobs:
    """A `JobQueue` that tells what becomes of jobs.

    Attributes:
        inner: The queue.
        count: Is told ``scored``, ``failed`` or ``given back``, once a job.
    """

    inner: JobQueue
    count: Callable[[str], None]

    async def find(self, submission: ArtifactRef, /) -> Sequence[Job]:
        """See `JobQueue`."""
        return await self.inner.find(submission)

    async def take(self, *, seconds: float) -> Lease | None:
        """See `JobQueue`."""
        return await self.inner.take(seconds=seconds)

    async def renew(self, lease: Lease, /, *, seconds: float) -> Lease:
        """See `JobQueue`."""
        return await self.inner.renew(lease, seconds=seconds)

    async def give_back(self, lease: Lease, /, *, seconds: float) -> None:
        """See `JobQueue`."""
        await self.inner.give_back(lease, seconds=seconds)
        self.count("given back")

    async def finish(
        self, lease: Lease, /, *, results: ArtifactRef | None = None, reason: str | None = None
    ) -> Job:
        """See `JobQueue`."""
        job = await self.inner.finish(lease, results=results, reason=reason)
        self.count("scored" if job.state is JobState.SCORED else "failed")
        _LOG.info("%s of %s %s", job.state, job.submission, f"({reason})" if reason else "")
        return job


def server_worker(
    ports: ServerPorts,
    settings: ServerSettings,
    count: Callable[[str], None] | None = None,
) -> WorkOnJobs:
    """Return what scores the submissions to a hub.

    Args:
        ports: Its ports.
        settings: How long a submission is held.
        count: Is told what becomes of jobs.
    """
    jobs = ports.jobs if count is None else CountedJobs(ports.jobs, count)
    worker_ports = WorkerPorts(
        ports.artifacts, ports.storage, ports.hidden, jobs, partial(may_see, ports.accounts)
    )
    return make_worker(
        worker_ports,
        open_archives(),
        RetryPolicy(),
        ports.clock,
        NullProgress(),
        lease_seconds=settings.job_lease,
    )


class JobThread:
    """Works on jobs until it is stopped; requests never wait for it.

    A worker that fails is logged and begun anew, after a second at first and a minute at most.

    Args:
        make: Makes the worker, on the thread.
        clock: Spends the waits.
        poll: Seconds between looks for jobs.
    """

    def __init__(self, make: Callable[[], WorkOnJobs], clock: Clock, *, poll: float) -> None:
        self._make, self._clock, self._poll = make, clock, poll
        self._begun = threading.Event()
        self._ending = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        # A daemon: what computes when the process ends is cut off, and its lease runs out.
        self._thread = threading.Thread(target=self._run, name="polaris-jobs", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()
        self._begun.wait()

    def end(self) -> None:
        """Begin to end: no further job is taken, and the one under way is given back."""
        if self._loop is not None and self._task is not None and not self._ending:
            self._ending = True
            with contextlib.suppress(RuntimeError):  # It has ended already.
                self._loop.call_soon_threadsafe(self._task.cancel)

    async def stop(self, *, timeout: float = 5.0) -> bool:
        """End, and say whether the thread did in time.

        Args:
            timeout: Seconds to wait at most. What computes cannot be interrupted.
        """
        self.end()
        if self._thread.is_alive():
            await asyncio.to_thread(self._thread.join, timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            asyncio.run(self._main())

    async def _main(self) -> None:
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        self._begun.set()
        pause = _SHORTEST
        while True:
            began = self._clock.monotonic()
            try:
                await self._make().forever(poll=self._poll)
            except Exception:
                _LOG.exception("Scoring failed; it goes on in %.0f s", pause)
            lasted = self._clock.monotonic() - began
            await self._clock.sleep(pause)
            pause = _SHORTEST if lasted > _LONGEST else min(2 * pause, _LONGEST)
