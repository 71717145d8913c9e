"""The MD5 sums of an archive's files, which its manifest and its digest are made of."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Iterator, Sequence
from operator import attrgetter

from polaris.application.object_tree import BATCH, joined
from polaris.domain.checksums.archive import FileChecksum
from polaris.ports.storage import Md5Objects, ObjectStat, Read, StoragePort

__all__ = ["file_checksums"]

# Bytes of the objects of a batch; two batches are in memory at a time.
_BATCH_BYTES = 8 * 2**20
# The storage itself takes the sum of a larger object, piece by piece.
_LARGE = 32 * 2**20
# Hashing so many bytes takes a thread longer than it waits for the interpreter.
_WORTH_A_THREAD = 16 * 2**10


async def file_checksums(storage: StoragePort, path: str) -> list[FileChecksum]:
    """Return path, MD5 and size of every file of an archive, sorted by path.

    While one batch is hashed the next one is read. `StoragePort.digest` would do as well, but takes
    SHA-256 sums, too, for twice the time.

    Args:
        storage: Where the archive lies.
        path: Folder of its root.
    """
    stats = [stat async for page in storage.list(path) for stat in page]
    cut = len(joined(path, ""))
    if isinstance(storage, Md5Objects):
        sums = await storage.md5([stat.key for stat in stats])
        pairs = [(stat.key[cut:], s) for stat, s in zip(stats, sums, strict=True) if s is not None]
        return sorted((FileChecksum(key, *found) for key, found in pairs), key=attrgetter("path"))
    found = await _of_small(storage, cut, [stat for stat in stats if stat.size <= _LARGE])
    for stat in stats:
        if stat.size > _LARGE:
            [digest] = await storage.digest([stat.key])
            if digest is not None:
                found.append(FileChecksum(stat.key[cut:], digest.md5, digest.size))
    return sorted(found, key=attrgetter("path"))


async def _of_small(
    storage: StoragePort, cut: int, stats: Sequence[ObjectStat]
) -> list[FileChecksum]:
    """Return the sums of objects; ``cut`` letters of their keys name the archive's folder."""
    found: list[FileChecksum] = []
    batches = _batches(stats)
    batch = next(batches, None)
    reading = None if batch is None else _read(storage, batch)
    try:
        while batch is not None and reading is not None:
            contents = await reading
            names = [stat.key[cut:] for stat in batch]
            batch = next(batches, None)
            reading = None if batch is None else _read(storage, batch)
            found += await _sums(names, contents)
    finally:
        if reading is not None:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
    return found


def _batches(stats: Sequence[ObjectStat]) -> Iterator[list[ObjectStat]]:
    batch: list[ObjectStat] = []
    size = 0
    for stat in stats:
        if batch and (size + stat.size > _BATCH_BYTES or len(batch) == BATCH):
            yield batch
            batch, size = [], 0
        batch.append(stat)
        size += stat.size
    if batch:
        yield batch


def _read(storage: StoragePort, batch: Sequence[ObjectStat]) -> asyncio.Task[list[bytes | None]]:
    return asyncio.create_task(storage.get([Read(stat.key) for stat in batch]))


async def _sums(names: Sequence[str], contents: Sequence[bytes | None]) -> list[FileChecksum]:
    """Hash in a few threads: large contents let go of the interpreter meanwhile."""
    size = sum(len(data) for data in contents if data is not None)
    threads = min(4, os.cpu_count() or 1) if size > _WORTH_A_THREAD * len(contents) else 1
    parts = [
        asyncio.to_thread(_hashed, names[first::threads], contents[first::threads])
        for first in range(threads)
    ]
    return [checksum for part in await asyncio.gather(*parts) for checksum in part]


def _hashed(names: Sequence[str], contents: Sequence[bytes | None]) -> list[FileChecksum]:
    return [
        FileChecksum(name, hashlib.md5(data, usedforsecurity=False).hexdigest(), len(data))
        for name, data in zip(names, contents, strict=True)
        if data is not None
    ]
