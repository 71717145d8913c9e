"""The bytes of one object: whole or in part, with the conditions of HTTP."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from email.utils import format_datetime

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from polaris.application.native_wire.bundle import BUNDLE_BYTES
from polaris.application.native_wire.content_digests import content_digest
from polaris.application.native_wire.objects import span
from polaris.application.object_keys import check_key
from polaris.application.storage_powers import put_stream
from polaris.errors import InvalidInputError, ObjectExistsError, ObjectNotFoundError, StorageError
from polaris.ports.storage import ByteRange, IfExists, ObjectStat, Read, StoragePort
from polaris_adapters.hub_server.callers import Caller
from polaris_adapters.hub_server.hub import Hub, own_failure
from polaris_adapters.hub_server.queries import must_be_new
from polaris_adapters.hub_server.reading import if_exists_of, location_of
from polaris_adapters.hub_server.replies import Refused, json_reply
from polaris_adapters.hub_server.streamed_body import StreamedBody

__all__ = ["get_content", "get_reply", "put_content", "put_reply"]

_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


async def get_content(hub: Hub, caller: Caller | None, request: Request) -> Response:
    """Answer ``GET`` and ``HEAD …/revisions/{revision}/objects/{key}``."""
    key = check_key(request.path_params["key"])
    ticket = request.query_params.get("ticket")
    return await get_reply(
        request, await hub.opened(caller, location_of(request), ticket=ticket), key
    )


async def get_reply(request: Request, store: StoragePort, key: str) -> Response:
    """Return the reply to a ``GET`` or ``HEAD`` of an object; long ones are sent in pieces."""
    with own_failure():
        [stat] = await store.stat([key])
    if stat is None:
        raise _missing(key)
    headers = _headers(stat)
    if request.headers.get("if-match", headers["etag"]) not in (headers["etag"], "*"):
        raise Refused(412, StorageError(f"{key!r} has changed", hint="Read it from the start."))
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(status_code=304, headers=headers)
    part = _part(request)
    start, stop = span(part, stat.size)
    if part is not None and start >= stop:
        error = InvalidInputError(f"{key!r} has no such part", hint=f"It has {stat.size} bytes.")
        raise Refused(416, error, {"content-range": f"bytes */{stat.size}"})
    if request.method == "HEAD":
        return Response(headers={**headers, "content-length": str(stat.size)})
    if part is not None:
        headers["content-range"] = f"bytes {start}-{stop - 1}/{stat.size}"
    status = 200 if part is None else 206
    if stop - start > BUNDLE_BYTES:
        headers["content-length"] = str(stop - start)
        return StreamingResponse(_pieces(store, key, start, stop), status, headers)
    [data] = await _read(store, key, start, stop)
    headers["content-digest"] = await asyncio.to_thread(content_digest, data)
    return Response(data, status, headers)


async def put_content(hub: Hub, caller: Caller | None, request: Request) -> Response:
    """Answer ``PUT …/revisions/{revision}/objects/{key}``."""
    key = check_key(request.path_params["key"])
    store = await hub.opened(caller, location_of(request), write=True)
    body = StreamedBody.of(request, largest=hub.limits.object)
    return await put_reply(request, store, key, body, if_exists_of(request))


async def put_reply(
    request: Request, store: StoragePort, key: str, body: StreamedBody, conflict: IfExists
) -> Response:
    """Return the reply to a ``PUT`` of an object, which goes to the store as it comes.

    ``If-None-Match: *`` is ``ifExists=raise``. ``If-Match`` is looked at before the body comes.
    """
    if must_be_new(request):
        conflict = IfExists.RAISE
    try:
        with own_failure():
            await _require_match(request, store, key)
            found = await put_stream(
                store,
                key,
                body.pieces(),
                if_exists=conflict,
                size=body.size,
                sha256=body.sha256,
            )
    except ObjectExistsError as cause:
        await body.pass_over()
        raise Refused(412, cause) from cause
    if found is None:
        await body.pass_over()
    return json_reply({"written": [found is not None]}, status=201 if found else 200)


async def _require_match(request: Request, store: StoragePort, key: str) -> None:
    expected = request.headers.get("if-match")
    if expected is None:
        return
    [stat] = await store.stat([key])
    if stat is None or expected not in ("*", _headers(stat)["etag"]):
        error = StorageError(f"{key!r} has changed", hint="Read it again before it is replaced.")
        raise Refused(412, error)


def _headers(stat: ObjectStat) -> dict[str, str]:
    """Return what describes an object; its version is told by size and time."""
    stamp = "" if stat.modified is None else f"-{stat.modified.timestamp():.6f}"
    headers = {
        "accept-ranges": "bytes",
        "cache-control": "private, no-cache",
        "content-type": "application/octet-stream",
        "etag": f'"{stat.size}{stamp}"',
        "vary": "authorization",
    }
    if stat.modified is not None:
        headers["last-modified"] = format_datetime(
            stat.modified.replace(microsecond=0), usegmt=True
        )
    return headers


def _part(request: Request) -> ByteRange | None:
    """Return the part that is asked for; what is no single range is passed over (RFC 9110 14.2)."""
    found = _RANGE.fullmatch(request.headers.get("range", ""))
    if found is None or found[0] == "bytes=-":
        return None
    if not found[1]:
        return ByteRange(-int(found[2])) if int(found[2]) else ByteRange(0, 0)
    start, last = int(found[1]), int(found[2]) if found[2] else None
    if last is not None and last < start:
        return None
    return ByteRange(start, None if last is None else last + 1)


async def _read(store: StoragePort, key: str, start: int, stop: int) -> list[bytes]:
    with own_failure():
        [data] = await store.get([Read(key, ByteRange(start, stop))])
    if data is None:
        raise _missing(key)
    return [data]


async def _pieces(store: StoragePort, key: str, start: int, stop: int) -> AsyncIterator[bytes]:
    """Yield the bytes of a large object, so that it is not in memory at once."""
    while start < stop:
        [data] = await _read(store, key, start, min(start + BUNDLE_BYTES // 8, stop))
        if not data:
            raise StorageError(f"{key!r} became shorter while it was sent")
        yield data
        start += len(data)


def _missing(key: str) -> ObjectNotFoundError:
    return ObjectNotFoundError(
        f"There is no {key!r}", hint="Listing the revision shows what there is."
    )
