"""Bodies that are taken in piece by piece, compared with their checksums on the way."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import AsyncIterator
from typing import Self

import attrs
from starlette.requests import Request

from polaris.application.native_wire.bundle import BUNDLE_BYTES
from polaris.application.native_wire.content_digests import sha256_in
from polaris.errors import InvalidInputError, PolarisChecksumError
from polaris_adapters.hub_server.replies import Refused

__all__ = ["StreamedBody", "declared_length", "md5_in"]


@attrs.define(eq=False)
class StreamedBody:
    """The body of a request, of which only a piece is in memory at once.

    Attributes:
        request: The request; nothing of its body has been read.
        largest: Most bytes that are taken.
        size: Bytes that were announced; None if that was not said.
        sha256: What they have to have, 64 hex digits; None if that was not said. It is for whoever
            takes the pieces to look at: stores compute it anyway.
        md5: What they have to have, 32 hex digits; looked at here.
    """

    request: Request
    largest: int
    size: int | None = None
    sha256: str | None = None
    md5: str | None = None
    _read: int = attrs.field(default=0, init=False)

    @classmethod
    def of(cls, request: Request, *, largest: int) -> Self:
        """Return the body of a request (``Content-Digest`` and ``Repr-Digest`` of RFC 9530).

        Raises:
            Refused: It is encoded, or says that it is too long.
            InvalidInputError: Its length or a checksum cannot be one.
        """
        if request.headers.get("content-encoding", "identity").lower() != "identity":
            error = InvalidInputError(
                "The body is encoded", hint="Send it without Content-Encoding."
            )
            raise Refused(415, error)
        size = declared_length(request)
        sums = {
            found
            for name in ("content-digest", "repr-digest")
            if (found := sha256_in(request.headers.get(name), where="The body")) is not None
        }
        if len(sums) > 1:
            raise InvalidInputError(
                "Content-Digest and Repr-Digest differ", hint="The body is sent as it is stored."
            )
        body = cls(request, largest, size, next(iter(sums), None), md5_in(request))
        body._check_size(size or 0)
        return body

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the body; what is wrong with it is raised in place of its end.

        Raises:
            Refused: It is too long.
            InvalidInputError: It was cut.
            PolarisChecksumError: It does not have its ``Content-MD5``.
        """
        md5 = None if self.md5 is None else hashlib.md5(usedforsecurity=False)
        async for part in self.request.stream():
            self._read += len(part)
            self._check_size(self._read)
            if md5 is not None:
                md5.update(part)
            if part:
                yield part
        if self.size is not None and self._read != self.size:
            raise InvalidInputError(
                f"The body has {self._read} bytes where {self.size} were announced",
                hint="Send it again.",
            )
        if md5 is not None and md5.hexdigest() != self.md5:
            raise PolarisChecksumError(
                "The body is not what was sent: its MD5 differs from its Content-MD5",
                hint="It was changed on its way; send it again.",
            )

    async def pass_over(self) -> None:
        """Read what is left of a body that nobody wants, if it is not long.

        Callers that are answered before they have sent all take it for a broken connection.
        """
        if not self._read and self.size is not None and self.size <= BUNDLE_BYTES:
            async for _ in self.request.stream():
                pass

    def _check_size(self, size: int) -> None:
        if size > self.largest:
            hint = f"At most {self.largest} bytes are taken; send less at a time."
            raise Refused(413, InvalidInputError("The body is too long", hint=hint))


def declared_length(request: Request) -> int | None:
    """Return the length that a request says its body has; None if it does not say."""
    text = request.headers.get("content-length")
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise InvalidInputError(f"Content-Length cannot be {text!r:.80}", hint="Give a number.")
    return int(text)


def md5_in(request: Request) -> str | None:
    """Return the ``Content-MD5`` of a request as 32 hex digits; None if it has none (RFC 1864).

    Raises:
        InvalidInputError: It is none.
    """
    header = request.headers.get("content-md5")
    if header is None:
        return None
    try:
        found = base64.b64decode(header, validate=True)
    except (binascii.Error, ValueError):
        found = b""
    if len(found) != 16:
        raise InvalidInputError("Content-MD5 is not one", hint="Send 16 bytes in base64.")
    return found.hex()
