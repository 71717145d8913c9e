"""The order in which released hubs are sent the objects of an artifact."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence

import attrs

from polaris.application.object_keys import check_keys
from polaris.errors import AccessDeniedError, PolarisUnauthorizedError
from polaris.ports.storage import (
    Folder,
    IfExists,
    ObjectDigest,
    ObjectStat,
    Read,
    StoragePort,
    Write,
)

__all__ = ["InOrder"]


@attrs.frozen
class InOrder:
    """A store that is written to in the order of released clients.

    First what stands beside an archive, one after another: table, manifest, bitmaps. Then the
    consolidated metadata of archives, then all the rest at once. A hub that watches uploads arrive
    sees them as it always has.

    Attributes:
        inner: The store.
    """

    inner: StoragePort

    def __str__(self) -> str:
        return str(self.inner)

    async def put(
        self, writes: Sequence[Write], /, *, if_exists: IfExists = IfExists.REPLACE
    ) -> list[bool]:
        """See `StoragePort`."""
        check_keys([write.key for write in writes])
        if if_exists is IfExists.RAISE:
            return await self.inner.put(writes, if_exists=if_exists)
        written: dict[str, bool] = {}
        for step in _steps(writes):
            answers = await self.inner.put(step, if_exists=if_exists)
            written |= {write.key: new for write, new in zip(step, answers, strict=True)}
        return [written[write.key] for write in writes]

    async def get(self, reads: Sequence[Read], /) -> list[bytes | None]:
        """See `StoragePort`."""
        return await self.inner.get(reads)

    async def stat(self, keys: Sequence[str], /) -> list[ObjectStat | None]:
        """See `StoragePort`; where looking is not allowed, it is as if nothing were there.

        A right to write need not be one to look: released clients never do. Sending what has
        arrived once more does no harm.
        """
        try:
            return await self.inner.stat(keys)
        except (AccessDeniedError, PolarisUnauthorizedError):
            return [None] * len(keys)

    async def delete(self, keys: Sequence[str], /) -> None:
        """See `StoragePort`."""
        await self.inner.delete(keys)

    async def digest(self, keys: Sequence[str], /) -> list[ObjectDigest | None]:
        """See `StoragePort`."""
        return await self.inner.digest(keys)

    async def list_folder(self, prefix: str = "", /) -> Folder:
        """See `StoragePort`."""
        return await self.inner.list_folder(prefix)

    def list(self, prefix: str = "", /) -> AsyncIterator[Sequence[ObjectStat]]:
        """See `StoragePort`."""
        return self.inner.list(prefix)


def _steps(writes: Sequence[Write]) -> Iterator[Sequence[Write]]:
    beside = [write for write in writes if ".zarr/" not in write.key]
    yield from ([write] for write in beside)
    inside = [write for write in writes if ".zarr/" in write.key]
    consolidated = [write for write in inside if write.key.endswith(".zarr/.zmetadata")]
    if consolidated:
        yield consolidated
    rest = [write for write in inside if not write.key.endswith(".zarr/.zmetadata")]
    if rest:
        yield rest
