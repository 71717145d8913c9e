"""A catalogue as somebody sees it, for what works with the rights of the hub itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import attrs

from polaris.application.artifact_conditions import no_artifact
from polaris.domain.identity import ArtifactRef
from polaris.ports.artifacts import (
    ArtifactDraft,
    ArtifactPage,
    ArtifactQuery,
    ArtifactRecord,
    ArtifactRepository,
    Publication,
)
from polaris.ports.storage import IfExists

__all__ = ["SeenArtifacts"]


@attrs.frozen
class SeenArtifacts:
    """An `ArtifactRepository` that has no private artifacts but those that somebody may see.

    Attributes:
        inner: The catalogue.
        sees: Says whether an owner's private artifacts are seen.
    """

    inner: ArtifactRepository
    sees: Callable[[str], Awaitable[bool]]

    async def page(self, query: ArtifactQuery, /) -> ArtifactPage:
        """See `ArtifactRepository`; nothing private is on it."""
        return await self.inner.page(attrs.evolve(query, private_of=frozenset()))

    async def get(self, ref: ArtifactRef, /) -> ArtifactRecord:
        """See `ArtifactRepository`."""
        record = await self.inner.get(ref)
        if record.access != "public" and not await self.sees(ref.owner):
            raise no_artifact(ref)
        return record

    async def begin(
        self, draft: ArtifactDraft, /, *, if_exists: IfExists = IfExists.REPLACE
    ) -> Publication:
        """See `ArtifactRepository`."""
        return await self.inner.begin(draft, if_exists=if_exists)

    async def commit(self, publication: Publication, /) -> ArtifactRecord:
        """See `ArtifactRepository`."""
        return await self.inner.commit(publication)
