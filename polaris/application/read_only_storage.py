"""A store of which the caller may read only."""

from __future__ import annotations

import builtins
from collections.abc import AsyncIterator, Sequence

import attrs

from polaris.application.object_keys import check_keys
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

    def _refuse(self, keys: Sequence[str]) -> None:
        if check_keys(keys):
            raise PolarisUnauthorizedError(
                f"Cannot change {keys[0]!r}: the store was opened for reading",
                hint="Open it with write=True.",
            )
