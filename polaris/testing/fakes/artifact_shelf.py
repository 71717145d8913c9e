"""What the in-memory catalogue keeps, for the fakes that share it."""

from __future__ import annotations

import threading
from datetime import datetime

import attrs

from polaris.application.artifact_conditions import no_artifact
from polaris.codec.json_text import loads
from polaris.domain.identity import ArtifactRef
from polaris.ports.artifact_history import Tombstone
from polaris.ports.artifacts import Access, ArtifactLocation, ArtifactRecord

__all__ = ["KeptArtifact", "KeptRevision", "Shelf"]


@attrs.define
class KeptRevision:
    """One content that was announced for an artifact; ``document`` is JSON text."""

    document: str
    access: Access
    subject: ArtifactRef | None
    pending: bool = True
    number: int = 0
    committed_at: datetime | None = None


@attrs.define
class KeptArtifact:
    """An artifact; ``current`` names its newest committed revision."""

    revisions: dict[str, KeptRevision] = attrs.field(factory=dict)
    current: str | None = None
    created_at: datetime | None = None
    tombstone: Tombstone | None = None

    @property
    def is_visible(self) -> bool:
        """Whether it was published, and not deleted."""
        return self.current is not None and self.tombstone is None


@attrs.define
class Shelf:
    """The artifacts of a hub; whoever looks or writes holds the lock."""

    artifacts: dict[ArtifactRef, KeptArtifact] = attrs.field(factory=dict)
    lock: threading.Lock = attrs.field(factory=threading.Lock)

    def visible(self, ref: ArtifactRef) -> KeptArtifact:
        """Return an artifact that was published and not deleted.

        Raises:
            ArtifactNotFoundError: There is none.
        """
        artifact = self.artifacts.get(ref)
        if artifact is None or not artifact.is_visible:
            raise no_artifact(ref)
        return artifact

    def record(self, ref: ArtifactRef, name: str | None = None) -> ArtifactRecord:
        """Return a committed revision of an artifact; the newest one where none is named."""
        artifact = self.artifacts[ref]
        name = name or artifact.current
        assert name is not None
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
