"""The catalogue of a hub of ours."""

from __future__ import annotations

from typing import Any

import attrs

from polaris.application.native_wire.fields import check_revision
from polaris.application.native_wire.records import (
    draft_to_json,
    page_from_json,
    record_from_json,
    ref_from_json,
)
from polaris.domain.identity import ArtifactRef
from polaris.ports.artifacts import (
    ArtifactDraft,
    ArtifactLocation,
    ArtifactPage,
    ArtifactQuery,
    ArtifactRecord,
    Publication,
)
from polaris.ports.storage import IfExists
from polaris_adapters.hub_http.native.calls import NativeCalls, parsed

__all__ = ["NativeArtifacts", "artifact_path"]


def artifact_path(ref: ArtifactRef) -> str:
    """Return the path of an artifact, below the base of the API."""
    return f"v3/{ref.kind}/{ref.owner}/{ref.slug}"


@attrs.frozen
class NativeArtifacts:
    """An `ArtifactRepository` on the native wire.

    Attributes:
        calls: Makes the calls.
    """

    calls: NativeCalls

    async def page(self, query: ArtifactQuery, /) -> ArtifactPage:
        """See `ArtifactRepository`."""
        if query.versions is not None and not query.versions:
            # A query of a URL cannot say it.
            return ArtifactPage((), 0 if query.with_total else None)
        params = _params(query)
        path = f"v3/{query.kind}"
        reply = await self.calls.ask("GET", path, f"list the {query.kind} artifacts", params=params)
        with parsed(path):
            return page_from_json(reply)

    async def get(self, ref: ArtifactRef, /) -> ArtifactRecord:
        """See `ArtifactRepository`."""
        path = artifact_path(ref)
        reply = await self.calls.ask("GET", path, f"get the {ref}")
        with parsed(path):
            return record_from_json(reply)

    async def begin(
        self, draft: ArtifactDraft, /, *, if_exists: IfExists = IfExists.REPLACE
    ) -> Publication:
        """See `ArtifactRepository`."""
        path = f"{artifact_path(draft.ref)}/publications"
        reply = await self.calls.ask(
            "POST",
            path,
            f"publish the {draft.ref}",
            params={"ifExists": if_exists.value},
            body=draft_to_json(draft),
        )
        with parsed(path):
            ref = ref_from_json(reply)
            location = ArtifactLocation(ref, check_revision(reply.text("revision")))
        return Publication(attrs.evolve(draft, ref=ref), location)

    async def commit(self, publication: Publication, /) -> ArtifactRecord:
        """See `ArtifactRepository`."""
        draft, location = publication.draft, publication.location
        path = f"{artifact_path(location.ref)}/publications/{location.revision}/commit"
        conditions: dict[str, str] = {}
        if publication.expected_revision is not None:
            conditions["if-match"] = f'"{publication.expected_revision}"'
        if publication.must_be_new:
            conditions["if-none-match"] = "*"
        reply = await self.calls.ask(
            "POST",
            path,
            f"publish the {draft.ref}",
            body=draft_to_json(draft),
            headers=conditions,
        )
        with parsed(path):
            return record_from_json(reply)


def _params(query: ArtifactQuery) -> dict[str, Any]:
    """Return a query as that of a URL; what is usual is left out."""
    subject, private_of, descending = query.subject, query.private_of, query.descending
    asked: dict[str, Any] = {
        "limit": query.limit,
        "offset": query.offset,
        "cursor": query.cursor,
        "owner": query.owner,
        "subject": None if subject is None else subject.urn,
        "privateOf": None if private_of is None else ",".join(sorted(private_of)),
        "text": query.text,
        "tag": sorted(query.tags) or None,
        "sort": None if query.sort == "created" else query.sort,
        "order": None if descending is None else ("desc" if descending else "asc"),
        "createdSince": query.created_since and query.created_since.isoformat(),
        "updatedSince": query.updated_since and query.updated_since.isoformat(),
        "version": None if query.versions is None else sorted(query.versions),
        "withTotal": "true" if query.with_total else None,
    }
    return {name: value for name, value in asked.items() if value is not None}
