"""Jobs on the native wire."""

from __future__ import annotations

from typing import Any

from polaris.application.native_wire.fields import Fields, check_revision, parse_urn
from polaris.ports.jobs import Job, JobState

__all__ = ["job_from_json", "job_to_json"]


def job_to_json(job: Job) -> dict[str, Any]:
    """Return a job as JSON."""
    return {
        "submission": job.submission.urn,
        "revision": job.revision,
        "state": job.state.value,
        "attempts": job.attempts,
        "queuedAt": job.queued_at.isoformat(),
        "finishedAt": None if job.finished_at is None else job.finished_at.isoformat(),
        "results": None if job.results is None else job.results.urn,
        "reason": job.reason,
    }


def job_from_json(fields: Fields) -> Job:
    """Return the job that an object writes.

    Raises:
        InvalidInputError: It writes none.
    """
    results = fields.optional_text("results")
    return Job(
        submission=parse_urn(fields.text("submission")),
        revision=check_revision(fields.text("revision")),
        state=fields.choice("state", JobState),
        attempts=fields.integer("attempts"),
        queued_at=fields.moment("queuedAt"),
        finished_at=fields.optional_moment("finishedAt"),
        results=None if results is None else parse_urn(results),
        reason=fields.optional_text("reason"),
    )
