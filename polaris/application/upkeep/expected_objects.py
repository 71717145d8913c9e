"""Which objects a revision has to have, as far as the hub can say."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import attrs

from polaris.application.layout import MANIFEST
from polaris.application.upkeep.areas import has_folder
from polaris.domain.checksums.sha256sums import Sha256Manifest
from polaris.errors import DamagedFileError
from polaris.ports.storage import Read, StoragePort
from polaris.ports.upkeep_ledger import RevisionName

__all__ = ["Seal", "at_most", "read_seal"]

T = TypeVar("T")
R = TypeVar("R")
# Revisions that are looked at side by side.
_AT_ONCE = 16


@attrs.frozen
class Seal:
    """The manifest of a revision's objects in one store.

    Attributes:
        manifest: The checksums; of nothing where there is no manifest.
        sha256: Checksum of the manifest itself; None where there is none.
        fault: Why it cannot be read; ``""`` if it can, or is not there.
        is_exact: Whether it is there byte by byte as it was written.
    """

    manifest: Sha256Manifest
    sha256: str | None = None
    fault: str = ""
    is_exact: bool = True


async def read_seal(store: StoragePort, name: RevisionName) -> Seal:
    """Return the manifest of a revision's objects."""
    if not has_folder(name):
        return Seal(Sha256Manifest.of({}), fault=f"{name} has a name that no artifact can have")
    [data] = await store.get([Read(f"{name.folder}/{MANIFEST}")])
    if data is None:
        return Seal(Sha256Manifest.of({}))
    sha256 = hashlib.sha256(data).hexdigest()
    try:
        manifest = Sha256Manifest.parse(data.decode())
        return Seal(manifest, sha256, is_exact=manifest.text.encode() == data)
    except (DamagedFileError, UnicodeDecodeError) as error:
        return Seal(Sha256Manifest.of({}), sha256, fault=str(error))


async def at_most(
    items: Sequence[T], work: Callable[[T], Awaitable[R]], *, limit: int = _AT_ONCE
) -> list[R]:
    """Do some work on each item, a bounded number of them side by side; keep their order."""
    gate = asyncio.Semaphore(limit)

    async def one(item: T) -> R:
        async with gate:
            return await work(item)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(item)) for item in items]
    return [task.result() for task in tasks]
