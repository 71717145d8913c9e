"""Objects that come in pieces, into a bucket: by one request if they are small, else in parts."""

from __future__ import annotations

from collections.abc import AsyncIterable, Awaitable, Callable, Mapping
from typing import Protocol, TypeVar

import obstore
from obstore.store import S3Store

from polaris.application.storage_powers import RunningSums, in_pieces
from polaris.ports.storage import ObjectDigest

__all__ = ["stream_into"]

R = TypeVar("R", covariant=True)
V = TypeVar("V")

# Bytes of a part; stores take at least 5 MiB, and at most 10,000 parts.
_PART = 8 * 2**20
_MOST_PARTS = 9_000
# Parts of one object under way at once.
_AT_ONCE = 4


class _Call(Protocol):
    """Does some work on a thread, and tells its errors in our words."""

    def __call__(self, work: Callable[[], V], /) -> Awaitable[V]: ...


async def stream_into(
    store: Callable[[], S3Store],
    key: str,
    pieces: AsyncIterable[bytes],
    *,
    size: int | None,
    sha256: str | None,
    attributes: Mapping[str, str],
    most_whole: int,
    call: _Call,
    put_whole: Callable[[bytes, ObjectDigest], bool],
    may_write: Callable[[], Awaitable[bool]],
) -> ObjectDigest | None:
    """Write an object from its pieces; see `StreamObjects.put_stream`.

    The parts of an upload that is not completed are visible to nobody. The store removes them by a
    rule of its own (``AbortIncompleteMultipartUpload``), since obstore cannot.

    Args:
        store: Returns the bucket.
        key: Its key.
        pieces: Its content.
        size: As there.
        sha256: As there.
        attributes: Type and metadata of an object that comes in parts.
        most_whole: Longest content that is put by one request, bytes.
        call: Does work on a thread.
        put_whole: Puts an object by one request; returns whether it has.
        may_write: Says whether the object may still be written; raises if that is to be an error.
    """
    sums, head, writer = RunningSums(), list[bytes](), None
    part = max(_PART, -(-(size or 0) // _MOST_PARTS))
    async for piece in in_pieces(pieces, _PART):
        if writer is not None:
            await call(_writing(writer, sums, piece))
            continue
        await call(_adding(sums, piece))
        head.append(piece)
        if sums.size > most_whole:
            writer = await call(lambda: _opened(store(), key, attributes, part))
            for held in head:
                await call(_writing(writer, None, held))
            head = []
    found = sums.digest(key, size=size, sha256=sha256)
    if writer is None:
        data = b"".join(head)
        return found if await call(lambda: put_whole(data, found)) else None
    if not await may_write():
        return None
    await call(writer.close)
    return found


def _opened(
    store: S3Store, key: str, attributes: Mapping[str, str], part: int
) -> obstore.WritableFile:
    return obstore.open_writer(
        store, key, attributes=dict(attributes), buffer_size=part, max_concurrency=_AT_ONCE
    )


def _adding(sums: RunningSums, piece: bytes) -> Callable[[], None]:
    return lambda: sums.add(piece)


def _writing(
    writer: obstore.WritableFile, sums: RunningSums | None, piece: bytes
) -> Callable[[], None]:
    def write() -> None:
        if sums is not None:
            sums.add(piece)
        writer.write(piece)

    return write
