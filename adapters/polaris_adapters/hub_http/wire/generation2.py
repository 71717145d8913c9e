"""The catalogue of released hubs of the newer generation, 0.9 to 0.13."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import attrs

from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.errors import (
    AccessDeniedError,
    ArtifactExistsError,
    ArtifactNotFoundError,
    HubReplyError,
    InvalidInputError,
    PolarisError,
    PolarisHubError,
    PolarisUnauthorizedError,
)
from polaris.ports.artifacts import (
    ArtifactDraft,
    ArtifactPage,
    ArtifactQuery,
    ArtifactRecord,
    Publication,
)
from polaris.ports.storage import IfExists
from polaris_adapters.hub_http.call import Call, json_object
from polaris_adapters.hub_http.family import httpx
from polaris_adapters.hub_http.session import HttpSession
from polaris_adapters.hub_http.wire.documents_in import received
from polaris_adapters.hub_http.wire.documents_out import body_of
from polaris_adapters.hub_http.wire.records import (
    announced_location,
    page_of,
    record_of_draft,
    record_of_entry,
    record_of_reply,
    refuse_filters,
)
from polaris_adapters.hub_http.wire.replies import count, items, reference, text

__all__ = ["Generation2Artifacts"]

# The versions of each kind's model, in the order in which they are asked for, and listed.
_VERSIONS = {
    ArtifactKind.DATASET: (1, 2),
    ArtifactKind.BENCHMARK: (1, 2),
    ArtifactKind.MODEL: (2,),
    ArtifactKind.COMPETITION: (1,),
}
_LISTED = (ArtifactKind.DATASET, ArtifactKind.BENCHMARK, ArtifactKind.MODEL)
# Kinds that are sent when they are committed: they have no objects to be put between.
_WITHOUT_OBJECTS = (
    ArtifactKind.RESULT, ArtifactKind.MODEL, ArtifactKind.COMPETITION_PREDICTION,
)  # fmt: skip


@attrs.frozen
class Generation2Artifacts:
    """An `ArtifactRepository` on the wire of released hubs.

    What those cannot say is refused, or left unknown: there are no lists of results, no revisions,
    and nothing is sealed. A dataset is visible as soon as the hub thinks so.

    Attributes:
        session: Makes the calls.
        hub_url: The hub's pages.
    """

    session: HttpSession
    hub_url: str

    async def page(self, query: ArtifactQuery, /) -> ArtifactPage:
        """See `ArtifactRepository`."""
        if query.kind not in _LISTED:
            raise PolarisHubError(
                f"The hub offers no list of {query.kind} artifacts",
                hint="Ask for one by owner and name, or use a hub of your own.",
            )
        refuse_filters(query)
        found: list[ArtifactRecord] = []
        newer = await self._listed(query.kind, 2, query.limit, query.offset)
        total = 0
        if newer is not None:
            found, total = newer
        older = None
        if query.kind is not ArtifactKind.MODEL and len(found) < query.limit:
            left, passed = query.limit - len(found), max(0, query.offset - total)
            older = await self._listed(query.kind, 1, left, passed)
        if older is not None:
            found, total = found + older[0], total + older[1]
        if newer is None and older is None:
            raise ArtifactNotFoundError(
                f"The hub has no list of {query.kind} artifacts",
                hint="Check hub_url and api_url; older hubs do not list all kinds.",
                status=404,
            )
        # Some hubs give more than they are asked for.
        return ArtifactPage(tuple(found[: query.limit]), total)

    async def _listed(
        self, kind: ArtifactKind, version: int, limit: int, offset: int
    ) -> tuple[list[ArtifactRecord], int] | None:
        """Return one version's artifacts, and how many of them the hub has in all.

        None where the hub has no such list: before 0.11 there was one of the older version only.
        """
        what = f"list the {kind} artifacts"
        path = f"v{version}/{kind}"
        call = Call("GET", path, what, params={"limit": limit, "offset": offset})
        try:
            reply = json_object(await self.session.send(call))
        except ArtifactNotFoundError:
            return None
        records = [
            record_of_entry(reference(entry, kind, where=path), entry)
            for entry in items(reply, where=path)
        ]
        metadata = reply.get("metadata")
        total = count(metadata, "total") if isinstance(metadata, Mapping) else None
        return records, offset + len(records) if total is None else total

    async def get(self, ref: ArtifactRef, /) -> ArtifactRecord:
        """See `ArtifactRepository`."""
        if ref.kind not in _VERSIONS:
            raise PolarisHubError(
                f"The hub does not give out a {ref.kind}",
                hint="Look at it on the hub's pages, or use a hub of your own.",
            )
        missing: ArtifactNotFoundError | None = None
        for version in _VERSIONS[ref.kind]:
            call = Call("GET", self._path(ref, version), f"get the {ref}")
            try:
                reply = await self._read(call)
            except ArtifactNotFoundError as error:
                missing = error
                continue
            body = json_object(reply)
            base = str(reply.request.url)
            found = received(ref, body, version=version, base=base)
            return record_of_reply(ref, found, body)
        raise ArtifactNotFoundError(
            f"The hub has no {ref}, or does not show it to you",
            hint="Check owner and name: client.list_datasets() and its like tell what there is.",
            status=404,
        ) from missing

    async def _read(self, call: Call) -> httpx.Response:
        """Make a call as whoever is signed in, or as anybody where that sign-in is over.

        Public artifacts can be read by anybody; somebody whose sign-in has ended is not worse off.
        """
        try:
            return await self.session.send(call)
        except PolarisUnauthorizedError as refused:
            if isinstance(refused, AccessDeniedError) or not await self._is_signed_in():
                raise
            try:
                return await self.session.send(attrs.evolve(call, authorize=False))
            except PolarisHubError:
                raise refused from refused.__cause__

    async def _is_signed_in(self) -> bool:
        try:
            return await self.session.bearer.current() is not None
        except PolarisError:
            return True  # But it is over.

    async def begin(
        self, draft: ArtifactDraft, /, *, if_exists: IfExists = IfExists.REPLACE
    ) -> Publication:
        """See `ArtifactRepository`."""
        if if_exists is IfExists.RAISE:
            await self._refuse_existing(draft.ref)
        if _is_sent_at_once(draft):
            body_of(draft)  # What cannot be said is refused before anything is sent.
            return Publication(draft, announced_location(draft), takes_objects=False)
        reply, page = await self._announce(draft)
        draft = _renamed(draft, reply)
        return Publication(draft, announced_location(draft), page)

    async def commit(self, publication: Publication, /) -> ArtifactRecord:
        """See `ArtifactRepository`; a hub notices by itself that all objects have arrived."""
        draft, page = publication.draft, publication.page
        reply: Mapping[str, Any] = {}
        if _is_sent_at_once(draft):
            reply, page = await self._announce(draft)
            draft = _renamed(draft, reply)
        return attrs.evolve(record_of_draft(draft, reply), page=page)

    async def _announce(self, draft: ArtifactDraft) -> tuple[dict[str, Any], str | None]:
        """Send a document; return what came back, and the address of the artifact's page."""
        ref, body = draft.ref, body_of(draft)
        method, path = "PUT", self._path(ref, int(draft.document.get("version", 1)))
        if ref.kind is ArtifactKind.RESULT:
            method, path = "POST", "v2/result"
        elif ref.kind is ArtifactKind.COMPETITION_PREDICTION:
            method, path = "POST", "v1/competition-prediction"
        elif ref.kind is ArtifactKind.MODEL or ref.kind is ArtifactKind.PREDICTION:
            path = self._path(ref, 2)
        call = Call(method, path, f"publish the {ref}", json=body, require_token=True)
        reply = await self.session.send(call)
        page = page_of(reply.headers.get("content-location"), hub_url=self.hub_url)
        try:
            return json_object(reply), page
        except HubReplyError:
            return {}, page  # Replies to writes need not say anything.

    async def _refuse_existing(self, ref: ArtifactRef) -> None:
        if ref.kind not in _VERSIONS:
            return
        try:
            await self.get(ref)
        except ArtifactNotFoundError:
            return
        raise ArtifactExistsError(
            f"The {ref} is on the hub already",
            hint="Choose another name, or if_exists='replace'.",
        )

    def _path(self, ref: ArtifactRef, version: int) -> str:
        return f"v{version}/{ref.kind}/{quote(ref.owner)}/{quote(ref.slug)}"


def _is_sent_at_once(draft: ArtifactDraft) -> bool:
    return draft.ref.kind in _WITHOUT_OBJECTS or not draft.objects


def _renamed(draft: ArtifactDraft, reply: Mapping[str, Any]) -> ArtifactDraft:
    """Return a draft under the name that the hub chose for it."""
    slug = text(reply, "slug")
    if slug is None or slug == draft.ref.slug:
        return draft
    try:
        return attrs.evolve(draft, ref=attrs.evolve(draft.ref, slug=slug))
    except InvalidInputError as cause:
        raise HubReplyError(
            f"The hub gave the {draft.ref} a name that cannot be one: {slug!r:.80}"
        ) from cause
