"""Writes in bundles, so that many small objects cost one call."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

from polaris.application.native_wire.bundle import BUNDLE_OBJECTS, bundled
from polaris.ports.storage import Write

__all__ = ["OCTETS", "bundle_of_writes", "in_bundles", "is_large"]

# The media type of one object that travels alone.
OCTETS = "application/octet-stream"


def is_large(write: Write, *, most_bytes: int) -> bool:
    """Say whether an object does not fit into a bundle of so many bytes, and travels alone."""
    return _size(write) > most_bytes


def in_bundles(
    writes: Sequence[Write], *, most_bytes: int, most_objects: int = BUNDLE_OBJECTS
) -> Iterator[list[int]]:
    """Yield the positions of writes that go together; a large one goes alone.

    Args:
        writes: What is to be written.
        most_bytes: Contents of a bundle; a longer object is in a group of its own.
        most_objects: Objects in a bundle.
    """
    group: list[int] = []
    size = 0
    for i, write in enumerate(writes):
        if group and (size + _size(write) > most_bytes or len(group) == most_objects):
            yield group
            group, size = [], 0
        group.append(i)
        size += _size(write)
    if group:
        yield group


async def bundle_of_writes(writes: Sequence[Write]) -> bytes:
    """Return writes as one body."""
    entries = [{"key": write.key, "size": _size(write)} for write in writes]
    return await asyncio.to_thread(bundled, entries, [write.data for write in writes])


def _size(write: Write) -> int:
    data = write.data
    return data.nbytes if isinstance(data, memoryview) else len(data)
