"""Working on the jobs of a hub: take one, score it, say what came of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import attrs

from polaris.application.evaluate_submission import EvaluateSubmission
from polaris.application.retry import RetryPolicy
from polaris.domain.identity import ArtifactRef
from polaris.errors import LeaseLostError, PolarisError, StorageError
from polaris.ports.clock import Clock
from polaris.ports.jobs import Job, JobQueue, Lease

__all__ = ["WorkOnJobs"]

_GIVEN_UP = "Given up: {} attempts ended without an outcome"


@attrs.frozen
class WorkOnJobs:
    """Works on jobs, one after the other; any number of workers may do so at once.

    A worker may die at any step. Its job is taken again when the lease expires; results that it
    has published already are found, and not computed again. A job that has been taken too often,
    since it kills its workers or never gets what it needs, fails with that as its reason.

    Attributes:
        jobs: The queue.
        evaluate: Scores a submission.
        retry: How often the queue is asked again when it is busy.
        clock: Spends the waits.
        lease_seconds: How long a job is held.
        heartbeat: Whether the lease is renewed while the work goes on.
        most_attempts: After so many takings a job fails.
        pause: Seconds until a job is tried again after a failure that may pass.
    """

    jobs: JobQueue
    evaluate: EvaluateSubmission
    retry: RetryPolicy
    clock: Clock
    lease_seconds: float = 600.0
    heartbeat: bool = True
    most_attempts: int = 5
    pause: float = 30.0

    async def until_nothing_is_due(self) -> int:
        """Work until no job is due, and return how many were worked on."""
        count = 0
        while await self.step():
            count += 1
        return count

    async def forever(self, *, poll: float) -> None:
        """Work until cancelled, looking for jobs every ``poll`` seconds when there are none."""
        while True:
            try:
                await self.until_nothing_is_due()
            except PolarisError as error:
                # Others use the hub as well; a worker must outlive their busy hours.
                if not error.retryable:
                    raise
            await self.clock.sleep(poll)

    async def step(self) -> bool:
        """Work on one job, if one is due, and tell whether there was one."""
        lease = await self.retry.call(
            lambda: self.jobs.take(seconds=self.lease_seconds), clock=self.clock
        )
        if lease is None:
            return False
        with contextlib.suppress(LeaseLostError):
            await self._work(lease)
        return True

    async def _work(self, lease: Lease) -> None:
        if lease.job.attempts > self.most_attempts:
            await self._fail(lease, _GIVEN_UP.format(self.most_attempts))
            return
        try:
            async with self._kept(lease):
                results = await self.evaluate(lease.job)
        except asyncio.CancelledError:
            # A worker that is stopped in good order leaves its job to others at once.
            with contextlib.suppress(PolarisError):
                await self.jobs.give_back(lease, seconds=0)
            raise
        except PolarisError as error:
            may_pass = error.retryable or isinstance(error, StorageError)
            if may_pass and lease.job.attempts < self.most_attempts:
                await self._give_back(lease)
            else:
                await self._fail(lease, error.message)
        except Exception as error:  # What it is must not keep the others waiting.
            await self._fail(lease, f"The hub could not score it: {type(error).__name__}")
        else:
            await self._finish(lease, results=results)

    async def _fail(self, lease: Lease, reason: str) -> None:
        """Give up on a job, unless its results are there after all.

        A worker may have died, or have had its connection cut, between the moment when the results
        became visible and the moment when it could say so.
        """
        try:
            results = await self.retry.call(
                lambda: self.evaluate.published(lease.job), clock=self.clock
            )
        except PolarisError:
            # Nobody can tell now; saying that it failed might be a lie for ever.
            await self._give_back(lease)
            return
        await self._finish(lease, results=results, reason=None if results else _sayable(reason))

    async def _give_back(self, lease: Lease) -> None:
        await self.retry.call(
            lambda: self.jobs.give_back(lease, seconds=self.pause), clock=self.clock
        )

    async def _finish(
        self, lease: Lease, *, results: ArtifactRef | None = None, reason: str | None = None
    ) -> Job:
        return await self.retry.call(
            lambda: self.jobs.finish(lease, results=results, reason=reason), clock=self.clock
        )

    @asynccontextmanager
    async def _kept(self, lease: Lease) -> AsyncIterator[None]:
        """Renew the lease while the block runs."""
        if not self.heartbeat:
            yield
            return
        beat = asyncio.create_task(self._beat(lease))
        try:
            yield
        finally:
            beat.cancel()
            with contextlib.suppress(asyncio.CancelledError, PolarisError):
                await beat

    async def _beat(self, lease: Lease) -> None:
        while True:
            await self.clock.sleep(self.lease_seconds / 3)
            try:
                lease = await self.jobs.renew(lease, seconds=self.lease_seconds)
            except PolarisError as error:
                # Two more beats come before the lease is over; a busy hub may take one of those.
                if not error.retryable:
                    raise


def _sayable(reason: str) -> str:
    """Return a reason that every database takes, whatever a submission has brought into it."""
    return reason.encode("utf-8", "backslashreplace").decode()
