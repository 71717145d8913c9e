"""Publishing: announce, and commit."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from polaris.application.check_seal import check_seal
from polaris.application.native_wire.records import draft_from_json, record_to_json
from polaris.errors import InvalidInputError
from polaris.ports.artifacts import ArtifactDraft, Publication
from polaris_adapters.hub_server.callers import Caller
from polaris_adapters.hub_server.hub import Hub, own_failure
from polaris_adapters.hub_server.publication_rules import (
    require_own_words,
    require_publication,
)
from polaris_adapters.hub_server.queries import expected_revision_of, must_be_new
from polaris_adapters.hub_server.reading import if_exists_of, json_of, location_of, ref_of
from polaris_adapters.hub_server.replies import json_reply

__all__ = ["begin", "commit"]


async def begin(hub: Hub, caller: Caller | None, request: Request) -> Response:
    """Answer ``POST /api/v3/{kind}/{owner}/{slug}/publications``."""
    conflict = if_exists_of(request)
    draft = await _draft(hub, caller, request)
    begun = await hub.artifacts.begin(draft, if_exists=conflict)
    ref = begun.location.ref
    return json_reply(
        {
            "kind": ref.kind.value,
            "owner": ref.owner,
            "slug": ref.slug,
            "revision": begun.location.revision,
        },
        status=201,
    )


async def commit(hub: Hub, caller: Caller | None, request: Request) -> Response:
    """Answer ``POST /api/v3/{kind}/{owner}/{slug}/publications/{revision}/commit``."""
    location = location_of(request)
    draft = await _draft(hub, caller, request)
    if draft.revision != location.revision:
        raise InvalidInputError(
            "The draft is of another revision than the publication",
            hint="Commit what was begun.",
        )
    with own_failure():
        store = await hub.storage.open(location)
        await check_seal(draft.document, draft.revision, store, what=f"The {draft.ref}")
    publication = Publication(
        draft,
        location,
        expected_revision=expected_revision_of(request),
        must_be_new=must_be_new(request),
    )
    record = await hub.artifacts.commit(publication)
    return json_reply(record_to_json(record, ticket=hub.tickets.of(record)))


async def _draft(hub: Hub, caller: Caller | None, request: Request) -> ArtifactDraft:
    ref = ref_of(request)
    # Before the body is read: who may not publish shall not keep the hub busy.
    hub.require_change(caller, ref, "publish")
    draft = draft_from_json(await json_of(request, largest=hub.limits.document), ref)
    require_own_words(caller, ref, draft.document)
    await require_publication(
        hub, caller, ref, access=draft.access, subject=draft.subject, evaluate=draft.evaluate
    )
    return draft
