"""Objects of uploads as they come in: as one body, or from parts that are there already."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from typing import Protocol

from polaris.errors import InvalidInputError, PolarisChecksumError
from polaris_adapters.hub_server.released.expected import Sum
from polaris_adapters.hub_server.replies import Refused

__all__ = ["AnyBody", "checked_pieces", "in_memory"]


class AnyBody(Protocol):
    """Content that comes in pieces."""

    @property
    def size(self) -> int | None:
        """Bytes that were announced; None if that was not said."""
        ...

    @property
    def sha256(self) -> str | None:
        """What they have to have, 64 hex digits; None if that was not said."""
        ...

    def pieces(self) -> AsyncIterator[bytes]:
        """Yield the content; what is wrong with it is raised in place of its end."""
        ...


async def in_memory(body: AnyBody, largest: int) -> bytes:
    """Return content as a whole.

    Raises:
        Refused: It is too long for that.
        PolarisChecksumError: It is not what was announced with it.
    """
    parts: list[bytes] = []
    size = 0
    async for piece in body.pieces():
        size += len(piece)
        if size > largest:
            hint = f"At most {largest} bytes are taken of what has to be decoded."
            raise Refused(413, InvalidInputError("The object is too long", hint=hint))
        parts.append(piece)
    data = b"".join(parts)
    if body.sha256 not in (None, hashlib.sha256(data).hexdigest()):
        raise PolarisChecksumError(
            "The body is not what was sent: its sha-256 differs", hint="Send it again."
        )
    return data


async def checked_pieces(body: AnyBody, key: str, wanted: Sum) -> AsyncIterator[bytes]:
    """Yield content, and compare it at its end with what was announced of the object.

    Raises:
        PolarisChecksumError: It is not that.
    """
    md5, size = hashlib.md5(usedforsecurity=False), 0
    async for piece in body.pieces():
        md5.update(piece)
        size += len(piece)
        yield piece
    wanted.check(key, size, md5.hexdigest())
