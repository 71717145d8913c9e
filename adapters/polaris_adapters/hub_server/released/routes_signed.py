"""Signed addresses: how the oldest generation reads and writes the objects of datasets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from polaris.application.native_wire.fields import encoded
from polaris.application.object_keys import check_folder, check_key
from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.errors import (
    AccessDeniedError,
    ArtifactNotFoundError,
    ObjectNotFoundError,
    PolarisCreateArtifactError,
)
from polaris.ports.storage import Folder, StoragePort
from polaris_adapters.hub_server.access import Act, allows
from polaris_adapters.hub_server.callers import Caller
from polaris_adapters.hub_server.hub import Hub, own_failure
from polaris_adapters.hub_server.released.announced import Announced
from polaris_adapters.hub_server.released.places import Place
from polaris_adapters.hub_server.released.routes_reading import named
from polaris_adapters.hub_server.released.serving import content_type, object_reply
from polaris_adapters.hub_server.released.sign_ins import shown_by
from polaris_adapters.hub_server.released.tokens import Purpose
from polaris_adapters.hub_server.released.wire import ReleasedWire
from polaris_adapters.hub_server.replies import json_reply
from polaris_adapters.hub_server.streamed_body import StreamedBody

__all__ = ["SignedRoutes"]

# What a client reads back while it uploads.
_READ_BACK = "data.zarr/.zgroup"


class SignedRoutes:
    """Signs addresses, and serves them.

    Args:
        wire: What the routes drive.
    """

    def __init__(self, wire: ReleasedWire) -> None:
        self._wire = wire

    async def sign(self, hub: Hub, caller: Caller | None, request: Request) -> Response:
        """Answer ``GET`` and ``PUT /api/v1/storage/dataset/{owner}/{name}/{key}``.

        The status is 307, and the address stands in the body. Whether there is such an object is
        for the address itself to say.
        """
        ref = named(ArtifactKind.DATASET, request)
        key = check_key(request.path_params["key"])
        verb = "PUT" if request.method == "PUT" else "GET"
        if verb == "PUT":
            hub.require_change(caller, ref, "write files of")
            place = await self._upload(ref)
        else:
            place = await self._place(caller, ref, key)
        subject = "" if caller is None else caller.identity.user.slug
        token = self._wire.tokens.issue(
            Purpose.ADDRESS, subject, self._wire.settings.address,
            place=place.text, key=key, verb=verb, **shown_by(caller),
        )  # fmt: skip
        url = f"{self._wire.base(request)}/signed/{quote(key)}?sig={token}"
        body = encoded({"url": url, "method": verb, "headers": {"content-type": content_type(key)}})
        return Response(body, 307, {"cache-control": "no-store"}, media_type="application/json")

    async def _upload(self, ref: ArtifactRef) -> Place:
        announced = await self._wire.uploads.current(ref)
        if announced is None:
            raise PolarisCreateArtifactError(
                f"The {ref} was not announced", hint="Announce it first: PUT its document."
            )
        return Place(ref, upload=announced.upload_id)

    async def _place(self, caller: Caller | None, ref: ArtifactRef, key: str) -> Place:
        """Return where an object is read: mostly what is published, else what comes in."""
        pending = await self._pending(caller, ref)
        if pending is not None and key == _READ_BACK:
            return Place(ref, upload=pending.upload_id)
        try:
            record = await self._wire.hub.seen(caller, ref)
        except ArtifactNotFoundError:
            if pending is None:
                raise
            return Place(ref, upload=pending.upload_id)
        ticket = self._wire.hub.tickets.of(record)
        return Place(ref, revision=record.location.revision, ticket=ticket)

    async def _pending(self, caller: Caller | None, ref: ArtifactRef) -> Announced | None:
        if not allows(caller, Act.CHANGE, ref.owner):
            return None
        found = await self._wire.uploads.current(ref)
        return None if found is None or found.revision is not None else found

    async def get_listing(self, hub: Hub, caller: Caller | None, request: Request) -> Response:
        """Answer ``GET /api/v1/storage/dataset/{owner}/{name}/ls`` and below."""
        ref = named(ArtifactKind.DATASET, request)
        prefix = check_folder(request.path_params.get("key", "").strip("/"))
        pending = await self._pending(caller, ref)
        if pending is not None:
            store: StoragePort = await self._wire.uploads.opened(pending)
        else:
            record = await hub.seen(caller, ref)
            store = await hub.opened(caller, record.location)
        with own_failure():
            folder = await store.list_folder(prefix)
        # The client cuts the head off as it has spelt it.
        head = f"dataset/{request.path_params['owner']}/{request.path_params['name']}"
        return json_reply(_entries(folder, head, prefix))

    async def serve(self, hub: Hub, caller: Caller | None, request: Request) -> Response:
        """Answer ``GET``, ``HEAD`` and ``PUT /signed/{key}?sig=…``."""
        claims = self._wire.tokens.read(Purpose.ADDRESS, request.query_params.get("sig", ""))
        verb = "PUT" if request.method == "PUT" else "GET"
        place = None if claims is None else Place.parse(claims.get("place"))
        if (
            claims is None
            or place is None
            or self._wire.tokens.has_ended(claims)
            or (claims.get("verb"), claims.get("key")) != (verb, request.path_params["key"])
        ):
            raise AccessDeniedError("This address is not good", hint="Ask the hub for a new one.")
        owner = await self._named(claims)
        key = request.path_params["key"]
        if verb == "PUT":
            hub.require_change(owner, place.ref, "write files of")
            announced = await self._announced(place)
            body = StreamedBody.of(request, largest=self._wire.hub.limits.object)
            await self._wire.uploads.put_stream(announced, key, body, only_new=False)
            return Response(status_code=200)
        if place.upload is not None:
            hub.require_change(owner, place.ref, "read what comes in of")
            store = await self._wire.uploads.opened(await self._announced(place))
        else:
            store = await self._wire.opened(owner, place.ref, place.revision or "", place.ticket)
        reply = await object_reply(request, store, key)
        if reply is None:
            raise ObjectNotFoundError(f"There is no {key!r}")
        return reply

    async def _announced(self, place: Place) -> Announced:
        announced = await self._wire.uploads.current(place.ref, place.upload)
        if announced is None:
            raise PolarisCreateArtifactError(
                f"The upload of the {place.ref} was replaced by another",
                hint="Upload the dataset again.",
            )
        return announced

    async def _named(self, claims: Mapping[str, Any]) -> Caller | None:
        if not claims["sub"]:
            return None
        return await self._wire.sign_ins.by_name(claims["sub"], shown=claims.get("shown"))


def _entries(folder: Folder, head: str, prefix: str) -> list[dict[str, object]]:
    inner = f"{head}/{prefix}".rstrip("/")
    folders: list[dict[str, object]] = [
        {"name": f"{inner}/{name}", "size": 0, "type": "directory"} for name in folder.folders
    ]
    return folders + [
        {"name": f"{head}/{stat.key}", "size": stat.size, "type": "file"} for stat in folder.objects
    ]
