"""What there was: versions, deleting and restoring, tombstones."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import Response

from polaris.application.artifact_conditions import no_version
from polaris.application.native_wire.history import tombstone_to_json, version_to_json
from polaris.application.native_wire.records import record_to_json
from polaris.domain.identity import check_slug
from polaris.errors import ArtifactNotFoundError, InvalidInputError, PolarisHubError
from polaris.ports.artifact_history import ArtifactHistory
from polaris_adapters.hub_server.access import Act, allows, not_found, reading
from polaris_adapters.hub_server.callers import Caller
from polaris_adapters.hub_server.hub import Hub
from polaris_adapters.hub_server.queries import expected_revision_of, link_next
from polaris_adapters.hub_server.reading import number_of, ref_of
from polaris_adapters.hub_server.replies import Refused, json_reply
from polaris_adapters.hub_server.routes.catalogue import record_reply

__all__ = [
    "delete",
    "get_tombstone",
    "get_tombstones",
    "get_version",
    "get_versions",
    "restore",
]


async def get_versions(hub: Hub, caller: Caller | None, request: Request) -> Response:
    """Answer ``GET /api/v3/{kind}/{owner}/{slug}/versions``.

    Versions that were private are shown to those alone who may read what is private.
    """
    ref = ref_of(request)
    history = _history(hub)
    await hub.seen(caller, ref)
    page = await history.versions(
        ref,
        limit=number_of(request, "limit", default=100, most=1000),
        cursor=request.query_params.get("cursor"),
    )
    shown = [v for v in page.versions if allows(caller, reading(v.access), ref.owner)]
    reply = json_reply(
        {
            "data": [version_to_json(version) for version in shown],
            "metadata": {"nextCursor": page.next_cursor},
        }
    )
    return link_next(reply, request, page.next_cursor)


async def get_version(hub: Hub, caller: Caller | None, request: Request) -> Response:
    """Answer ``GET /api/v3/{kind}/{owner}/{slug}/versions/{version}``."""
    ref, version = ref_of(request), request.path_params["version"]
    history = _history(hub)
    await hub.seen(caller, ref)
    is_number = re.fullmatch(r"[1-9][0-9]{0,8}", version)
    record = await history.get_version(ref, int(version) if is_number else version)
    if not allows(caller, reading(record.access), ref.owner):
        raise no_version(ref, version)
    return record_reply(hub, request, record)


async def delete(hub: Hub, caller: Caller | None, request: Request) -> Response:
    """Answer ``DELETE /api/v3/{kind}/{owner}/{slug}``, also under ``If-Match``."""
    ref = ref_of(request)
    hub.require_change(caller, ref, "delete", act=Act.DELETE)
    history = _history(hub)
    expected = expected_revision_of(request)
    by = None if caller is None else caller.identity.user.slug
    try:
        tombstone = await history.delete(ref, expected_revision=expected, by=by)
    except ArtifactNotFoundError as cause:
        raise not_found(ref) from cause
    return json_reply(tombstone_to_json(tombstone))


async def restore(hub: Hub, caller: Caller | None, request: Request) -> Response:
    """Answer ``POST /api/v3/{kind}/{owner}/{slug}/restore``."""
    ref = ref_of(request)
    hub.require_change(caller, ref, "restore", act=Act.RESTORE)
    try:
        record = await _history(hub).restore(ref)
    except ArtifactNotFoundError as cause:
        raise not_found(ref) from cause
    return json_reply(record_to_json(record, ticket=hub.tickets.of(record)))


async def get_tombstone(hub: Hub, caller: Caller | None, request: Request) -> Response:
    """Answer ``GET /api/v3/{kind}/{owner}/{slug}/tombstone``."""
    ref = ref_of(request)
    hub.allow(caller, Act.SEE_DELETED, ref.owner, what=f"see whether the {ref} was deleted")
    tombstone = await _history(hub).find_tombstone(ref)
    if tombstone is None:
        raise not_found(ref)
    return json_reply(tombstone_to_json(tombstone))


async def get_tombstones(hub: Hub, caller: Caller | None, request: Request) -> Response:
    """Answer ``GET /api/v3/tombstones``."""
    owner = request.query_params.get("owner")
    if owner is None:
        raise InvalidInputError("The tombstones of nobody are asked for", hint="Give owner=….")
    check_slug(owner)
    hub.allow(caller, Act.SEE_DELETED, owner, what=f"see what {owner} has deleted")
    page = await _history(hub).tombstones(
        owner,
        limit=number_of(request, "limit", default=100, most=1000),
        cursor=request.query_params.get("cursor"),
    )
    reply = json_reply(
        {
            "data": [tombstone_to_json(tombstone) for tombstone in page.tombstones],
            "metadata": {"nextCursor": page.next_cursor},
        }
    )
    return link_next(reply, request, page.next_cursor)


def _history(hub: Hub) -> ArtifactHistory:
    if hub.history is None:
        error = PolarisHubError(
            "This hub keeps no history of its artifacts",
            hint="Ask its operators; hubs with a database keep one.",
        )
        raise Refused(404, error)
    return hub.history
