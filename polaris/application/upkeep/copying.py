"""Copying objects from store to store in bounded memory, with their checksums compared."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator, Sequence

import attrs

from polaris.application.storage_powers import put_stream
from polaris.errors import ObjectNotFoundError, PolarisChecksumError
from polaris.ports.storage import ByteRange, Read, StoragePort, Write

__all__ = ["Copied", "copy_objects"]

# Bytes in memory at once; larger objects are copied in pieces.
_BYTES, _PIECE = 64 * 2**20, 8 * 2**20


@attrs.frozen
class Copied:
    """An object that is to be copied.

    Attributes:
        source: Its key where it is.
        target: Its key where it is to be.
        size: Bytes.
        sha256: 64 hex digits that it has to have; None for any.
    """

    source: str
    target: str
    size: int
    sha256: str | None


async def copy_objects(
    source: StoragePort, target: StoragePort, wanted: Sequence[Copied]
) -> list[bool]:
    """Copy objects; say of each whether it was there and is what it has to be.

    What is not is not written.

    Raises:
        StorageError: A store failed.
    """
    done: dict[int, bool] = {}
    for batch in _by_bytes(wanted):
        items = [wanted[index] for index in batch]
        if items[0].size > _BYTES:
            done[batch[0]] = await _streamed(source, target, items[0])
            continue
        found = await source.get([Read(item.source) for item in items])
        good = await asyncio.to_thread(_good, items, found)
        await target.put(
            [
                Write(item.target, data)
                for item, data, is_good in zip(items, found, good, strict=True)
                if is_good and data is not None
            ]
        )
        done |= dict(zip(batch, good, strict=True))
    return [done[index] for index in range(len(wanted))]


def _by_bytes(wanted: Sequence[Copied]) -> Iterator[list[int]]:
    batch: list[int] = []
    size = 0
    for index, item in enumerate(wanted):
        if batch and size + item.size > _BYTES:
            yield batch
            batch, size = [], 0
        batch.append(index)
        size += item.size
    if batch:
        yield batch


def _good(items: Sequence[Copied], found: Sequence[bytes | None]) -> list[bool]:
    return [
        data is not None
        and (item.sha256 is None or hashlib.sha256(data).hexdigest() == item.sha256)
        for item, data in zip(items, found, strict=True)
    ]


async def _streamed(source: StoragePort, target: StoragePort, item: Copied) -> bool:
    try:
        await put_stream(
            target, item.target, _pieces(source, item), size=item.size, sha256=item.sha256
        )
    except (PolarisChecksumError, ObjectNotFoundError):
        return False
    return True


async def _pieces(source: StoragePort, item: Copied) -> AsyncIterator[bytes]:
    for start in range(0, item.size, _PIECE):
        part = ByteRange(start, start + _PIECE)
        [data] = await source.get([Read(item.source, part)])
        if data is None:
            raise ObjectNotFoundError(f"{item.source!r} vanished", hint="Try again.")
        yield data
