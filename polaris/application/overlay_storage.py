"""A store with changes laid over it, which stay in memory."""

from __future__ import annotations

import builtins
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import attrs

from polaris.application.object_keys import already_there, check_folder, check_keys
from polaris.application.object_tree import batches
from polaris.ports.storage import (
    Folder,
    IfExists,
    ObjectDigest,
    ObjectStat,
    Read,
    StoragePort,
    Write,
    digest_of,
)

__all__ = ["OverlayStorage"]


@attrs.frozen
class _Written:
    data: bytes
    at: datetime


class OverlayStorage:
    """Another store, as it would be after some changes; the other store stays as it is.

    Args:
        inner: The store, which must not change meanwhile; None for an empty one.
    """

    def __init__(self, inner: StoragePort | None = None) -> None:
        self._inner = inner
        # None for an object that was removed.
        self._changes: dict[str, _Written | None] = {}

    def __str__(self) -> str:
        return f"changes of {self._inner}" if self._inner else "memory"

    @property
    def changes(self) -> dict[str, bytes | None]:
        """What was written, by key; None for what was removed."""
        return {key: None if c is None else c.data for key, c in self._changes.items()}

    async def get(self, reads: Sequence[Read], /) -> builtins.list[bytes | None]:
        """See `StoragePort`."""
        check_keys(read.key for read in reads)
        wanted = [read for read in reads if read.key not in self._changes]
        found = iter(
            await self._inner.get(wanted) if self._inner and wanted else [None] * len(wanted)
        )
        return [self._part(r) if r.key in self._changes else next(found) for r in reads]

    def _part(self, read: Read) -> bytes | None:
        change = self._changes[read.key]
        if change is None or read.range is None:
            return None if change is None else change.data
        start = read.range.start
        start = start if start >= 0 else max(0, len(change.data) + start)
        return change.data[start : read.range.stop]

    async def stat(self, keys: Sequence[str], /) -> builtins.list[ObjectStat | None]:
        """See `StoragePort`."""
        check_keys(keys)
        wanted = [key for key in keys if key not in self._changes]
        found = iter(
            await self._inner.stat(wanted) if self._inner and wanted else [None] * len(wanted)
        )
        return [self._stat(key) if key in self._changes else next(found) for key in keys]

    def _stat(self, key: str) -> ObjectStat | None:
        change = self._changes[key]
        return None if change is None else ObjectStat(key, len(change.data), change.at)

    async def put(
        self, writes: Sequence[Write], /, *, if_exists: IfExists = IfExists.REPLACE
    ) -> builtins.list[bool]:
        """See `StoragePort`; with ``raise`` it writes all of the batch or nothing."""
        check_keys(write.key for write in writes)
        there: set[str] = set()
        if self._inner and if_exists is not IfExists.REPLACE:
            found = await self._inner.stat([write.key for write in writes])
            there = {stat.key for stat in found if stat is not None}
        # No await from here on: what other tasks do comes before or after the whole batch.
        is_there = [self._exists(write.key, there) for write in writes]
        if if_exists is IfExists.RAISE and any(is_there):
            raise already_there([w.key for w, taken in zip(writes, is_there, strict=True) if taken])
        now = datetime.now(UTC)
        written: list[bool] = []
        for write in writes:
            wanted = if_exists is not IfExists.SKIP or not self._exists(write.key, there)
            if wanted:
                self._changes[write.key] = _Written(bytes(write.data), now)
            written.append(wanted)
        return written

    def _exists(self, key: str, there: set[str]) -> bool:
        return self._changes[key] is not None if key in self._changes else key in there

    async def delete(self, keys: Sequence[str], /) -> None:
        """See `StoragePort`."""
        for key in check_keys(keys):
            self._changes[key] = None

    async def digest(self, keys: Sequence[str], /) -> builtins.list[ObjectDigest | None]:
        """See `StoragePort`."""
        check_keys(keys)
        wanted = [key for key in keys if key not in self._changes]
        found = iter(
            await self._inner.digest(wanted) if self._inner and wanted else [None] * len(wanted)
        )
        return [self._digest(key) if key in self._changes else next(found) for key in keys]

    def _digest(self, key: str) -> ObjectDigest | None:
        change = self._changes[key]
        return None if change is None else digest_of(key, change.data)

    async def list(self, prefix: str = "", /) -> AsyncIterator[Sequence[ObjectStat]]:
        """See `StoragePort`."""
        check_folder(prefix)
        changed = dict(self._changes)
        if self._inner:
            async for page in self._inner.list(prefix):
                kept = [stat for stat in page if stat.key not in changed]
                if kept:
                    yield kept
        head = f"{prefix}/" if prefix else ""
        written = [
            ObjectStat(key, len(change.data), change.at)
            for key, change in changed.items()
            if change is not None and key.startswith(head)
        ]
        for batch in batches(written):
            yield batch

    async def list_folder(self, prefix: str = "", /) -> Folder:
        """See `StoragePort`."""
        stats = [stat async for page in self.list(prefix) for stat in page]
        cut = len(prefix) + 1 if prefix else 0
        folders = {s.key[cut:].split("/", 1)[0] for s in stats if "/" in s.key[cut:]}
        objects = [stat for stat in stats if "/" not in stat.key[cut:]]
        return Folder(tuple(sorted(folders)), tuple(sorted(objects, key=lambda s: s.key)))
