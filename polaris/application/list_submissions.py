"""Listing submissions and what has come of them."""

from __future__ import annotations

import attrs

from polaris.application.catalogue import ListArtifacts
from polaris.domain.identity import ArtifactKind, ArtifactRef, HubOwner
from polaris.ports.artifacts import ArtifactRecord
from polaris.ports.jobs import Job, JobReader

__all__ = ["ListSubmissions"]

_KINDS = {
    ArtifactKind.COMPETITION: ArtifactKind.COMPETITION_PREDICTION,
    ArtifactKind.BENCHMARK: ArtifactKind.PREDICTION,
}


@attrs.frozen
class ListSubmissions:
    """Lists submissions with the state of their scoring.

    Attributes:
        list_artifacts: Lists what the catalogue holds.
        jobs: Tells how far the scoring has come.
    """

    list_artifacts: ListArtifacts
    jobs: JobReader

    async def __call__(
        self,
        subject: ArtifactRef | None = None,
        *,
        owner: str | HubOwner | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> list[Job]:
        """Return the job of the newest revision of each submission, newest first.

        Args:
            subject: Only submissions to this competition or benchmark.
            owner: Only those of this owner.
            limit: At most so many.
            offset: Pass over so many.

        Raises:
            ArtifactNotFoundError: The hub does not have the subject.
            InvalidInputError: An argument cannot be what it is for.
        """
        kinds = list(_KINDS.values()) if subject is None else [_KINDS[subject.kind]]
        # Where two kinds are merged, nobody knows how many of either are passed over. What is no
        # number is left for the listing to refuse.
        merges = len(kinds) > 1 and all(type(v) is int and v >= 0 for v in (limit, offset))
        most, passed_over = (limit + offset, 0) if merges else (limit, offset)
        records: list[ArtifactRecord] = []
        for kind in kinds:
            records += await self.list_artifacts(
                kind, limit=most, offset=passed_over, owner=owner, subject=subject
            )
        if merges:
            records.sort(key=lambda record: record.created_at, reverse=True)
            records = records[offset : offset + limit]
        found: list[Job] = []
        for record in records:
            jobs = await self.jobs.find(record.ref)
            found += [job for job in jobs if job.revision == record.location.revision]
        return found
