"""What all job queues say in the same words."""

from __future__ import annotations

from polaris.domain.identity import ArtifactRef
from polaris.errors import InvalidInputError, LeaseLostError
from polaris.ports.jobs import JobState, Lease

__all__ = ["final_state", "lease_lost"]


def final_state(results: ArtifactRef | None, reason: str | None) -> JobState:
    """Return the state that an outcome stands for.

    Raises:
        InvalidInputError: Neither results nor a reason is given, or both are.
    """
    if (results is None) == (reason is None):
        raise InvalidInputError(
            "A job ends either with results or with a reason why there are none",
            hint="Give one of results= and reason=.",
        )
    return JobState.FAILED if results is None else JobState.SCORED


def lease_lost(lease: Lease) -> LeaseLostError:
    """Return the error for a lease that does not hold any more."""
    return LeaseLostError(
        f"The scoring of the {lease.job.submission} is not in this worker's hands any more",
        hint="Another worker took it when the lease expired; leave the job to that one.",
    )
