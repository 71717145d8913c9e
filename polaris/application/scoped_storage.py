"""A folder of a store, seen as a store."""

from __future__ import annotations

import builtins
from collections.abc import AsyncIterable, AsyncIterator, Sequence

import attrs

from polaris.application.object_keys import already_there, check_folder
from polaris.application.object_tree import joined
from polaris.application.storage_powers import kept_sums, list_sorted, put_stream, sign_objects
from polaris.errors import ObjectExistsError
from polaris.ports.storage import (
    Folder,
    IfExists,
    ObjectDigest,
    ObjectStat,
    Read,
    StoragePort,
    Write,
)
from polaris.ports.storage_powers import KeptSum, SignedRequest, SignRequest

__all__ = ["ScopedStorage"]


@attrs.frozen
class ScopedStorage:
    """The objects below a folder of another store; keys are relative to the folder.

    Attributes:
        inner: The store.
        prefix: The folder.
    """

    inner: StoragePort
    prefix: str

    def __str__(self) -> str:
        return joined(str(self.inner), self.prefix)

    def _outer(self, key: str) -> str:
        return joined(self.prefix, key)

    def _relative(self, stat: ObjectStat) -> ObjectStat:
        return attrs.evolve(stat, key=stat.key[len(self.prefix) + 1 :])

    async def get(self, reads: Sequence[Read], /) -> list[bytes | None]:
        """See `StoragePort`."""
        return await self.inner.get([Read(self._outer(read.key), read.range) for read in reads])

    async def stat(self, keys: Sequence[str], /) -> list[ObjectStat | None]:
        """See `StoragePort`."""
        found = await self.inner.stat([self._outer(key) for key in keys])
        return [None if stat is None else self._relative(stat) for stat in found]

    async def put(
        self, writes: Sequence[Write], /, *, if_exists: IfExists = IfExists.REPLACE
    ) -> list[bool]:
        """See `StoragePort`."""
        outer = [Write(self._outer(write.key), write.data) for write in writes]
        try:
            return await self.inner.put(outer, if_exists=if_exists)
        except ObjectExistsError as cause:
            cut = len(self.prefix) + 1
            raise already_there([key[cut:] for key in cause.keys]) from cause

    async def delete(self, keys: Sequence[str], /) -> None:
        """See `StoragePort`."""
        await self.inner.delete([self._outer(key) for key in keys])

    async def digest(self, keys: Sequence[str], /) -> list[ObjectDigest | None]:
        """See `StoragePort`."""
        found = await self.inner.digest([self._outer(key) for key in keys])
        cut = len(self.prefix) + 1
        return [None if d is None else attrs.evolve(d, key=d.key[cut:]) for d in found]

    async def list_folder(self, prefix: str = "", /) -> Folder:
        """See `StoragePort`."""
        found = await self.inner.list_folder(self._outer(prefix) if prefix else self.prefix)
        return Folder(found.folders, tuple(self._relative(stat) for stat in found.objects))

    async def list(self, prefix: str = "", /) -> AsyncIterator[Sequence[ObjectStat]]:
        """See `StoragePort`."""
        folder = self._outer(prefix) if prefix else self.prefix
        async for batch in self.inner.list(folder):
            yield [self._relative(stat) for stat in batch]

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
        """See `StreamObjects`."""
        try:
            found = await put_stream(
                self.inner,
                self._outer(key),
                pieces,
                if_exists=if_exists,
                size=size,
                sha256=sha256,
            )
        except ObjectExistsError as cause:
            raise already_there([key]) from cause
        return found and attrs.evolve(found, key=key)

    async def list_sorted(
        self, prefix: str = "", /, *, after: str = ""
    ) -> AsyncIterator[Sequence[ObjectStat]]:
        """See `SortedObjects`."""
        folder = self._outer(check_folder(prefix)) if prefix else self.prefix
        behind = self._outer(after) if after else ""
        async for batch in list_sorted(self.inner, folder, after=behind):
            yield [self._relative(stat) for stat in batch]

    async def kept_sums(self, keys: Sequence[str], /) -> builtins.list[KeptSum | None]:
        """See `KeptSums`."""
        found = await kept_sums(self.inner, [self._outer(key) for key in keys])
        cut = len(self.prefix) + 1
        return [None if s is None else attrs.evolve(s, key=s.key[cut:]) for s in found]

    async def sign(
        self, requests: Sequence[SignRequest], /, *, seconds: int
    ) -> builtins.list[SignedRequest | None]:
        """See `SignObjects`."""
        outer = [attrs.evolve(request, key=self._outer(request.key)) for request in requests]
        return await sign_objects(self.inner, outer, seconds=seconds)
