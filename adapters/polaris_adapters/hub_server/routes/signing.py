"""Signed addresses: asked for in batches, and served where the store behind has none of its own."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
from starlette.requests import Request
from starlette.responses import Response

from polaris.application.native_wire.fields import Fields
from polaris.application.native_wire.signing import (
    LARGEST_PUT,
    LONGEST,
    MOST_SIGNED,
    sign_request_from_json,
    signed_to_json,
)
from polaris.application.object_keys import check_key
from polaris.application.storage_powers import sign_objects
from polaris.errors import AccessDeniedError, InvalidInputError
from polaris.ports.storage import IfExists
from polaris.ports.storage_powers import SignRequest
from polaris_adapters.hub_server.callers import Caller
from polaris_adapters.hub_server.hub import Hub, own_failure
from polaris_adapters.hub_server.reading import json_of, location_of
from polaris_adapters.hub_server.replies import json_reply
from polaris_adapters.hub_server.routes.contents import get_reply, put_reply
from polaris_adapters.hub_server.signed_addresses import SignedAddresses
from polaris_adapters.hub_server.streamed_body import StreamedBody

__all__ = ["credentials", "serve", "sign"]

_DEFAULT = 900


async def sign(hub: Hub, caller: Caller | None, request: Request) -> Response:
    """Answer ``POST …/revisions/{revision}/sign``.

    Where the store signs, bytes go to it and come from it directly; else the hub serves its own
    addresses. An address stays good until its time is over, whatever becomes of the caller's rights
    meanwhile.
    """
    location, ticket = location_of(request), request.query_params.get("ticket")
    # Before the body is read: who may not even read shall not keep the hub busy.
    store = await hub.opened(caller, location, ticket=ticket)
    asked, seconds = _asked(await json_of(request, largest=hub.limits.asking), hub)
    if any(wanted.method == "PUT" for wanted in asked):
        store = await hub.opened(caller, location, write=True)
    addresses, now = SignedAddresses(hub.tickets.key), hub.clock.now()
    with own_failure():
        direct = await sign_objects(store, asked, seconds=seconds)
    replies = []
    for wanted, signed in zip(asked, direct, strict=True):
        own = signed is None or (wanted.size or 0) > LARGEST_PUT
        if signed is None or own:
            signed = addresses.sign(location, wanted, seconds=seconds, now=now)
        replies.append(signed_to_json(signed, through_hub=own))
    return json_reply({"signed": replies}, headers={"cache-control": "no-store"})


def _asked(body: Fields, hub: Hub) -> tuple[Sequence[SignRequest], int]:
    entries = body.entries("requests")
    if len(entries) > MOST_SIGNED:
        raise InvalidInputError(
            f"The call has {len(entries)} requests", hint=f"Send at most {MOST_SIGNED} at once."
        )
    asked = [
        sign_request_from_json(Fields.of(entry, where=f"body.requests[{i}]"))
        for i, entry in enumerate(entries)
    ]
    for wanted in asked:
        check_key(wanted.key)
        if wanted.size is not None and wanted.size > hub.limits.object:
            raise InvalidInputError(
                f"{wanted.key!r} has {wanted.size} bytes",
                hint=f"At most {hub.limits.object} bytes are taken.",
            )
    return asked, _seconds(body)


async def credentials(hub: Hub, caller: Caller | None, request: Request) -> Response:
    """Answer ``POST …/revisions/{revision}/credentials``: keys of the store for this revision."""
    location, ticket = location_of(request), request.query_params.get("ticket")
    await hub.opened(caller, location, ticket=ticket)
    body = await json_of(request, largest=hub.limits.asking)
    write, seconds = body.flag("write"), _seconds(body)
    if write:
        await hub.opened(caller, location, write=True)
    assert hub.temporary is not None, "there is no such route without"
    with own_failure():
        grant = await hub.temporary.issue(location, write=write, seconds=seconds)
    keys, place = grant.credentials, grant.place
    told = {
        "endpoint": place.endpoint,
        "region": place.region,
        "bucket": place.bucket,
        "prefix": place.prefix,
        "accessKey": keys.access_key,
        "secretKey": keys.secret_key.reveal(),
        "sessionToken": None if keys.session_token is None else keys.session_token.reveal(),
        "expiresAt": None if keys.expires_at is None else keys.expires_at.isoformat(),
    }
    return json_reply(told, headers={"cache-control": "no-store"})


def _seconds(body: Fields) -> int:
    seconds = body.integer("seconds", least=1) if "seconds" in body.values else _DEFAULT
    if seconds > LONGEST:
        raise InvalidInputError(
            f"Nothing is signed for {seconds} seconds", hint=f"Ask for at most {LONGEST}."
        )
    return seconds


async def serve(hub: Hub, caller: Caller | None, request: Request) -> Response:
    """Answer ``GET``, ``HEAD`` and ``PUT`` of an address that the hub has signed."""
    location, key = location_of(request), check_key(request.path_params["key"])
    permit = SignedAddresses(hub.tickets.key).read(
        location, key, request.query_params, method=request.method, now=hub.clock.now()
    )
    if permit is None:
        raise AccessDeniedError("This address is not good", hint="Ask the hub for a new one.")
    with own_failure():
        store = await hub.storage.open(location, write=permit.method == "PUT")
    if permit.method == "GET":
        return await get_reply(request, store, key)
    body = StreamedBody.of(request, largest=hub.limits.object)
    for said, promised in ((body.size, permit.size), (body.sha256, permit.sha256)):
        if said is not None and promised is not None and said != promised:
            raise AccessDeniedError(
                "The address was signed for another content", hint="Ask the hub for a new one."
            )
    body = attrs.evolve(
        body,
        size=permit.size if body.size is None else body.size,
        sha256=body.sha256 or permit.sha256,
    )
    conflict = IfExists.RAISE if permit.only_new else IfExists.REPLACE
    return await put_reply(request, store, key, body, conflict)
