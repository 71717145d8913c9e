"""The `JobQueue` over the catalogue's database."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, RowMapping, Select, and_, insert, select, update

from polaris.application.job_outcomes import final_state, lease_lost
from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.ports.clock import Clock
from polaris.ports.jobs import Job, JobState, Lease
from polaris_adapters.sql_catalogue.database import Database, name_of_artifact
from polaris_adapters.sql_catalogue.moments import from_microseconds, to_microseconds
from polaris_adapters.sql_catalogue.rows import is_artifact, ref_columns
from polaris_adapters.sql_catalogue.tables import artifacts, jobs

__all__ = ["SqlJobs", "queue_job"]

_JOBS = select(jobs, artifacts.c.kind, artifacts.c.owner, artifacts.c.slug).join_from(
    jobs, artifacts, jobs.c.artifact_id == artifacts.c.id
)
_UNFINISHED = jobs.c.state.in_([JobState.WAITING.value, JobState.RUNNING.value])


def queue_job(connection: Connection, ref: ArtifactRef, revision: str, *, now: int) -> None:
    """Make the job of a revision unless it is there; one that has failed waits once more.

    The connection holds the lock of the submission.

    Args:
        connection: The database.
        ref: The submission.
        revision: 64 hex digits.
        now: Microseconds since 1970-01-01 UTC.
    """
    artifact_id = connection.execute(select(artifacts.c.id).where(is_artifact(ref))).scalar_one()
    is_job = and_(jobs.c.artifact_id == artifact_id, jobs.c.revision == revision)
    state = connection.execute(select(jobs.c.state).where(is_job).with_for_update()).scalar()
    waiting = {
        "state": JobState.WAITING.value,
        "attempts": 0,
        "queued_at": now,
        "due_at": now,
        "token": None,
        "finished_at": None,
        "reason": None,
    }
    if state is None:
        connection.execute(
            insert(jobs).values(artifact_id=artifact_id, revision=revision, **waiting)
        )
    elif JobState(state) is JobState.FAILED:
        connection.execute(update(jobs).where(is_job).values(**waiting))


class SqlJobs:
    """The jobs of a hub in the database of its catalogue.

    Each call is one transaction, on a thread of the running loop's pool.

    Args:
        database: Where the tables are; closed with the queue.
        clock: Tells when jobs are due.
        make_token: Makes a text that no lease had before.
    """

    def __init__(
        self, database: Database, clock: Clock, *, make_token: Callable[[], str] | None = None
    ) -> None:
        self._database = database
        self._clock = clock
        self._make_token = make_token or (lambda: uuid4().hex)

    async def find(self, submission: ArtifactRef, /) -> list[Job]:
        """See `JobReader.find`."""
        return await asyncio.to_thread(self._find, submission)

    async def take(self, *, seconds: float) -> Lease | None:
        """See `JobQueue.take`."""
        return await asyncio.to_thread(self._take, seconds)

    async def renew(self, lease: Lease, /, *, seconds: float) -> Lease:
        """See `JobQueue.renew`."""
        due = await asyncio.to_thread(self._put_off, lease, seconds, {})
        return Lease(lease.job, lease.token, from_microseconds(due))

    async def give_back(self, lease: Lease, /, *, seconds: float) -> None:
        """See `JobQueue.give_back`."""
        values = {"state": JobState.WAITING.value, "token": None}
        await asyncio.to_thread(self._put_off, lease, seconds, values)

    async def finish(
        self, lease: Lease, /, *, results: ArtifactRef | None = None, reason: str | None = None
    ) -> Job:
        """See `JobQueue.finish`."""
        state = final_state(results, reason)
        return await asyncio.to_thread(self._finish, lease, state, results, reason)

    async def aclose(self) -> None:
        """Let go of the database; calls after this one raise `ClosedError`."""
        self._database.close()

    def _find(self, submission: ArtifactRef) -> list[Job]:
        wanted = _JOBS.where(is_artifact(submission)).order_by(jobs.c.id.desc())
        with self._database.reading() as connection:
            return [_job(row) for row in connection.execute(wanted).mappings()]

    def _take(self, seconds: float) -> Lease | None:
        with self._database.reading() as connection:
            # Workers with nothing to do must not keep others from writing.
            if self._due(connection) is None:
                return None
        token = self._make_token()
        # A name that no other transaction has: workers take different jobs at the same time.
        with self._database.writing(f"lease {token}") as connection:
            row = self._due(connection, claim=True)
            if row is None:
                return None
            due = self._from_now(seconds)
            values = {
                "state": JobState.RUNNING.value,
                "attempts": row["attempts"] + 1,
                "token": token,
                "due_at": due,
            }
            connection.execute(update(jobs).where(jobs.c.id == row["id"]).values(**values))
            return Lease(_job({**row, **values}), token, from_microseconds(due))

    def _due(self, connection: Connection, *, claim: bool = False) -> RowMapping | None:
        due = jobs.c.due_at <= self._from_now(0)
        wanted = _JOBS.where(_UNFINISHED, due).order_by(jobs.c.due_at, jobs.c.id).limit(1)
        if claim:
            # What another worker is about to take, or to finish, is passed over.
            wanted = wanted.with_for_update(of=jobs, skip_locked=True)
        return connection.execute(wanted).mappings().one_or_none()

    def _put_off(self, lease: Lease, seconds: float, values: dict[str, Any]) -> int:
        with self._database.writing(name_of_artifact(lease.job.submission)) as connection:
            row = _held(connection, lease)
            due = self._from_now(seconds)
            connection.execute(
                update(jobs).where(jobs.c.id == row["id"]).values(due_at=due, **values)
            )
            return due

    def _finish(
        self, lease: Lease, state: JobState, results: ArtifactRef | None, reason: str | None
    ) -> Job:
        with self._database.writing(name_of_artifact(lease.job.submission)) as connection:
            row = connection.execute(_leased(lease)).mappings().one_or_none()
            if row is not None and JobState(row["state"]).is_final:
                return _job(row)
            row = _held(connection, lease)
            values: dict[str, Any] = {
                "state": state.value,
                "finished_at": self._from_now(0),
                "reason": None if reason is None else _keepable(reason),
            }
            if results is not None:
                values |= {f"results_{name}": v for name, v in ref_columns(results).items()}
            connection.execute(update(jobs).where(jobs.c.id == row["id"]).values(**values))
            return _job({**row, **values})

    def _from_now(self, seconds: float) -> int:
        return to_microseconds(self._clock.now() + timedelta(seconds=seconds))


def _leased(lease: Lease) -> Select[Any]:
    """Return the query for the job of a lease; its row is locked, so that nobody takes it."""
    return _JOBS.where(
        is_artifact(lease.job.submission),
        jobs.c.revision == lease.job.revision,
        jobs.c.token == lease.token,
    ).with_for_update(of=jobs)


def _held(connection: Connection, lease: Lease) -> RowMapping:
    row = connection.execute(_leased(lease).where(_UNFINISHED)).mappings().one_or_none()
    if row is None:
        raise lease_lost(lease)
    return row


def _keepable(reason: str) -> str:
    """Return a reason as every database keeps it: some submissions bring the strangest bytes."""
    return reason.replace("\0", "\\x00").encode("utf-8", "backslashreplace").decode()


def _job(row: RowMapping | dict[str, Any]) -> Job:
    finished, kind = row["finished_at"], row["results_kind"]
    return Job(
        submission=ArtifactRef(ArtifactKind(row["kind"]), row["owner"], row["slug"]),
        revision=row["revision"],
        state=JobState(row["state"]),
        attempts=row["attempts"],
        queued_at=from_microseconds(row["queued_at"]),
        finished_at=None if finished is None else from_microseconds(finished),
        results=None
        if kind is None
        else ArtifactRef(ArtifactKind(kind), row["results_owner"], row["results_slug"]),
        reason=row["reason"],
    )
