"""A zarr store over a `StoragePort`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from typing import Self

from zarr.abc.store import (
    ByteRequest,
    OffsetByteRequest,
    RangeByteRequest,
    Store,
    SuffixByteRequest,
)
from zarr.core.buffer import Buffer, BufferPrototype

from polaris.application.object_tree import batches, joined
from polaris.errors import InvalidInputError, ObjectNotFoundError
from polaris.ports.storage import ByteRange, IfExists, Read, StoragePort, Write

__all__ = ["StoragePortStore"]


def _byte_range(request: ByteRequest | None) -> ByteRange | None:
    """Return a range as storage takes it."""
    match request:
        case None:
            return None
        case RangeByteRequest(start, end):
            return ByteRange(start, end)
        case OffsetByteRequest(offset):
            return ByteRange(offset)
        case SuffixByteRequest(suffix):
            return ByteRange(-suffix) if suffix else ByteRange(0, 0)
    raise InvalidInputError(
        f"Unexpected byte_range, got {request!r}", hint="Give one of zarr's byte requests."
    )


class StoragePortStore(Store):
    """The objects below a folder of a `StoragePort`, as a zarr store.

    Its verbs work from any event loop, so that zarr may call them on its own. Errors are those of
    the storage. It can be pickled when its storage can.

    Args:
        storage: Holds the objects.
        prefix: The folder; ``""`` for the storage itself.
        read_only: Refuse every change.

    Attributes:
        storage: See above.
        prefix: See above.
    """

    def __init__(self, storage: StoragePort, prefix: str = "", *, read_only: bool = False) -> None:
        super().__init__(read_only=read_only)
        self.storage = storage
        self.prefix = prefix

    def with_read_only(self, read_only: bool = False) -> Self:
        """Return the same store, writable or not."""
        return type(self)(self.storage, self.prefix, read_only=read_only)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StoragePortStore) and (
            (self.storage, self.prefix, self.read_only)
            == (other.storage, other.prefix, other.read_only)
        )

    __hash__ = None  # type: ignore[assignment]

    def __str__(self) -> str:
        return joined(str(self.storage), self.prefix) if self.prefix else str(self.storage)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.storage!r}, {self.prefix!r})"

    def _key(self, key: str) -> str:
        return joined(self.prefix, key)

    def _folder(self, prefix: str) -> str:
        below = prefix.strip("/")
        return joined(self.prefix, below) if below else self.prefix

    def _check_writable(self) -> None:
        if self.read_only:
            raise InvalidInputError(
                "The store was opened in read-only mode and does not support writing",
                hint="Open the archive with mode='r+'.",
            )

    # -- reading ------------------------------------------------------------------------------

    async def get(
        self, key: str, prototype: BufferPrototype, byte_range: ByteRequest | None = None
    ) -> Buffer | None:
        """Return an object or a part of it; None where there is none."""
        [found] = await self.get_partial_values(prototype, [(key, byte_range)])
        return found

    async def get_partial_values(
        self,
        prototype: BufferPrototype,
        key_ranges: Iterable[tuple[str, ByteRequest | None]],
    ) -> list[Buffer | None]:
        """Return objects or parts of them, in the order asked for, read in one batch."""
        reads = [Read(self._key(key), _byte_range(part)) for key, part in key_ranges]
        found = await self.storage.get(reads) if reads else []
        return [None if data is None else prototype.buffer.from_bytes(data) for data in found]

    async def _get_many(
        self, requests: Iterable[tuple[str, BufferPrototype, ByteRequest | None]]
    ) -> AsyncGenerator[tuple[str, Buffer | None], None]:
        asked = list(requests)
        reads = [Read(self._key(key), _byte_range(part)) for key, _, part in asked]
        found = await self.storage.get(reads) if reads else []
        for (key, prototype, _), data in zip(asked, found, strict=True):
            yield key, None if data is None else prototype.buffer.from_bytes(data)

    async def exists(self, key: str) -> bool:
        """Tell whether there is such an object."""
        [stat] = await self.storage.stat([self._key(key)])
        return stat is not None

    async def getsize(self, key: str) -> int:
        """Return the size of an object in bytes.

        Raises:
            ObjectNotFoundError: There is none.
        """
        [stat] = await self.storage.stat([self._key(key)])
        if stat is None:
            raise ObjectNotFoundError(
                f"There is no object {self._key(key)!r}", hint="Check the archive's path."
            )
        return stat.size

    async def getsize_prefix(self, prefix: str) -> int:
        """Return how many bytes the objects below a folder have."""
        folder = self._folder(prefix)
        return sum([stat.size async for page in self.storage.list(folder) for stat in page])

    # -- writing ------------------------------------------------------------------------------

    @property
    def supports_writes(self) -> bool:
        """True."""
        return True

    @property
    def supports_deletes(self) -> bool:
        """True."""
        return True

    async def set(self, key: str, value: Buffer) -> None:
        """Write an object."""
        await self._set_many([(key, value)])

    async def _set_many(self, values: Iterable[tuple[str, Buffer]]) -> None:
        self._check_writable()
        writes = [Write(self._key(key), value.as_buffer_like()) for key, value in values]
        if writes:
            await self.storage.put(writes)

    async def set_if_not_exists(self, key: str, value: Buffer) -> None:
        """Write an object unless one is there; safe with several writers."""
        self._check_writable()
        write = Write(self._key(key), value.as_buffer_like())
        await self.storage.put([write], if_exists=IfExists.SKIP)

    async def delete(self, key: str) -> None:
        """Remove an object; nothing happens if there is none."""
        self._check_writable()
        await self.storage.delete([self._key(key)])

    async def delete_dir(self, prefix: str) -> None:
        """Remove all objects below a folder."""
        self._check_writable()
        folder = self._folder(prefix)
        keys = [stat.key async for page in self.storage.list(folder) for stat in page]
        for batch in batches(keys):
            await self.storage.delete(batch)

    # -- listing ------------------------------------------------------------------------------

    @property
    def supports_listing(self) -> bool:
        """True."""
        return True

    def list(self) -> AsyncIterator[str]:
        """Yield all keys."""
        return self.list_prefix("")

    async def list_prefix(self, prefix: str) -> AsyncIterator[str]:
        """Yield all keys that start with a text."""
        cut = len(self.prefix) + 1 if self.prefix else 0
        async for page in self.storage.list(self._folder(prefix.rpartition("/")[0])):
            for stat in page:
                if stat.key.startswith(prefix, cut):
                    yield stat.key[cut:]

    async def list_dir(self, prefix: str) -> AsyncIterator[str]:
        """Yield the names directly below a folder, of objects and of folders."""
        found = await self.storage.list_folder(self._folder(prefix))
        for name in found.folders:
            yield name
        for stat in found.objects:
            yield stat.key.rpartition("/")[2]
