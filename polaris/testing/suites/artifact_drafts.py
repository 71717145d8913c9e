"""Drafts of artifacts, for the suite of `polaris.ports.artifacts` and tests beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from polaris.domain.checksums.sha256sums import Sha256Manifest, revision_of
from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.ports.artifacts import Access, ArtifactDraft, ArtifactRecord, ArtifactRepository

__all__ = ["draft_of", "publish"]


def draft_of(
    slug: str,
    content: str = "first",
    *,
    owner: str = "acme",
    kind: ArtifactKind = ArtifactKind.DATASET,
    access: Access = "private",
    subject: ArtifactRef | None = None,
    document: Mapping[str, Any] | None = None,
) -> ArtifactDraft:
    """Return a draft whose revision follows from its content."""
    ref = ArtifactRef(kind, owner, slug)
    said = {"artifactId": ref.artifact_id, "content": content} if document is None else document
    return ArtifactDraft(ref, said, access, revision_of(said, Sha256Manifest.of({})), subject)


async def publish(artifacts: ArtifactRepository, draft: ArtifactDraft) -> ArtifactRecord:
    """Announce and commit a draft."""
    return await artifacts.commit(await artifacts.begin(draft))
