"""Reading objects in bundles, and large ones piece by piece."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from polaris.application.native_wire.bundle import BUNDLE_OBJECTS, BUNDLE_TYPE, unbundled
from polaris.application.native_wire.fields import Fields, encoded
from polaris.application.native_wire.objects import read_to_json, span
from polaris.errors import HubReplyError, ObjectNotFoundError, StorageError
from polaris.ports.storage import Read
from polaris_adapters.hub_http.family import httpx
from polaris_adapters.hub_http.native.calls import NativeCalls, parsed
from polaris_adapters.hub_http.native.direct import DirectRoad
from polaris_adapters.hub_http.storage.web import at_once

__all__ = ["read_objects"]

# How often a large object is begun anew when it changes while it is read.
_TRIES = 20
# Large objects under way at once.
_LARGE_AT_ONCE = 4


async def read_objects(
    calls: NativeCalls,
    path: str,
    name: str,
    ticket: Mapping[str, str],
    reads: Sequence[Read],
    *,
    most: int,
    direct: DirectRoad | None = None,
) -> list[bytes | None]:
    """Return the bytes of each read, in order; None where there is no object.

    The hub sends what fits into a bundle, and tells the sizes of the rest; so no sizes need be
    asked for beforehand.

    Args:
        calls: Makes the calls.
        path: Of the revision, below the base of the API.
        name: What it is, for people.
        ticket: Query that every call carries.
        reads: What to read; the keys have been checked.
        most: Contents of a bundle, bytes.
        direct: The way of large objects past the hub, where there is one.
    """
    found: list[bytes | None] = [None] * len(reads)
    waiting = list(range(len(reads)))
    large: list[int] = []
    what = f"read objects of {name}"
    while waiting:
        now, waiting = waiting[:BUNDLE_OBJECTS], waiting[BUNDLE_OBJECTS:]
        body = {"reads": [read_to_json(reads[i]) for i in now], "most": most}
        reply = await calls.send(
            "POST",
            f"{path}/read",
            what,
            params=ticket,
            content=encoded(body),
            kind="application/json",
            largest=None,
        )
        left: list[int] = []
        for i, (data, size) in zip(now, _answers(reply, len(now)), strict=True):
            if size is None:
                found[i] = data
            elif size > most:
                large.append(i)
            else:
                left.append(i)
        if len(left) == len(now):
            raise HubReplyError(f"Cannot {what}: the hub sends none of them")
        waiting = left + waiting

    async def read_large(i: int) -> None:
        if direct is not None and direct.shortcut.is_open:
            found[i] = await direct.read(reads[i], most=most)
        if found[i] is None:
            found[i] = await _large(calls, path, name, ticket, reads[i], most)

    await at_once(read_large, large, most=_LARGE_AT_ONCE)
    return found


def _answers(reply: httpx.Response, count: int) -> list[tuple[bytes | None, int | None]]:
    """Return what came for each read: its bytes, or else its size where it was left."""
    where = reply.request.url.path
    with parsed(where):
        if not reply.headers.get("content-type", "").startswith(BUNDLE_TYPE):
            raise HubReplyError(f"The hub's answer on {where} is not a bundle")
        entries = unbundled(reply.content, where="The reply")
        if len(entries) != count:
            raise HubReplyError(f"The hub's answer on {where} has {len(entries)} entries")
        answers: list[tuple[bytes | None, int | None]] = []
        for entry, data in entries:
            if entry is None:
                answers.append((None, None))
            elif "size" in entry:
                answers.append((data, None))
            else:
                answers.append((None, Fields(entry, "entry").integer("left")))
        return answers


async def _large(
    calls: NativeCalls, path: str, name: str, ticket: Mapping[str, str], read: Read, most: int
) -> bytes | None:
    """Return a part that fits into no bundle, piece by piece of one version of the object."""
    for _ in range(_TRIES):
        try:
            return await _pieces(calls, path, name, ticket, read, most)
        except ObjectNotFoundError:
            return None  # It was removed between two pieces.
        except _ChangedMeanwhile:
            continue
    raise StorageError(
        f"Cannot read {read.key!r} of {name}: it changes while it is read", hint="Try again later."
    )


class _ChangedMeanwhile(Exception):
    """The object has been replaced between two pieces."""


async def _pieces(
    calls: NativeCalls, path: str, name: str, ticket: Mapping[str, str], read: Read, most: int
) -> bytes | None:
    url, what = f"{path}/objects/{quote(read.key)}", f"read {read.key!r} of {name}"
    told = await calls.send("HEAD", url, what, params=ticket, expect=(200, 404))
    if told.status_code == 404:
        return None
    size, version = told.headers.get("content-length", ""), told.headers.get("etag")
    if not (size.isascii() and size.isdigit()) or version is None:
        raise HubReplyError(f"Cannot {what}: the hub tells neither its size nor its version")
    start, stop = span(read.range, int(size))
    parts: list[bytes] = []
    while start < stop:
        end = min(start + most, stop)
        headers = {"range": f"bytes={start}-{end - 1}", "if-match": version}
        reply = await calls.send(
            "GET", url, what, params=ticket, headers=headers, expect=(206, 412), largest=None
        )
        if reply.status_code == 412:
            raise _ChangedMeanwhile
        if len(reply.content) != end - start:
            raise HubReplyError(f"Cannot {what}: the hub sent {len(reply.content)} bytes of it")
        parts.append(reply.content)
        start = end
    return b"".join(parts)
