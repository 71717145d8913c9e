"""A `StoragePort` over a dict."""

from __future__ import annotations

import builtins
import threading
from collections.abc import AsyncIterable, AsyncIterator, Sequence
from datetime import UTC, datetime

from polaris.application.object_keys import already_there, check_folder, check_keys
from polaris.application.storage_powers import RunningSums
from polaris.ports.storage import (
    ByteRange,
    Folder,
    IfExists,
    ObjectDigest,
    ObjectStat,
    Read,
    Write,
    digest_of,
)

__all__ = ["InMemoryStorage"]

# Objects in one page of a listing; small, so that tests meet more than one page.
PAGE = 256


class InMemoryStorage:
    """Keeps objects in this process; lost with it.

    Every call does its work under one lock, so that a batch is seen whole or not at all, from any
    event loop and any thread.
    """

    def __init__(self) -> None:
        self._objects: dict[str, tuple[bytes, datetime]] = {}
        self._lock = threading.Lock()

    async def get(self, reads: Sequence[Read], /) -> builtins.list[bytes | None]:
        """See `ReadObjects.get`."""
        check_keys(read.key for read in reads)
        with self._lock:
            found = [self._objects.get(read.key) for read in reads]
        return [
            None if entry is None else _part(entry[0], read.range)
            for read, entry in zip(reads, found, strict=True)
        ]

    async def stat(self, keys: Sequence[str], /) -> builtins.list[ObjectStat | None]:
        """See `ReadObjects.stat`."""
        check_keys(keys)
        with self._lock:
            return [self._stat(key) if key in self._objects else None for key in keys]

    async def put(
        self, writes: Sequence[Write], /, *, if_exists: IfExists = IfExists.REPLACE
    ) -> builtins.list[bool]:
        """See `WriteObjects.put`; with ``raise`` it writes all of the batch or nothing."""
        check_keys(write.key for write in writes)
        copies = [(write.key, bytes(write.data)) for write in writes]
        now = datetime.now(UTC)
        written: list[bool] = []
        with self._lock:
            if if_exists == IfExists.RAISE:
                self._refuse([key for key, _ in copies if key in self._objects])
            for key, data in copies:
                wanted = if_exists != IfExists.SKIP or key not in self._objects
                if wanted:
                    self._objects[key] = (data, now)
                written.append(wanted)
        return written

    async def delete(self, keys: Sequence[str], /) -> None:
        """See `WriteObjects.delete`."""
        check_keys(keys)
        with self._lock:
            for key in keys:
                self._objects.pop(key, None)

    async def list(self, prefix: str = "", /) -> AsyncIterator[Sequence[ObjectStat]]:
        """See `ListObjects.list`; shows the objects that were there when it began."""
        stats = self._below(prefix)
        for start in range(0, len(stats), PAGE):
            yield stats[start : start + PAGE]

    async def list_folder(self, prefix: str = "", /) -> Folder:
        """See `ListObjects.list_folder`."""
        stats = self._below(prefix)
        cut = len(prefix) + 1 if prefix else 0
        return Folder(
            folders=tuple(
                sorted({s.key[cut:].split("/", 1)[0] for s in stats if "/" in s.key[cut:]})
            ),
            objects=tuple(
                sorted((s for s in stats if "/" not in s.key[cut:]), key=lambda stat: stat.key)
            ),
        )

    async def digest(self, keys: Sequence[str], /) -> builtins.list[ObjectDigest | None]:
        """See `DigestObjects.digest`."""
        found = await self.get([Read(key) for key in keys])
        return [
            None if data is None else digest_of(key, data)
            for key, data in zip(keys, found, strict=True)
        ]

    async def put_stream(
        self,
        key: str,
        pieces: AsyncIterable[bytes],
        /,
        *,
        if_exists: IfExists = IfExists.REPLACE,
        size: int | None = None,
        sha256: str | None = None,
    ) -> ObjectDigest | None:
        """See `StreamObjects`; the object is in memory anyway."""
        if if_exists is not IfExists.REPLACE and (await self.stat([key]))[0] is not None:
            if if_exists is IfExists.RAISE:
                raise already_there([key])
            return None
        sums, parts = RunningSums(), []
        async for piece in pieces:
            sums.add(piece)
            parts.append(piece)
        found = sums.digest(key, size=size, sha256=sha256)
        [written] = await self.put([Write(key, b"".join(parts))], if_exists=if_exists)
        return found if written else None

    async def list_sorted(
        self, prefix: str = "", /, *, after: str = ""
    ) -> AsyncIterator[Sequence[ObjectStat]]:
        """See `SortedObjects`; shows the objects that were there when it began."""
        stats = [stat for stat in self._below(prefix) if stat.key > after]
        stats.sort(key=lambda stat: stat.key)
        for start in range(0, len(stats), PAGE):
            yield stats[start : start + PAGE]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self._objects)} objects)"

    def _stat(self, key: str) -> ObjectStat:
        data, modified = self._objects[key]
        return ObjectStat(key, len(data), modified)

    def _below(self, prefix: str) -> builtins.list[ObjectStat]:
        start = f"{check_folder(prefix)}/" if prefix else ""
        with self._lock:
            return [self._stat(key) for key in self._objects if key.startswith(start)]

    def _refuse(self, keys: Sequence[str]) -> None:
        if keys:
            raise already_there(keys)


def _part(data: bytes, part: ByteRange | None) -> bytes:
    if part is None:
        return data
    start = part.start if part.start >= 0 else max(0, len(data) + part.start)
    return data[start : part.stop]
