"""Listings in the dialect of S3.

Source: ListObjectsV2 of the Amazon S3 REST API.
"""

from __future__ import annotations

import base64
import binascii
import re

import attrs
from starlette.responses import Response

from polaris.application.object_keys import check_folder
from polaris.application.object_tree import below
from polaris.ports.storage import ObjectStat, StoragePort
from polaris_adapters.hub_server.hub import own_failure
from polaris_adapters.hub_server.released.places import BUCKET
from polaris_adapters.hub_server.released.s3_calls import S3Call
from polaris_adapters.hub_server.released.s3_replies import S3Fault, listing_reply

__all__ = ["list_objects"]

_PAGE = 1000


async def list_objects(call: S3Call, store: StoragePort) -> Response:
    """Answer a call that lists; what lies outside the artifact is not there.

    Args:
        call: The call.
        store: The objects of the artifact.
    """
    query, head = call.query, call.place.prefix
    prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
    if not prefix.startswith(head):
        raise S3Fault("AccessDenied", "The storage token is not for this prefix")
    if delimiter not in ("", "/"):
        raise S3Fault("InvalidArgument", "The delimiter is / or none")
    limit = _limit(query.get("max-keys", str(_PAGE)))
    after = _after(query.get("continuation-token"), query.get("start-after", ""))
    inner = prefix.removeprefix(head)
    folder = inner.rpartition("/")[0]
    found = await (_in_folder if delimiter else _below)(store, check_folder(folder))
    entries = [(head + name, stat) for name, stat in found if name.startswith(inner)]
    page = [(name, stat) for name, stat in entries if name > after][: limit + 1]
    more, page = len(page) > limit, page[:limit]
    token = _token(page[-1][0]) if more and page else None
    return listing_reply(
        bucket=BUCKET,
        prefix=prefix,
        delimiter=delimiter,
        objects=[attrs.evolve(stat, key=name) for name, stat in page if stat is not None],
        folders=[name for name, stat in page if stat is None],
        encode=query.get("encoding-type") == "url",
        limit=limit,
        next_token=token,
    )


async def _below(store: StoragePort, folder: str) -> list[tuple[str, ObjectStat | None]]:
    head = f"{folder}/" if folder else ""
    with own_failure():
        return sorted(
            ((head + stat.key, stat) for stat in await below(store, folder)), key=lambda e: e[0]
        )


async def _in_folder(store: StoragePort, folder: str) -> list[tuple[str, ObjectStat | None]]:
    head = f"{folder}/" if folder else ""
    with own_failure():
        found = await store.list_folder(folder)
    entries: list[tuple[str, ObjectStat | None]] = [(stat.key, stat) for stat in found.objects]
    entries += [(f"{head}{name}/", None) for name in found.folders]
    return sorted(entries, key=lambda entry: entry[0])


def _limit(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise S3Fault("InvalidArgument", "max-keys is not a number")
    return min(int(text), _PAGE)


def _token(name: str) -> str:
    return base64.urlsafe_b64encode(name.encode()).decode()


def _after(token: str | None, start: str) -> str:
    if token is None:
        return start
    try:
        return base64.urlsafe_b64decode(token.encode()).decode()
    except (binascii.Error, ValueError) as cause:
        raise S3Fault("InvalidArgument", "The continuation token is not one of this hub") from cause
