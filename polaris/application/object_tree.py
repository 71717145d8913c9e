"""Walking all objects below a folder of a store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

import attrs

from polaris.ports.progress import ProgressPort
from polaris.ports.storage import ObjectDigest, ObjectStat, StoragePort

__all__ = ["batches", "below", "digest_below", "joined"]

# Objects in one call of a store: enough to keep its pool busy, few enough to show progress.
BATCH = 512

T = TypeVar("T")


def batches(items: Sequence[T], size: int = BATCH) -> Iterator[Sequence[T]]:
    """Yield the items in runs of at most ``size``."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def joined(prefix: str, key: str) -> str:
    """Return the key below a folder; the folder ``""`` is the store itself."""
    return f"{prefix}/{key}" if prefix else key


async def below(storage: StoragePort, prefix: str) -> list[ObjectStat]:
    """Return every object below a folder, sorted by key; keys are relative to the folder."""
    cut = len(prefix) + 1 if prefix else 0
    found = [
        attrs.evolve(stat, key=stat.key[cut:])
        async for page in storage.list(prefix)
        for stat in page
    ]
    return sorted(found, key=lambda stat: stat.key)


async def digest_below(
    storage: StoragePort, prefix: str, *, progress: ProgressPort, label: str
) -> list[ObjectDigest]:
    """Return the checksums of every object below a folder, sorted by key, relative to the folder.

    Objects that vanish while this runs are left out.
    """
    stats = await below(storage, prefix)
    cut = len(prefix) + 1 if prefix else 0
    found: list[ObjectDigest] = []
    with progress.task(label, total=sum(stat.size for stat in stats), unit="bytes") as task:
        for batch in batches(stats):
            digests = await storage.digest([joined(prefix, stat.key) for stat in batch])
            found += [attrs.evolve(d, key=d.key[cut:]) for d in digests if d is not None]
            task.advance(sum(stat.size for stat in batch))
    return found
