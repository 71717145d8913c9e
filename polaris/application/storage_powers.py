"""Using what a store offers besides `StoragePort`, and doing without where it does not."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Sequence
from datetime import datetime

from polaris.application.object_tree import batches
from polaris.errors import PolarisChecksumError
from polaris.ports.storage import IfExists, ObjectDigest, ObjectStat, StoragePort, Write
from polaris.ports.storage_powers import (
    KeptSum,
    KeptSums,
    SignedRequest,
    SignObjects,
    SignRequest,
    SortedObjects,
    StreamObjects,
    SweepObjects,
)

__all__ = [
    "RunningSums",
    "in_pieces",
    "kept_sums",
    "list_sorted",
    "put_stream",
    "sign_objects",
    "sweep",
]

# Objects in one batch of a listing.
_PAGE = 1000


class RunningSums:
    """Checksums of content that comes in pieces.

    Attributes:
        size: Bytes so far.
    """

    def __init__(self) -> None:
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._sha256 = hashlib.sha256()
        self.size = 0

    def add(self, piece: bytes | memoryview) -> None:
        """Go on with the next piece."""
        self._md5.update(piece)
        self._sha256.update(piece)
        self.size += len(piece)

    def digest(
        self, key: str, *, size: int | None = None, sha256: str | None = None
    ) -> ObjectDigest:
        """Return the checksums of an object whose pieces have all come.

        Args:
            key: Its key.
            size: Bytes that it has to have; None for any.
            sha256: 64 hex digits that it has to have; None for any.

        Raises:
            PolarisChecksumError: It is something else.
        """
        found = ObjectDigest(key, self.size, self._md5.hexdigest(), self._sha256.hexdigest())
        if size is not None and found.size != size:
            raise PolarisChecksumError(
                f"{key!r} has {found.size} bytes where {size} were announced",
                hint="It was changed or cut on its way; send it again.",
            )
        if sha256 is not None and found.sha256 != sha256:
            raise PolarisChecksumError(
                f"{key!r} is not what was sent: its sha-256 differs from the announced one",
                hint="It was changed on its way; send it again.",
            )
        return found


async def in_pieces(pieces: AsyncIterable[bytes], least: int) -> AsyncIterator[bytes]:
    """Yield the same bytes in pieces that have at least so many, but for the last one.

    Small pieces would each cost a change of threads.
    """
    waiting: list[bytes] = []
    size = 0
    async for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= least:
            yield waiting[0] if len(waiting) == 1 else b"".join(waiting)
            waiting, size = [], 0
    if size:
        yield b"".join(waiting)


async def put_stream(
    storage: StoragePort,
    key: str,
    pieces: AsyncIterable[bytes],
    *,
    if_exists: IfExists = IfExists.REPLACE,
    size: int | None = None,
    sha256: str | None = None,
) -> ObjectDigest | None:
    """Write one object from its pieces; see `StreamObjects`. Others get it whole, from memory."""
    if isinstance(storage, StreamObjects):
        return await storage.put_stream(key, pieces, if_exists=if_exists, size=size, sha256=sha256)
    sums, parts = RunningSums(), []
    async for piece in in_pieces(pieces, 2**20):
        await asyncio.to_thread(sums.add, piece)
        parts.append(piece)
    found = sums.digest(key, size=size, sha256=sha256)
    [written] = await storage.put([Write(key, b"".join(parts))], if_exists=if_exists)
    return found if written else None


async def list_sorted(
    storage: StoragePort, prefix: str = "", *, after: str = ""
) -> AsyncGenerator[Sequence[ObjectStat], None]:
    """Yield objects in the order of their keys; see `SortedObjects`. Others are listed whole."""
    if isinstance(storage, SortedObjects):
        async for page in storage.list_sorted(prefix, after=after):
            yield page
        return
    found = [stat async for page in storage.list(prefix) for stat in page if stat.key > after]
    for page in batches(sorted(found, key=lambda stat: stat.key), _PAGE):
        yield page


async def kept_sums(storage: StoragePort, keys: Sequence[str]) -> list[KeptSum | None]:
    """Return what is known of objects without reading them; of others, their sizes alone."""
    if isinstance(storage, KeptSums):
        return await storage.kept_sums(keys)
    stats = await storage.stat(keys)
    return [None if stat is None else KeptSum(stat.key, stat.size, None) for stat in stats]


async def sign_objects(
    storage: StoragePort, requests: Sequence[SignRequest], *, seconds: int
) -> list[SignedRequest | None]:
    """Return each request signed; None for those that the store cannot let others make."""
    if isinstance(storage, SignObjects):
        return await storage.sign(requests, seconds=seconds)
    return [None] * len(requests)


async def sweep(storage: StoragePort, before: datetime, *, remove: bool) -> list[ObjectStat]:
    """Return what is left of unfinished objects; see `SweepObjects`. Other stores tell of none."""
    return await storage.sweep(before, remove=remove) if isinstance(storage, SweepObjects) else []
