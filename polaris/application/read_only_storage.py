"""A store of which the caller may read only."""

from __future__ import annotations

import builtins
from collections.abc import AsyncIterable, AsyncIterator, Sequence

import attrs

from polaris.application.object_keys import check_keys
from polaris.application.storage_powers import kept_sums, list_sorted, sign_objects
from polaris.errors import PolarisUnauthorizedError
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

__all__ = ["ReadOnlyStorage"]


@attrs.frozen
class ReadOnlyStorage:
    """Another store, seen by somebody who may read it but not write.

    Attributes:
        inner: The store.
    """

    inner: StoragePort

    def __str__(self) -> str:
        return str(self.inner)

    async def get(self, reads: Sequence[Read], /) -> builtins.list[bytes | None]:
        """See `ReadObjects.get`."""
        return await self.inner.get(reads)

    async def stat(self, keys: Sequence[str], /) -> builtins.list[ObjectStat | None]:
        """See `ReadObjects.stat`."""
        return await self.inner.stat(keys)

    async def put(
        self, writes: Sequence[Write], /, *, if_exists: IfExists = IfExists.REPLACE
    ) -> builtins.list[bool]:
        """Refuse, unless there is nothing to write.

        Raises:
            PolarisUnauthorizedError: Always, with the first key.
        """
        self._refuse([write.key for write in writes])
        return []

    async def delete(self, keys: Sequence[str], /) -> None:
        """Refuse, unless there is nothing to remove.

        Raises:
            PolarisUnauthorizedError: Always, with the first key.
        """
        self._refuse(keys)

    async def list(self, prefix: str = "", /) -> AsyncIterator[Sequence[ObjectStat]]:
        """See `ListObjects.list`."""
        async for page in self.inner.list(prefix):
            yield page

    async def list_folder(self, prefix: str = "", /) -> Folder:
        """See `ListObjects.list_folder`."""
        return await self.inner.list_folder(prefix)

    async def digest(self, keys: Sequence[str], /) -> builtins.list[ObjectDigest | None]:
        """See `DigestObjects.digest`."""
        return await self.inner.digest(keys)

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
        """Refuse.

        Raises:
            PolarisUnauthorizedError: Always.
        """
        self._refuse([key])
        return None

    async def list_sorted(
        self, prefix: str = "", /, *, after: str = ""
    ) -> AsyncIterator[Sequence[ObjectStat]]:
        """See `SortedObjects`."""
        async for page in list_sorted(self.inner, prefix, after=after):
            yield page

    async def kept_sums(self, keys: Sequence[str], /) -> builtins.list[KeptSum | None]:
        """See `KeptSums`."""
        return await kept_sums(self.inner, keys)

    async def sign(
        self, requests: Sequence[SignRequest], /, *, seconds: int
    ) -> builtins.list[SignedRequest | None]:
        """See `SignObjects`; refuses those that write."""
        self._refuse([request.key for request in requests if request.method != "GET"])
        return await sign_objects(self.inner, requests, seconds=seconds)

    def _refuse(self, keys: Sequence[str]) -> None:
        if check_keys(keys):
            raise PolarisUnauthorizedError(
                f"Cannot change {keys[0]!r}: the store was opened for reading",
                hint="Open it with write=True.",
            )
