"""The objects of a revision, many in one call."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from polaris.application.native_wire.bundle import (
    BUNDLE_BYTES,
    BUNDLE_TYPE,
    bundled,
    unbundled,
)
from polaris.application.native_wire.content_digests import content_digest
from polaris.application.native_wire.fields import Fields
from polaris.application.native_wire.objects import (
    digest_to_json,
    folder_to_json,
    read_from_json,
    span,
    stat_to_json,
)
from polaris.application.object_keys import check_folder
from polaris.application.storage_powers import list_sorted
from polaris.ports.storage import ObjectStat, Read, StoragePort, Write
from polaris_adapters.hub_server.callers import Caller
from polaris_adapters.hub_server.hub import Hub, own_failure
from polaris_adapters.hub_server.reading import (
    at_most,
    bundle_of,
    if_exists_of,
    json_of,
    keys_of,
    location_of,
    number_of,
)
from polaris_adapters.hub_server.replies import json_reply

__all__ = [
    "delete",
    "digest",
    "get_folder",
    "get_listing",
    "read",
    "stat",
    "write",
    "writes_of",
]


async def get_listing(hub: Hub, caller: Caller | None, request: Request) -> Response:
    """Answer ``GET …/revisions/{revision}/objects``: a page, sorted by key."""
    most = hub.limits.listing
    limit = number_of(request, "limit", default=most, most=most)
    prefix = check_folder(request.query_params.get("prefix", ""))
    after = request.query_params.get("after", "")
    store = await _opened(hub, caller, request)
    found: list[ObjectStat] = []
    with own_failure():
        async with aclosing(list_sorted(store, prefix, after=after)) as listing:
            async for batch in listing:
                found += batch
                if len(found) > limit:
                    break
    more = len(found) > limit > 0
    page = found[:limit]
    return json_reply(
        {
            "objects": [stat_to_json(stat) for stat in page],
            "after": page[-1].key if more else None,
        }
    )


async def get_folder(hub: Hub, caller: Caller | None, request: Request) -> Response:
    """Answer ``GET …/revisions/{revision}/folder``."""
    prefix = check_folder(request.query_params.get("prefix", ""))
    store = await _opened(hub, caller, request)
    with own_failure():
        return json_reply(folder_to_json(await store.list_folder(prefix)))


async def stat(hub: Hub, caller: Caller | None, request: Request) -> Response:
    """Answer ``POST …/revisions/{revision}/stat``."""
    store = await _opened(hub, caller, request)
    keys = keys_of(await json_of(request, largest=hub.limits.asking))
    with own_failure():
        found = await store.stat(keys)
    return json_reply({"objects": [None if s is None else stat_to_json(s) for s in found]})


async def digest(hub: Hub, caller: Caller | None, request: Request) -> Response:
    """Answer ``POST …/revisions/{revision}/digest``."""
    store = await _opened(hub, caller, request)
    keys = keys_of(await json_of(request, largest=hub.limits.asking))
    with own_failure():
        found = await store.digest(keys)
    return json_reply({"objects": [None if d is None else digest_to_json(d) for d in found]})


async def delete(hub: Hub, caller: Caller | None, request: Request) -> Response:
    """Answer ``POST …/revisions/{revision}/delete``."""
    store = await _opened(hub, caller, request, write=True)
    keys = keys_of(await json_of(request, largest=hub.limits.asking))
    with own_failure():
        await store.delete(keys)
    return json_reply({})


async def read(hub: Hub, caller: Caller | None, request: Request) -> Response:
    """Answer ``POST …/revisions/{revision}/read`` with a bundle.

    What would make it too long is left, with its size, for another call.
    """
    store = await _opened(hub, caller, request)
    body = await json_of(request, largest=hub.limits.asking)
    entries = at_most(body.entries("reads"))
    reads = [read_from_json(Fields.of(e, where=f"reads[{i}]")) for i, e in enumerate(entries)]
    most = min(body.integer("most"), BUNDLE_BYTES) if "most" in body.values else BUNDLE_BYTES
    with own_failure():
        index, wanted = _planned(reads, await store.stat([r.key for r in reads]), most)
        found = await store.get([reads[i] for i in wanted])
    contents: list[bytes] = []
    for i, data in zip(wanted, found, strict=True):
        # It may have come, gone or changed since its size was asked for.
        index[i] = None if data is None else {"size": len(data)}
        contents += [] if data is None else [data]
    payload, header = await asyncio.to_thread(_packed, index, contents)
    return Response(payload, headers={"content-digest": header}, media_type=BUNDLE_TYPE)


def _planned(
    reads: Sequence[Read], stats: Sequence[ObjectStat | None], most: int
) -> tuple[list[Mapping[str, Any] | None], list[int]]:
    """Return the index with what is left, and which reads are made now."""
    index: list[Mapping[str, Any] | None] = [None] * len(reads)
    wanted: list[int] = []
    for i, (asked, stat) in enumerate(zip(reads, stats, strict=True)):
        if stat is None:
            continue
        start, stop = span(asked.range, stat.size)
        if stop - start > most:
            index[i] = {"left": stop - start}
        else:
            most -= stop - start
            wanted.append(i)
    return index, wanted


def _packed(index: list[Mapping[str, Any] | None], contents: list[bytes]) -> tuple[bytes, str]:
    payload = bundled(index, contents)
    return payload, content_digest(payload)


async def write(hub: Hub, caller: Caller | None, request: Request) -> Response:
    """Answer ``POST …/revisions/{revision}/write``, whose body is a bundle."""
    conflict = if_exists_of(request)
    store = await _opened(hub, caller, request, write=True)
    writes = writes_of(await bundle_of(request))
    with own_failure():
        return json_reply({"written": await store.put(writes, if_exists=conflict)})


def writes_of(body: bytes) -> list[Write]:
    """Return the writes in a bundle.

    Raises:
        InvalidInputError: It is no bundle, or not of writes.
    """
    found = [
        (Fields.of(entry, where=f"objects[{i}]"), data)
        for i, (entry, data) in enumerate(unbundled(body, where="The body"))
    ]
    at_most(found)
    for fields, _ in found:
        fields.integer("size")
    return [Write(fields.text("key"), data) for fields, data in found]


async def _opened(
    hub: Hub, caller: Caller | None, request: Request, *, write: bool = False
) -> StoragePort:
    ticket = request.query_params.get("ticket")
    return await hub.opened(caller, location_of(request), write=write, ticket=ticket)
