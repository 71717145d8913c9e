"""Bytes under keys: the port behind which folders, buckets and hubs keep objects."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

import attrs

from polaris.errors import InvalidInputError

__all__ = [
    "ByteRange",
    "DigestObjects",
    "Folder",
    "IfExists",
    "ListObjects",
    "Md5Objects",
    "ObjectDigest",
    "ObjectStat",
    "Read",
    "ReadObjects",
    "StoragePort",
    "Write",
    "WriteObjects",
    "digest_of",
]


class IfExists(StrEnum):
    """What a write does where an object is already there."""

    RAISE = "raise"
    REPLACE = "replace"
    SKIP = "skip"


@attrs.frozen
class ByteRange:
    """A part of an object.

    Attributes:
        start: First byte; a negative number counts from the end, and ``stop`` must then be None.
        stop: Byte after the last one; None for the end of the object. Past the end is cut.
    """

    start: int
    stop: int | None = attrs.field(default=None)

    @stop.validator
    def _check(self, _: object, stop: int | None) -> None:
        if stop is not None and (self.start < 0 or stop < self.start):
            raise InvalidInputError(
                f"({self.start}, {stop}) is not a range of bytes",
                hint="Give start <= stop, both from 0; or a negative start alone.",
            )


@attrs.frozen
class Read:
    """One object, or a part of it, to be read."""

    key: str
    range: ByteRange | None = None


@attrs.frozen
class Write:
    """One object to be written whole."""

    key: str
    data: bytes | bytearray | memoryview = attrs.field(repr=lambda data: f"{len(data)} bytes")


@attrs.frozen
class ObjectStat:
    """What a store knows of an object without reading it.

    Attributes:
        key: Its key.
        size: Bytes.
        modified: When it was last written, with time zone, if the store knows.
    """

    key: str
    size: int
    modified: datetime | None = None


@attrs.frozen
class ObjectDigest:
    """Checksums of an object's content, computed from its bytes.

    Attributes:
        key: Its key.
        size: Bytes.
        md5: 32 hex digits.
        sha256: 64 hex digits.
    """

    key: str
    size: int
    md5: str
    sha256: str


def digest_of(key: str, data: bytes) -> ObjectDigest:
    """Return the checksums of an object whose bytes are in memory."""
    md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
    return ObjectDigest(key, len(data), md5, hashlib.sha256(data).hexdigest())


@attrs.frozen
class Folder:
    """What lies directly below a prefix.

    Attributes:
        folders: Names one level down that hold objects, sorted, without ``/``.
        objects: Objects directly in the folder, sorted by key; keys are whole.
    """

    folders: tuple[str, ...]
    objects: tuple[ObjectStat, ...]


class ReadObjects(Protocol):
    """Reads objects in batches."""

    async def get(self, reads: Sequence[Read], /) -> list[bytes | None]:
        """Return the bytes of each object or part, in the order asked for; None where none is.

        An empty range, or one that starts at or past the end, gives ``b""``. A range that ends past
        the end is cut. Several reads of one key are allowed.
        """
        ...

    async def stat(self, keys: Sequence[str], /) -> list[ObjectStat | None]:
        """Return size and time of each object in the order asked for; None where none is."""
        ...


class WriteObjects(Protocol):
    """Writes and removes objects in batches."""

    async def put(
        self, writes: Sequence[Write], /, *, if_exists: IfExists = IfExists.REPLACE
    ) -> list[bool]:
        """Write each object whole, in any order; an object appears at once or not at all.

        With two writes of one key in a batch, one of them wins. Concurrent writers of one key leave
        the object of one of them, never a mixture. When a write fails or the call is cancelled,
        some of the batch's other objects may have been written.

        Returns:
            For each write, True if it was written, False if ``if_exists`` is ``skip`` and it was
            there.

        Raises:
            ObjectExistsError: ``if_exists`` is ``raise`` and an object is there; that object is
                untouched, and exactly one of several concurrent writers of one key succeeds.
        """
        ...

    async def delete(self, keys: Sequence[str], /) -> None:
        """Remove objects; those that are not there are passed over."""
        ...


class ListObjects(Protocol):
    """Lists objects."""

    def list(self, prefix: str = "", /) -> AsyncIterator[Sequence[ObjectStat]]:
        """Yield every object below a folder, in batches, in no particular order.

        ``prefix`` is a folder path: ``a/b`` yields ``a/b/c`` but not ``a/bc``; ``""`` yields all.
        Objects written or removed meanwhile may or may not appear. An empty or missing folder
        yields nothing. Half-written objects never appear.
        """
        ...

    async def list_folder(self, prefix: str = "", /) -> Folder:
        """Return what lies directly below a folder; an empty `Folder` where there is none."""
        ...


class DigestObjects(Protocol):
    """Computes checksums where the bytes are."""

    async def digest(self, keys: Sequence[str], /) -> list[ObjectDigest | None]:
        """Read each object and return its checksums, in the order asked for; None where none is."""
        ...


@runtime_checkable
class Md5Objects(Protocol):
    """What a store may offer besides: MD5 sums alone, which take half the time of `digest`."""

    async def md5(self, keys: Sequence[str], /) -> list[tuple[str, int] | None]:
        """Read each object, and return its MD5 (32 hex digits) and size; None where none is."""
        ...


class StoragePort(ReadObjects, WriteObjects, ListObjects, DigestObjects, Protocol):
    """Objects of bytes under keys.

    Keys are relative POSIX paths without ``.``, ``..``, empty parts or a leading or trailing ``/``,
    without control characters, whose parts have at most 240 bytes in UTF-8 and do not end in ``#``
    and digits, which is how folder stores mark half-written objects (`InvalidNameError` otherwise;
    checked before anything is done, by `polaris.application.object_keys`). Any other character may
    occur. An object ``a`` and an object ``a/b`` at once need not be possible.
    The verbs take batches: one call moves many objects at once, bounded by a budget in bytes, and
    may be made from any event loop and any thread. Content is never cached: a read that starts
    after a write has returned sees it. Failures of the store are `StorageError`, or a
    `PolarisUnauthorizedError` where access is denied; ``retryable`` tells whether another try may
    help.
    """
