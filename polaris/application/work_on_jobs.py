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
            await self.until_nothing_is_due()
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
        try:
            if lease.job.attempts > self.most_attempts:
                await self._give_up(lease)
                return
            async with self._kept(lease):
                results = await self.evaluate(lease.job)
        except PolarisError as error:
            await self._failed(lease, error)
        except Exception as error:  # What it is must not keep the others waiting.
            reason = f"The hub could not score it: {type(error).__name__}"
            await self._finish(lease, reason=reason)
        else:
            await self._finish(lease, results=results)

    async def _give_up(self, lease: Lease) -> None:
        # The last worker may have died after it had published, and before it could say so.
        results = await self.evaluate.published(lease.job)
        reason = f"Given up: {self.most_attempts} attempts ended without an outcome"
        await self._finish(lease, results=results, reason=None if results else reason)

    async def _failed(self, lease: Lease, error: PolarisError) -> None:
        may_pass = error.retryable or isinstance(error, StorageError)
        if may_pass and lease.job.attempts < self.most_attempts:
            await self.jobs.give_back(lease, seconds=self.pause)
        else:
            await self._finish(lease, reason=error.message)

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
            lease = await self.jobs.renew(lease, seconds=self.lease_seconds)
