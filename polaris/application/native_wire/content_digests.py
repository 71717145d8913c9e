"""Digests of bodies, in the header ``Content-Digest``.

Source: RFC 9530.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re

from polaris.errors import InvalidInputError, PolarisChecksumError

__all__ = ["check_content_digest", "content_digest", "sha256_in"]

_SHA256 = re.compile(r"(?:^|,)\s*sha-256\s*=\s*:([^:,]*):", re.IGNORECASE)


def content_digest(data: bytes) -> str:
    """Return the value of the header for a body."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(data).digest()).decode()}:"


def check_content_digest(data: bytes, header: str | None, *, where: str) -> None:
    """Compare a body with the header that came with it; headers without sha-256 say nothing.

    Raises:
        InvalidInputError: The header is not one.
        PolarisChecksumError: The body is not what was sent.
    """
    expected = sha256_in(header, where=where)
    if expected is None:
        return
    if not hmac.compare_digest(hashlib.sha256(data).hexdigest(), expected):
        raise PolarisChecksumError(
            f"{where} is not what was sent: its sha-256 differs from its Content-Digest",
            hint="It was changed on its way; send it again.",
        )


def sha256_in(header: str | None, *, where: str) -> str | None:
    """Return the sha-256 in a header as hex digits; None where there is none.

    Raises:
        InvalidInputError: The header is not one.
    """
    found = _SHA256.search(header or "")
    if found is None:
        return None
    try:
        return base64.b64decode(found[1], validate=True).hex()
    except (binascii.Error, ValueError) as cause:
        raise InvalidInputError(
            f"The digest of {where} is not base64", hint="Write sha-256=:…: as RFC 9530 says."
        ) from cause
