"""The catalogue of released hubs of the older generation, 0.6."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import attrs

from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.errors import ArtifactExistsError, ArtifactNotFoundError, PolarisHubError
from polaris.ports.artifacts import (
    ArtifactDraft,
    ArtifactPage,
    ArtifactQuery,
    ArtifactRecord,
    Publication,
)
from polaris.ports.storage import IfExists
from polaris_adapters.hub_http.call import Call, json_object
from polaris_adapters.hub_http.session import HttpSession
from polaris_adapters.hub_http.wire.documents_in import received
from polaris_adapters.hub_http.wire.documents_out import g1_body_of
from polaris_adapters.hub_http.wire.records import (
    announced_location,
    record_of_draft,
    record_of_entry,
    record_of_reply,
    refuse_filters,
)
from polaris_adapters.hub_http.wire.replies import items, reference, text

__all__ = ["Generation1Artifacts"]

_KINDS = (ArtifactKind.DATASET, ArtifactKind.BENCHMARK)
# Where the reply to an announcement says where the table is to be put.
_TABLE = "table.parquet"


@attrs.frozen
class Generation1Artifacts:
    """An `ArtifactRepository` on the wire of the oldest hubs; every call needs a token.

    Attributes:
        session: Makes the calls.
    """

    session: HttpSession

    async def page(self, query: ArtifactQuery, /) -> ArtifactPage:
        """See `ArtifactRepository`."""
        self._require(query.kind, "list")
        refuse_filters(query)
        path = f"v1/{query.kind}"
        params = {"limit": query.limit, "offset": query.offset}
        what = f"list the {query.kind} artifacts"
        call = Call("GET", path, what, params=params, require_token=True)
        reply = json_object(await self.session.send(call))
        records = tuple(
            record_of_entry(reference(entry, query.kind, where=path), entry)
            for entry in items(reply, where=path)
        )
        return ArtifactPage(records[: query.limit], query.offset + len(records))

    async def get(self, ref: ArtifactRef, /) -> ArtifactRecord:
        """See `ArtifactRepository`."""
        self._require(ref.kind, "give out")
        call = Call("GET", self._path(ref), f"get the {ref}", require_token=True)
        reply = await self.session.send(call)
        body = json_object(reply)
        found = received(ref, body, version=1, base=str(reply.request.url))
        # Documents of those days have none, which tells how their checksums were computed.
        document = {key: value for key, value in found.document.items() if key != "version"}
        found = attrs.evolve(found, document=document)
        return record_of_reply(ref, found, body)

    async def begin(
        self, draft: ArtifactDraft, /, *, if_exists: IfExists = IfExists.REPLACE
    ) -> Publication:
        """See `ArtifactRepository`."""
        location = announced_location(draft)
        if if_exists is IfExists.RAISE and draft.ref.kind in _KINDS:
            await self._refuse_existing(draft.ref)
        if draft.ref.kind is ArtifactKind.DATASET:
            reply = await self._announce(draft)
            content = reply.get("tableContent")
            url = text(content, "url") if isinstance(content, Mapping) else None
            if url is not None:
                location = attrs.evolve(location, urls={_TABLE: url})
        else:
            g1_body_of(draft)  # What cannot be said is refused before anything is sent.
        takes = draft.ref.kind is ArtifactKind.DATASET
        return Publication(draft, location, takes_objects=takes)

    async def commit(self, publication: Publication, /) -> ArtifactRecord:
        """See `ArtifactRepository`; a dataset is there once its objects are."""
        draft = publication.draft
        reply: Mapping[str, Any] = {}
        if draft.ref.kind is not ArtifactKind.DATASET:
            reply = await self._announce(draft)
        return record_of_draft(draft, reply)

    async def _announce(self, draft: ArtifactDraft) -> dict[str, Any]:
        method, path = "PUT", self._path(draft.ref)
        if draft.ref.kind is ArtifactKind.RESULT:
            method, path = "POST", "v1/result"
        what, body = f"publish the {draft.ref}", g1_body_of(draft)
        call = Call(method, path, what, json=body, require_token=True)
        return json_object(await self.session.send(call))

    async def _refuse_existing(self, ref: ArtifactRef) -> None:
        try:
            await self.get(ref)
        except ArtifactNotFoundError:
            return
        raise ArtifactExistsError(
            f"The {ref} is on the hub already",
            hint="Choose another name, or if_exists='replace'.",
        )

    def _require(self, kind: ArtifactKind, verb: str) -> None:
        if kind not in _KINDS:
            raise PolarisHubError(
                f"A hub of this age does not {verb} {kind} artifacts",
                hint="Use a newer hub, or one of your own.",
            )

    def _path(self, ref: ArtifactRef) -> str:
        return f"v1/{ref.kind}/{quote(ref.owner)}/{quote(ref.slug)}"
