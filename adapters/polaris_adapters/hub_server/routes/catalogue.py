"""What there is: lists and records."""

from __future__ import annotations

import hashlib

from starlette.requests import Request
from starlette.responses import Response

from polaris.application.native_wire.fields import encoded
from polaris.application.native_wire.jobs import job_to_json
from polaris.application.native_wire.records import record_to_json
from polaris.errors import ArtifactNotFoundError
from polaris.ports.artifacts import ArtifactRecord
from polaris_adapters.hub_server.access import Act, allows, shown_to
from polaris_adapters.hub_server.callers import Caller
from polaris_adapters.hub_server.hub import Hub
from polaris_adapters.hub_server.queries import link_next, owners_of, query_of
from polaris_adapters.hub_server.reading import kind_of, ref_of
from polaris_adapters.hub_server.replies import encoded_reply, json_reply

__all__ = ["get_jobs", "get_page", "get_record", "record_reply"]


async def get_page(hub: Hub, caller: Caller | None, request: Request) -> Response:
    """Answer ``GET /api/v3/{kind}``."""
    asked = request.query_params
    shown = shown_to(caller)
    if "privateOf" in asked:
        wanted = owners_of(asked["privateOf"])
        shown = wanted if shown is None else shown & wanted
    page = await hub.artifacts.page(query_of(request, kind_of(request), private_of=shown))
    reply = json_reply(
        {
            "data": [record_to_json(r, ticket=hub.tickets.of(r)) for r in page.records],
            "metadata": {"total": page.total, "nextCursor": page.next_cursor},
        }
    )
    return link_next(reply, request, page.next_cursor)


async def get_record(hub: Hub, caller: Caller | None, request: Request) -> Response:
    """Answer ``GET /api/v3/{kind}/{owner}/{slug}``."""
    return record_reply(hub, request, await hub.seen(caller, ref_of(request)))


def record_reply(hub: Hub, request: Request, record: ArtifactRecord) -> Response:
    """Return a record with its ``ETag``, or that it has not changed."""
    body = encoded(record_to_json(record, ticket=hub.tickets.of(record)))
    # The revision alone will not do: who may see it can change, and its number.
    etag = f'"{record.location.revision}-{hashlib.sha256(body).hexdigest()[:16]}"'
    if etag in [tag.strip() for tag in request.headers.get("if-none-match", "").split(",")]:
        return Response(status_code=304, headers={"etag": etag})
    return encoded_reply(body, headers={"etag": etag})


async def get_jobs(hub: Hub, caller: Caller | None, request: Request) -> Response:
    """Answer ``GET /api/v3/{kind}/{owner}/{slug}/jobs``.

    Of what the caller may not see, it says what it says of what is not there: no jobs.
    """
    ref = ref_of(request)
    if not allows(caller, Act.READ_PRIVATE, ref.owner):
        try:
            await hub.seen(caller, ref)
        except ArtifactNotFoundError:
            return json_reply({"data": []})
    if hub.history is not None and await hub.history.find_tombstone(ref) is not None:
        return json_reply({"data": []})
    found = [] if hub.jobs is None else await hub.jobs.find(ref)
    return json_reply({"data": [job_to_json(job) for job in found]})
