"""An `ArtifactRepository` over dicts."""

from __future__ import annotations

from polaris.application.artifact_conditions import check_deleted, check_newest
from polaris.codec.json_text import dumps
from polaris.domain.identity import ArtifactRef
from polaris.errors import ArtifactExistsError, PolarisCreateArtifactError
from polaris.ports.artifacts import (
    ArtifactDraft,
    ArtifactLocation,
    ArtifactPage,
    ArtifactQuery,
    ArtifactRecord,
    Publication,
)
from polaris.ports.clock import Clock
from polaris.ports.storage import IfExists
from polaris.testing.fakes.artifact_order import cursor_after, in_order, matches, start_of
from polaris.testing.fakes.artifact_shelf import KeptArtifact, KeptRevision, Shelf
from polaris.testing.fakes.in_memory_history import InMemoryHistory
from polaris.testing.fakes.in_memory_jobs import InMemoryJobs

__all__ = ["InMemoryArtifacts"]


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
        self._shelf = Shelf()

    @property
    def history(self) -> InMemoryHistory:
        """The earlier revisions and the tombstones of this catalogue."""
        return InMemoryHistory(self._shelf, self._clock)

    async def page(self, query: ArtifactQuery, /) -> ArtifactPage:
        """See `ArtifactRepository.page`."""
        with self._shelf.lock:
            records = [
                self._shelf.record(ref)
                for ref, artifact in self._shelf.artifacts.items()
                if artifact.is_visible
            ]
        records = in_order([record for record in records if matches(record, query)], query)
        start = start_of(records, query)
        found = tuple(records[start : start + query.limit])
        more = bool(found) and start + len(found) < len(records)
        total = len(records) if query.with_total else None
        return ArtifactPage(found, total, cursor_after(found[-1], query) if more else None)

    async def get(self, ref: ArtifactRef, /) -> ArtifactRecord:
        """See `ArtifactRepository.get`."""
        with self._shelf.lock:
            self._shelf.visible(ref)
            return self._shelf.record(ref)

    async def begin(
        self, draft: ArtifactDraft, /, *, if_exists: IfExists = IfExists.REPLACE
    ) -> Publication:
        """See `ArtifactRepository.begin`."""
        text = dumps(draft.document)
        with self._shelf.lock:
            artifact = self._shelf.artifacts.get(draft.ref, KeptArtifact())
            check_deleted(draft.ref, is_deleted=artifact.tombstone is not None)
            if if_exists == IfExists.RAISE and artifact.current is not None:
                raise ArtifactExistsError(
                    f"The {draft.ref} is on the hub already",
                    hint="Choose another name, or if_exists='replace'.",
                )
            self._shelf.artifacts[draft.ref] = artifact
            revision = artifact.revisions.setdefault(
                draft.revision, KeptRevision(text, draft.access, draft.subject)
            )
            # Only what is announced may become current; a repeated commit is told apart by it.
            revision.pending = artifact.current != draft.revision
        return Publication(draft, ArtifactLocation(draft.ref, draft.revision))

    async def commit(self, publication: Publication, /) -> ArtifactRecord:
        """See `ArtifactRepository.commit`."""
        draft, name = publication.draft, publication.location.revision
        text = dumps(draft.document)
        with self._shelf.lock:
            artifact = self._shelf.artifacts.get(draft.ref, KeptArtifact())
            revision = artifact.revisions.get(name)
            if revision is None:
                raise PolarisCreateArtifactError(
                    f"The publication of the {draft.ref} was never begun on this hub",
                    hint="Publish it again from the start.",
                )
            check_deleted(draft.ref, is_deleted=artifact.tombstone is not None)
            if revision.pending:
                check_newest(publication, artifact.current)
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
            return self._shelf.record(draft.ref, name)
