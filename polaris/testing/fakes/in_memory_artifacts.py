"""An `ArtifactRepository` over dicts."""

from __future__ import annotations

import base64
import threading
from datetime import UTC, datetime

import attrs

from polaris.codec.json_text import dumps, loads
from polaris.domain.identity import ArtifactRef
from polaris.errors import (
    ArtifactExistsError,
    ArtifactNotFoundError,
    InvalidInputError,
    PolarisCreateArtifactError,
)
from polaris.ports.artifacts import (
    Access,
    ArtifactDraft,
    ArtifactLocation,
    ArtifactPage,
    ArtifactQuery,
    ArtifactRecord,
    Publication,
)
from polaris.ports.clock import Clock
from polaris.ports.storage import IfExists
from polaris.testing.fakes.in_memory_jobs import InMemoryJobs

__all__ = ["InMemoryArtifacts"]


@attrs.define
class _Revision:
    document: str
    access: Access
    subject: ArtifactRef | None
    pending: bool = True
    number: int = 0
    committed_at: datetime | None = None


@attrs.define
class _Artifact:
    revisions: dict[str, _Revision] = attrs.field(factory=dict)
    current: str | None = None
    created_at: datetime | None = None


class InMemoryArtifacts:
    """Keeps the catalogue of a hub in this process; lost with it.

    Documents are kept as JSON text, so that nobody changes them by changing what they gave or got.
    Each call does its work under one lock, from any event loop and any thread.

    Args:
        clock: Tells when something was published.
        jobs: Where submissions are queued for scoring; a hub without it scores none.
    """

    def __init__(self, clock: Clock, jobs: InMemoryJobs | None = None) -> None:
        self._clock = clock
        self._jobs = jobs
        self._artifacts: dict[ArtifactRef, _Artifact] = {}
        self._lock = threading.Lock()

    async def page(self, query: ArtifactQuery, /) -> ArtifactPage:
        """See `ArtifactRepository.page`."""
        with self._lock:
            records = [
                _record(ref, artifact, artifact.current)
                for ref, artifact in self._artifacts.items()
                if artifact.current is not None
            ]
        records = [record for record in records if _matches(record, query)]
        # Two sorts, as the times fall and the references rise; sorting is stable.
        records.sort(key=lambda record: record.ref)
        records.sort(key=lambda record: record.created_at, reverse=True)
        start = query.offset
        if query.cursor is not None:
            created_at, last = _parse_cursor(query)
            start = sum(
                record.created_at > created_at
                or (record.created_at == created_at and record.ref <= last)
                for record in records
            )
        found = tuple(records[start : start + query.limit])
        more = bool(found) and start + len(found) < len(records)
        return ArtifactPage(found, len(records), _cursor(found[-1]) if more else None)

    async def get(self, ref: ArtifactRef, /) -> ArtifactRecord:
        """See `ArtifactRepository.get`."""
        with self._lock:
            artifact = self._artifacts.get(ref)
            if artifact is not None and artifact.current is not None:
                return _record(ref, artifact, artifact.current)
        raise ArtifactNotFoundError(
            f"The hub has no {ref}", hint="Check owner and name; listing shows what there is."
        )

    async def begin(
        self, draft: ArtifactDraft, /, *, if_exists: IfExists = IfExists.REPLACE
    ) -> Publication:
        """See `ArtifactRepository.begin`."""
        text = dumps(draft.document)
        with self._lock:
            artifact = self._artifacts.get(draft.ref, _Artifact())
            if if_exists == IfExists.RAISE and artifact.current is not None:
                raise ArtifactExistsError(
                    f"The {draft.ref} is on the hub already",
                    hint="Choose another name, or if_exists='replace'.",
                )
            self._artifacts[draft.ref] = artifact
            revision = artifact.revisions.setdefault(
                draft.revision, _Revision(text, draft.access, draft.subject)
            )
            # Only what is announced may become current; a repeated commit is told apart by it.
            revision.pending = artifact.current != draft.revision
        return Publication(draft, ArtifactLocation(draft.ref, draft.revision))

    async def commit(self, publication: Publication, /) -> ArtifactRecord:
        """See `ArtifactRepository.commit`."""
        draft, name = publication.draft, publication.location.revision
        text = dumps(draft.document)
        with self._lock:
            artifact = self._artifacts.get(draft.ref, _Artifact())
            revision = artifact.revisions.get(name)
            if revision is None:
                raise PolarisCreateArtifactError(
                    f"The publication of the {draft.ref} was never begun on this hub",
                    hint="Publish it again from the start.",
                )
            if revision.pending or artifact.current == name:
                revision.document = text
                revision.access = draft.access
                revision.subject = draft.subject
            if revision.pending:
                now = self._clock.now()
                revision.number = 1 + max(r.number for r in artifact.revisions.values())
                revision.committed_at = now
                revision.pending = False
                artifact.created_at = artifact.created_at or now
                artifact.current = name
            if draft.evaluate and self._jobs is not None:
                self._jobs.add(draft.ref, name)
            return _record(draft.ref, artifact, name)


def _record(ref: ArtifactRef, artifact: _Artifact, name: str) -> ArtifactRecord:
    revision = artifact.revisions[name]
    assert artifact.created_at is not None
    assert revision.committed_at is not None
    return ArtifactRecord(
        ref=ref,
        document=loads(revision.document, source=f"the document of the {ref}"),
        access=revision.access,
        location=ArtifactLocation(ref, name),
        number=revision.number,
        created_at=artifact.created_at,
        updated_at=revision.committed_at,
        subject=revision.subject,
    )


def _matches(record: ArtifactRecord, query: ArtifactQuery) -> bool:
    return (
        record.ref.kind == query.kind
        and query.owner in (None, record.ref.owner)
        and query.subject in (None, record.subject)
        and (
            record.access == "public"
            or query.private_of is None
            or record.ref.owner in query.private_of
        )
    )


def _cursor(record: ArtifactRecord) -> str:
    text = f"{record.created_at.isoformat()} {record.ref.kind} {record.ref.artifact_id}"
    return base64.urlsafe_b64encode(text.encode()).decode()


def _parse_cursor(query: ArtifactQuery) -> tuple[datetime, ArtifactRef]:
    try:
        text = base64.b64decode((query.cursor or "").encode(), altchars=b"-_", validate=True)
        moment, kind, artifact_id = text.decode().split(" ")
        if kind != query.kind:
            raise ValueError(kind)
        return datetime.fromisoformat(moment).astimezone(UTC), ArtifactRef.parse(
            query.kind, artifact_id
        )
    except ValueError as cause:
        raise InvalidInputError(
            f"{query.cursor!r} is not a cursor of this listing",
            hint="Give the next_cursor of the page before, or none to start at the top.",
        ) from cause
