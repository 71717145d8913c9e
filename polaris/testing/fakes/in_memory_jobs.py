"""A `JobQueue` over a list."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import attrs

from polaris.application.job_outcomes import final_state, lease_lost
from polaris.domain.identity import ArtifactRef
from polaris.ports.clock import Clock
from polaris.ports.jobs import Job, JobState, Lease

__all__ = ["InMemoryJobs"]


@attrs.define
class _Entry:
    job: Job
    due_at: datetime
    token: str | None = None


class InMemoryJobs:
    """Keeps the jobs of a hub in this process; lost with it.

    Args:
        clock: Tells when jobs are due.
        make_token: Makes a text that no lease had before.
    """

    def __init__(self, clock: Clock, *, make_token: Callable[[], str] | None = None) -> None:
        self._clock = clock
        self._make_token = make_token or (lambda: uuid4().hex)
        self._entries: list[_Entry] = []
        self._lock = threading.Lock()

    def add(self, submission: ArtifactRef, revision: str) -> None:
        """Queue a job, as the catalogue does in the step that commits.

        One that is there stays as it is, unless it has failed.
        """
        with self._lock:
            now = self._clock.now()
            job = Job(submission, revision, JobState.WAITING, 0, now)
            for position, entry in enumerate(self._entries):
                if (entry.job.submission, entry.job.revision) == (submission, revision):
                    if entry.job.state is JobState.FAILED:
                        self._entries[position] = _Entry(job, now)
                    return
            self._entries.append(_Entry(job, now))

    async def find(self, submission: ArtifactRef, /) -> list[Job]:
        """See `JobReader.find`."""
        with self._lock:
            found = [e.job for e in self._entries if e.job.submission == submission]
        return found[::-1]

    async def take(self, *, seconds: float) -> Lease | None:
        """See `JobQueue.take`."""
        with self._lock:
            now = self._clock.now()
            due = [e for e in self._entries if not e.job.state.is_final and e.due_at <= now]
            if not due:
                return None
            entry = min(due, key=lambda e: e.due_at)
            entry.job = attrs.evolve(
                entry.job, state=JobState.RUNNING, attempts=entry.job.attempts + 1
            )
            entry.token = self._make_token()
            entry.due_at = now + timedelta(seconds=seconds)
            return Lease(entry.job, entry.token, entry.due_at)

    async def renew(self, lease: Lease, /, *, seconds: float) -> Lease:
        """See `JobQueue.renew`."""
        with self._lock:
            entry = self._held(lease)
            entry.due_at = self._clock.now() + timedelta(seconds=seconds)
            return attrs.evolve(lease, expires_at=entry.due_at)

    async def give_back(self, lease: Lease, /, *, seconds: float) -> None:
        """See `JobQueue.give_back`."""
        with self._lock:
            entry = self._held(lease)
            entry.job = attrs.evolve(entry.job, state=JobState.WAITING)
            entry.token = None
            entry.due_at = self._clock.now() + timedelta(seconds=seconds)

    async def finish(
        self, lease: Lease, /, *, results: ArtifactRef | None = None, reason: str | None = None
    ) -> Job:
        """See `JobQueue.finish`."""
        state = final_state(results, reason)
        with self._lock:
            entry = self._entry(lease)
            if entry.token == lease.token and entry.job.state.is_final:
                return entry.job
            entry = self._held(lease)
            entry.job = attrs.evolve(
                entry.job,
                state=state,
                results=results,
                reason=reason,
                finished_at=self._clock.now(),
            )
            return entry.job

    def _entry(self, lease: Lease) -> _Entry:
        key = (lease.job.submission, lease.job.revision)
        for entry in self._entries:
            if (entry.job.submission, entry.job.revision) == key:
                return entry
        raise lease_lost(lease)

    def _held(self, lease: Lease) -> _Entry:
        entry = self._entry(lease)
        if entry.token != lease.token or entry.job.state.is_final:
            raise lease_lost(lease)
        return entry
