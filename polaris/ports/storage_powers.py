"""What a store of objects may offer besides `StoragePort`; none has to.

`polaris.application.storage_powers` uses each where it is there, and does without where it is not.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Literal, Protocol, runtime_checkable

import attrs

from polaris.ports.storage import IfExists, ObjectDigest, ObjectStat

__all__ = [
    "KeptSum",
    "KeptSums",
    "SignObjects",
    "SignRequest",
    "SignedRequest",
    "SortedObjects",
    "StreamObjects",
    "SweepObjects",
]


@runtime_checkable
class StreamObjects(Protocol):
    """Writes objects that need not be in memory at once."""

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
        """Write one object from its pieces; it appears at once when all have come, or not at all.

        Where ``pieces`` raises, that error is raised and nothing of the object is visible, nor is
        what was there before touched. Of two writers that may not replace, stores may let both
        write when an object has more bytes than they keep in memory (64 MiB for buckets).

        Args:
            key: Its key.
            pieces: Its content, in order. Left unread where ``if_exists`` settles the call before.
            if_exists: What to do where an object is already there.
            size: Bytes that have to come; None for any number.
            sha256: 64 hex digits that they have to have; None for any.

        Returns:
            Its checksums; None if ``if_exists`` is ``skip`` and it was there.

        Raises:
            ObjectExistsError: ``if_exists`` is ``raise`` and an object is there.
            PolarisChecksumError: The pieces are not what ``size`` and ``sha256`` say.
        """
        ...


@runtime_checkable
class SortedObjects(Protocol):
    """Lists objects in the order of their keys, from any key on."""

    def list_sorted(
        self, prefix: str = "", /, *, after: str = ""
    ) -> AsyncIterator[Sequence[ObjectStat]]:
        """Yield the objects below a folder whose keys come after ``after``, sorted by key.

        The order is that of code points, which is that of the keys' bytes in UTF-8. To begin far
        behind costs no more than the folders on the way there have entries. Otherwise as
        `StoragePort.list`.
        """
        ...


@attrs.frozen
class KeptSum:
    """What a store has kept of an object's content.

    Attributes:
        key: Its key.
        size: Bytes.
        sha256: 64 hex digits, computed from the bytes when they were written; None if it is not
            known any more.
    """

    key: str
    size: int
    sha256: str | None


@runtime_checkable
class KeptSums(Protocol):
    """Remembers the checksums of what was written."""

    async def kept_sums(self, keys: Sequence[str], /) -> list[KeptSum | None]:
        """Return what is known of each object without reading it; None where none is."""
        ...


@attrs.frozen
class SignRequest:
    """One request that somebody else is to be able to make.

    Attributes:
        method: ``GET`` (ranges may be asked for) or ``PUT``.
        key: Key of the object.
        size: Bytes that may be put; None for any number.
        sha256: 64 hex digits that they have to have; None for any.
        only_new: Whether the object must not be there yet.
    """

    method: Literal["GET", "PUT"]
    key: str
    size: int | None = None
    sha256: str | None = None
    only_new: bool = False


@attrs.frozen
class SignedRequest:
    """A request that needs no credentials: its address holds them.

    Attributes:
        method: As asked for.
        url: Absolute address; good for this method and object only.
        headers: What the request has to carry, by name in lower case.
        expires_at: When it is good no more, UTC.
    """

    method: Literal["GET", "PUT"]
    url: str = attrs.field(repr=False)
    headers: Mapping[str, str]
    expires_at: datetime


@runtime_checkable
class SignObjects(Protocol):
    """Lets others read and write objects without a way through this process."""

    async def sign(
        self, requests: Sequence[SignRequest], /, *, seconds: int
    ) -> list[SignedRequest | None]:
        """Return each request signed; None for those that the store cannot let others make.

        The store itself holds whoever uses an address to ``size``, ``sha256`` and ``only_new``.

        Args:
            requests: The requests.
            seconds: How long they are good.
        """
        ...


@runtime_checkable
class SweepObjects(Protocol):
    """Can tell what is left of objects whose writers died before these were whole.

    It is in no listing, and nobody goes on with it.
    """

    async def sweep(self, before: datetime, /, *, remove: bool) -> list[ObjectStat]:
        """Return what nobody has written to since a moment, sorted by key.

        Args:
            before: The moment, UTC; long enough ago for every writer that lives to have gone on.
            remove: Whether to remove it too.

        Returns:
            Name, bytes and time of each; the names cannot be keys of objects.
        """
        ...
