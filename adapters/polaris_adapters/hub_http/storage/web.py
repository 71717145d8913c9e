"""Objects at addresses of the web, which anybody may read."""

from __future__ import annotations

import asyncio
import builtins
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from email.utils import parsedate_to_datetime
from typing import TypeVar
from urllib.parse import quote

import attrs

from polaris.application.object_keys import check_folder, check_keys
from polaris.errors import (
    ArtifactNotFoundError,
    HubReplyError,
    PolarisHubError,
    PolarisUnauthorizedError,
    StorageError,
)
from polaris.ports.storage import (
    ByteRange,
    Folder,
    IfExists,
    ObjectDigest,
    ObjectStat,
    Read,
    Write,
    digest_of,
)
from polaris_adapters.hub_http.call import Call
from polaris_adapters.hub_http.family import httpx
from polaris_adapters.hub_http.session import HttpSession
from polaris_adapters.hub_http.storage.archive_listing import archive_keys

__all__ = ["WebStorage", "at_once", "part_of"]

T = TypeVar("T")
R = TypeVar("R")

# Requests under way at once.
_AT_ONCE = 16


async def at_once(
    call: Callable[[T], Awaitable[R]], items: Sequence[T], *, most: int = _AT_ONCE
) -> list[R]:
    """Return what each call gave, in order; so many at a time. The first failure ends all."""
    gate = asyncio.Semaphore(most)

    async def one(item: T) -> R:
        async with gate:
            return await call(item)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(item)) for item in items]
    except BaseExceptionGroup as failures:
        first = failures.exceptions[0]
        # Its own cause stays: it tells what was wrong with the hub.
        raise first from first.__cause__
    return [task.result() for task in tasks]


def range_header(part: ByteRange | None) -> dict[str, str]:
    """Return the header that asks for a part of an object (RFC 9110 section 14.2)."""
    if part is None:
        return {}
    if part.start < 0:
        return {"range": f"bytes={part.start}"}
    last = "" if part.stop is None else str(part.stop - 1)
    return {"range": f"bytes={part.start}-{last}"}


def part_of(data: bytes, part: ByteRange | None, status: int) -> bytes:
    """Return the part that was asked for, whether the server sent that or all of the object."""
    if part is None or status == 206:
        return data
    start = part.start if part.start >= 0 else max(0, len(data) + part.start)
    return data[start : part.stop]


@attrs.frozen
class WebStorage:
    """A `StoragePort` over addresses below one address; it can only be read.

    What is there cannot be listed, but for the files of a Zarr archive of format 2: those are known
    from its consolidated metadata, and asked for one by one.

    Attributes:
        session: Makes the requests, without anybody's token.
        root: Address of the folder.
        query: What stands behind every address.
    """

    session: HttpSession
    root: str
    query: str = attrs.field(default="", repr=False)

    def __str__(self) -> str:
        return self.root

    def _address(self, key: str) -> str:
        return f"{self.root.rstrip('/')}/{quote(key)}{self.query}"

    async def _ask(
        self, method: str, key: str, headers: dict[str, str] | None = None
    ) -> httpx.Response | None:
        """Return the reply for an object; None where there is none.

        Raises:
            StorageError: The server refused or failed.
        """
        call = Call(
            method,
            self._address(key),
            f"read {key}",
            # Ranges and checksums are those of the bytes as they are stored.
            headers={"accept-encoding": "identity", **(headers or {})},
            authorize=False,
            expect=(200, 206, 416),
            largest=None,
        )
        try:
            return await self.session.send(call)
        except ArtifactNotFoundError:
            return None
        except PolarisUnauthorizedError as cause:
            raise PolarisUnauthorizedError(
                f"{self.root} does not give out {key!r}: {cause.message}", hint=cause.hint
            ) from cause
        except PolarisHubError as cause:
            raise StorageError(cause.message, hint=cause.hint) from cause

    async def get(self, reads: Sequence[Read], /) -> builtins.list[bytes | None]:
        """See `StoragePort`."""
        check_keys([read.key for read in reads])
        return await at_once(self._get, reads)

    async def _get(self, read: Read) -> bytes | None:
        part = read.range
        if part is not None and part.stop is not None and part.stop == part.start:
            return None if await self._stat(read.key) is None else b""
        reply = await self._ask("GET", read.key, range_header(part))
        if reply is None:
            return None
        return b"" if reply.status_code == 416 else part_of(reply.content, part, reply.status_code)

    async def stat(self, keys: Sequence[str], /) -> builtins.list[ObjectStat | None]:
        """See `StoragePort`."""
        check_keys(keys)
        return await at_once(self._stat, keys)

    async def _stat(self, key: str) -> ObjectStat | None:
        reply = await self._ask("HEAD", key)
        if reply is None:
            return None
        try:
            size = int(reply.headers["content-length"])
        except (KeyError, ValueError) as cause:
            raise HubReplyError(f"{self.root} does not tell the size of {key!r}") from cause
        modified = reply.headers.get("last-modified")
        try:
            moment = None if modified is None else parsedate_to_datetime(modified)
        except ValueError:
            moment = None
        return ObjectStat(key, size, moment if moment is not None and moment.tzinfo else None)

    async def digest(self, keys: Sequence[str], /) -> builtins.list[ObjectDigest | None]:
        """See `StoragePort`; the objects are fetched for it."""
        check_keys(keys)
        return await at_once(self._digest, keys)

    async def _digest(self, key: str) -> ObjectDigest | None:
        data = await self._get(Read(key))
        return None if data is None else digest_of(key, data)

    async def list(self, prefix: str = "", /) -> AsyncIterator[Sequence[ObjectStat]]:
        """See `StoragePort`.

        Raises:
            StorageError: There is no archive there, and nothing else can be listed.
        """
        check_folder(prefix)
        head = f"{prefix}/" if prefix else ""
        metadata = await self._get(Read(f"{head}.zmetadata"))
        if metadata is None:
            raise StorageError(
                f"What lies in {self.root} cannot be listed: it has no consolidated metadata",
                hint="Its publisher has to run zarr.consolidate_metadata on it.",
            )
        for batch in archive_keys(metadata, source=f"{self.root}/{head}.zmetadata"):
            found = await self.stat([head + key for key in batch])
            there = [stat for stat in found if stat is not None]
            if there:
                yield there

    async def list_folder(self, prefix: str = "", /) -> Folder:
        """See `StoragePort`; of a folder of an archive it is told that it is there."""
        check_folder(prefix)
        head = f"{prefix}/" if prefix else ""
        names = (".zmetadata", ".zgroup", ".zarray", "zarr.json")
        found = await self.stat([head + name for name in names])
        return Folder((), tuple(stat for stat in found if stat is not None))

    async def put(
        self, writes: Sequence[Write], /, *, if_exists: IfExists = IfExists.REPLACE
    ) -> builtins.list[bool]:
        """Refuse, unless there is nothing to write."""
        self._refuse([write.key for write in writes])
        return []

    async def delete(self, keys: Sequence[str], /) -> None:
        """Refuse, unless there is nothing to remove."""
        self._refuse(keys)

    def _refuse(self, keys: Sequence[str]) -> None:
        if check_keys(keys):
            raise PolarisUnauthorizedError(
                f"Cannot change {keys[0]!r}: {self.root} can only be read",
                hint="Publish a new version of the artifact.",
            )
