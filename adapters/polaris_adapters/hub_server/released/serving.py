"""Objects as files of the web: whole or in part, with their checksums."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Mapping
from email.utils import format_datetime

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from polaris.errors import StorageError
from polaris.ports.storage import ByteRange, ObjectStat, Read, StoragePort
from polaris_adapters.hub_server.hub import own_failure

__all__ = ["content_type", "object_reply"]

_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")
_PIECE = 8 * 2**20
_TYPES = {
    "parquet": "application/vnd.apache.parquet",
    "roaring": "application/vnd.roaringbitmap",
}


def content_type(key: str) -> str:
    """Return the type of an object by the end of its key."""
    return _TYPES.get(key.rpartition(".")[2], "application/octet-stream")


async def object_reply(
    request: Request, store: StoragePort, key: str, *, headers: Mapping[str, str] | None = None
) -> Response | None:
    """Return the reply to ``GET`` or ``HEAD`` of an object; None where there is none.

    Args:
        request: The call.
        store: Where the object lies.
        key: Its key.
        headers: Further headers of the reply.
    """
    with own_failure():
        [stat] = await store.stat([key])
    if stat is None:
        return None
    told = {
        "accept-ranges": "bytes",
        # Who may read it can change; the bytes cannot.
        "cache-control": "private, no-cache",
        "content-type": content_type(key),
        # What people put there must not be taken for a page of the hub.
        "x-content-type-options": "nosniff",
        **_version(stat),
        **(headers or {}),
    }
    span = _span(request.headers.get("range", ""), stat.size)
    if span is not None and span[0] >= span[1]:
        return Response(status_code=416, headers={"content-range": f"bytes */{stat.size}"})
    start, stop = span or (0, stat.size)
    status = 200
    if span is not None:
        status, told["content-range"] = 206, f"bytes {start}-{stop - 1}/{stat.size}"
    if request.method == "HEAD":
        return Response(None, status, {**told, "content-length": str(stop - start)})
    if stop - start > _PIECE:
        told["content-length"] = str(stop - start)
        return StreamingResponse(_pieces(store, key, start, stop), status, told)
    with own_failure():
        [data] = await store.get([Read(key, ByteRange(start, stop))])
    if data is None:
        return None
    if span is None:
        # Clients of 0.7 and 0.8 read nothing that does not carry it.
        told["x-amz-meta-md5sum"] = await asyncio.to_thread(_md5, data)
    return Response(data, status, told)


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def _version(stat: ObjectStat) -> dict[str, str]:
    if stat.modified is None:
        return {"etag": f'"{stat.size}"'}
    moment = stat.modified.replace(microsecond=0)
    return {
        "etag": f'"{stat.size}-{stat.modified.timestamp():.6f}"',
        "last-modified": format_datetime(moment, usegmt=True),
    }


def _span(header: str, size: int) -> tuple[int, int] | None:
    """Return the part that is asked for; None for all (RFC 9110 section 14.2)."""
    found = _RANGE.fullmatch(header)
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        return max(0, size - int(found[2])), size
    start = int(found[1])
    if not found[2]:
        return start, size
    last = int(found[2])
    return None if last < start else (start, min(last + 1, size))


async def _pieces(store: StoragePort, key: str, start: int, stop: int) -> AsyncIterator[bytes]:
    while start < stop:
        with own_failure():
            [data] = await store.get([Read(key, ByteRange(start, min(start + _PIECE, stop)))])
        if not data:
            raise StorageError(f"{key!r} became shorter while it was sent")
        yield data
        start += len(data)
