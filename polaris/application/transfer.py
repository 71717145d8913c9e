"""Moving objects from store to store so that an interrupted move is resumed by moving again.

What has arrived is found by comparing with the target itself, never with a journal: a journal can
be lost or lie, the bytes cannot.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator, Sequence

import attrs

from polaris.application.object_tree import batches, joined
from polaris.errors import ObjectNotFoundError, PolarisChecksumError
from polaris.ports.progress import ProgressPort
from polaris.ports.storage import ObjectDigest, Read, StoragePort, Write

__all__ = ["Parcel", "Transfer", "load_parcels", "parcels_of_tree"]


@attrs.frozen
class Parcel:
    """One object that is to arrive at a target.

    Attributes:
        digest: Its key at the target, and its size and checksums, which are checked on the way.
        data: Its bytes, where they are in memory already.
        storage: Where to read it otherwise.
        key: Its key there.
    """

    digest: ObjectDigest
    data: bytes | None = attrs.field(default=None, repr=False)
    storage: StoragePort | None = attrs.field(default=None, repr=False)
    key: str = ""


def parcels_of_tree(
    digests: Sequence[ObjectDigest], *, storage: StoragePort, source: str, target: str
) -> list[Parcel]:
    """Return the parcels that copy a folder.

    Args:
        digests: Its objects, keys relative to the folder.
        storage: Where they are read.
        source: The folder there.
        target: The folder at the target.
    """
    return [
        Parcel(
            attrs.evolve(digest, key=joined(target, digest.key)),
            storage=storage,
            key=joined(source, digest.key),
        )
        for digest in digests
    ]


@attrs.frozen
class Transfer:
    """Brings parcels to a store; those that are there with the right content are not sent again.

    Attributes:
        progress: Shows how far it has come, in bytes.
        batch_bytes: Bytes in memory at once; a single larger object goes alone.
    """

    progress: ProgressPort
    batch_bytes: int = 64 * 2**20

    async def __call__(self, parcels: Sequence[Parcel], target: StoragePort, *, label: str) -> int:
        """Send what is missing and return how many objects were sent.

        Raises:
            ObjectNotFoundError: An object vanished at its source.
            PolarisChecksumError: An object changed at its source since it was digested.
            StorageError: The target refused.
        """
        total = sum(parcel.digest.size for parcel in parcels)
        sent = 0
        with self.progress.task(label, total=total, unit="bytes") as task:
            for group in batches(parcels):
                missing = await self._missing(group, target)
                task.advance(_size(group) - _size(missing))
                for batch in self._by_bytes(missing):
                    await target.put(await asyncio.to_thread(_checked, await _read(batch)))
                    task.advance(_size(batch))
                sent += len(missing)
        return sent

    async def _missing(self, parcels: Sequence[Parcel], target: StoragePort) -> list[Parcel]:
        stats = await target.stat([parcel.digest.key for parcel in parcels])
        alike = [
            parcel.digest.key
            for parcel, stat in zip(parcels, stats, strict=True)
            if stat is not None and stat.size == parcel.digest.size
        ]
        there = {d.key: d.sha256 for d in await target.digest(alike) if d is not None}
        return [p for p in parcels if there.get(p.digest.key) != p.digest.sha256]

    def _by_bytes(self, parcels: Sequence[Parcel]) -> Iterator[list[Parcel]]:
        return _by_bytes(parcels, self.batch_bytes)


async def load_parcels(
    parcels: Sequence[Parcel], *, batch_bytes: int = 64 * 2**20
) -> AsyncIterator[list[Write]]:
    """Yield parcels as writes, checked, a bounded number of bytes at once.

    Args:
        parcels: What to load.
        batch_bytes: Bytes in memory at once; a single larger object goes alone.

    Raises:
        ObjectNotFoundError: An object vanished at its source.
        PolarisChecksumError: An object changed at its source since it was digested.
    """
    for batch in _by_bytes(parcels, batch_bytes):
        yield await asyncio.to_thread(_checked, await _read(batch))


def _by_bytes(parcels: Sequence[Parcel], batch_bytes: int) -> Iterator[list[Parcel]]:
    batch: list[Parcel] = []
    size = 0
    for parcel in parcels:
        if batch and size + parcel.digest.size > batch_bytes:
            yield batch
            batch, size = [], 0
        batch.append(parcel)
        size += parcel.digest.size
    if batch:
        yield batch


def _size(parcels: Sequence[Parcel]) -> int:
    return sum(parcel.digest.size for parcel in parcels)


async def _read(parcels: Sequence[Parcel]) -> list[tuple[Parcel, bytes]]:
    """Read the batch with one call a source store."""
    loaded: dict[int, bytes | None] = {i: p.data for i, p in enumerate(parcels)}
    stores = {id(p.storage): p.storage for p in parcels if p.storage is not None}
    for store in stores.values():
        wanted = [i for i, p in enumerate(parcels) if p.storage is store]
        found = await store.get([Read(parcels[i].key) for i in wanted])
        loaded |= dict(zip(wanted, found, strict=True))
    pairs: list[tuple[Parcel, bytes]] = []
    for i, parcel in enumerate(parcels):
        data = loaded[i]
        if data is None:
            raise ObjectNotFoundError(
                f"{parcel.key!r} vanished while it was being copied",
                hint="Nothing was published. Restore the file and try again.",
            )
        pairs.append((parcel, data))
    return pairs


def _checked(loaded: Sequence[tuple[Parcel, bytes]]) -> list[Write]:
    """Compare what was read with what was promised; a source may change under our hands."""
    for parcel, data in loaded:
        if hashlib.sha256(data).hexdigest() != parcel.digest.sha256:
            raise PolarisChecksumError(
                f"{parcel.key or parcel.digest.key!r} changed while it was being copied",
                hint="Nothing was published. Stop the writer and try again.",
            )
    return [Write(parcel.digest.key, data) for parcel, data in loaded]
