"""The scoring that a hub still has to do: one job for each submission."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import attrs

from polaris.domain.identity import ArtifactRef

__all__ = ["Job", "JobQueue", "JobReader", "JobState", "Lease"]


class JobState(StrEnum):
    """How far the scoring of a submission has come; ``scored`` and ``failed`` are final."""

    WAITING = "waiting"
    RUNNING = "running"
    SCORED = "scored"
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        """Whether it will not change any more."""
        return self in (JobState.SCORED, JobState.FAILED)


@attrs.frozen
class Job:
    """The scoring of one revision of a submission.

    Attributes:
        submission: The predictions.
        revision: Which revision of them.
        state: How far it has come.
        attempts: How many times a worker has taken it.
        queued_at: When the submission was published, UTC.
        finished_at: When the final state was reached, UTC.
        results: What was published, once it is scored.
        reason: Why it was not scored, once it has failed.
    """

    submission: ArtifactRef
    revision: str
    state: JobState
    attempts: int
    queued_at: datetime
    finished_at: datetime | None = None
    results: ArtifactRef | None = None
    reason: str | None = None


@attrs.frozen
class Lease:
    """A job that a worker has taken, for a time.

    Attributes:
        job: The job.
        token: Tells this taking of the job from others.
        expires_at: When somebody else may take the job, UTC.
    """

    job: Job
    token: str
    expires_at: datetime


class JobReader(Protocol):
    """Tells how far the scoring of submissions has come."""

    async def find(self, submission: ArtifactRef, /) -> Sequence[Job]:
        """Return the jobs of all revisions of a submission, the newest first; none is fine."""
        ...


class JobQueue(JobReader, Protocol):
    """Hands jobs to workers: each at least once, until it has a final state.

    A job comes into being in the step that commits a draft with ``evaluate`` set, and in no other
    way; there is one for each revision of each submission. What is scored stays scored. What failed
    stays so too, unless its revision is committed once more: then it waits as a new one does. Every
    change is atomic and durable. May be used from several tasks, threads and processes at once.
    Failures are errors under `PolarisHubError`; `HubBusyError` may be retried.
    """

    async def take(self, *, seconds: float) -> Lease | None:
        """Take the job that has been due for longest; nobody else gets it for so many seconds.

        Due are jobs that wait, and those whose lease has expired: their worker is taken for dead.

        Returns:
            The lease, with the attempt counted; None if nothing is due.
        """
        ...

    async def renew(self, lease: Lease, /, *, seconds: float) -> Lease:
        """Keep a job for so many seconds from now.

        Raises:
            LeaseLostError: Another worker has taken the job, or it was given back or finished.
        """
        ...

    async def give_back(self, lease: Lease, /, *, seconds: float) -> None:
        """Let the job be taken again, by anybody, after so many seconds.

        Raises:
            LeaseLostError: As for `renew`.
        """
        ...

    async def finish(
        self, lease: Lease, /, *, results: ArtifactRef | None = None, reason: str | None = None
    ) -> Job:
        """Give a job its final state: ``scored`` with results, ``failed`` with a reason.

        Doing so again with the same lease changes nothing. An expired lease will do as long as
        nobody else has taken the job.

        Raises:
            InvalidInputError: Neither results nor a reason is given, or both are.
            LeaseLostError: Another worker has taken the job, or it was given back.
        """
        ...
