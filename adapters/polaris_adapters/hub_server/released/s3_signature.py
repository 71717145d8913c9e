"""Checking the signature of a call in the dialect of S3.

Source: AWS Signature Version 4 (Amazon S3 API Reference, "Authenticating Requests: Using the
Authorization Header").
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote

import attrs

__all__ = ["UNSIGNED", "Signature", "SignatureFault", "parse_signature"]

UNSIGNED = "UNSIGNED-PAYLOAD"
_HEADER = re.compile(
    r"AWS4-HMAC-SHA256\s+Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*"
    r"Signature=([0-9a-f]{64})"
)
_SKEW = timedelta(minutes=15)
# Without these, a signature could be put on another call.
_NEEDED = {"host", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256"}


class SignatureFault(Exception):
    """A call is not signed as it has to be.

    Args:
        code: Error code of S3.
        message: What is wrong.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@attrs.frozen
class Signature:
    """The signature of a call.

    Attributes:
        access_key: Who signed.
        scope: Date, region, service and ``aws4_request``.
        headers: Names of the headers that are signed, in order.
        value: 64 hex digits.
    """

    access_key: str
    scope: tuple[str, str, str, str]
    headers: tuple[str, ...]
    value: str

    def check(
        self,
        *,
        secret: str,
        method: str,
        path: str,
        query: Sequence[tuple[str, str]],
        headers: Mapping[str, str],
        now: datetime,
    ) -> None:
        """Compare it with the one that the call should have.

        Args:
            secret: The secret of the access key.
            method: The method.
            path: The path as it was sent.
            query: Names and values, decoded.
            headers: By name, in lower case.
            now: The time.

        Raises:
            SignatureFault: It is not that, or the call is too old.
        """
        missing = _NEEDED - set(self.headers)
        if missing:
            raise SignatureFault("AccessDenied", f"Not signed: {', '.join(sorted(missing))}")
        stamp = headers.get("x-amz-date", "")
        try:
            moment = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        except ValueError as cause:
            raise SignatureFault("AccessDenied", "x-amz-date is not a time") from cause
        if abs(moment - now) > _SKEW:
            raise SignatureFault("RequestTimeTooSkewed", "The clocks differ by too much")
        if not stamp.startswith(self.scope[0]):
            raise SignatureFault("SignatureDoesNotMatch", "The date of the scope is another")
        canonical = "\n".join(
            [
                method,
                _encoded(unquote(path), safe="/"),
                "&".join(sorted(f"{_encoded(k)}={_encoded(v)}" for k, v in query)),
                *(f"{name}:{' '.join(headers.get(name, '').split())}" for name in self.headers),
                "",
                ";".join(self.headers),
                headers.get("x-amz-content-sha256", ""),
            ]
        )
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        text = "\n".join(["AWS4-HMAC-SHA256", stamp, "/".join(self.scope), digest])
        key = f"AWS4{secret}".encode()
        for part in self.scope:
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        expected = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, self.value):
            raise SignatureFault("SignatureDoesNotMatch", "The signature is not that of the call")


def parse_signature(header: str) -> Signature:
    """Return the signature in a header ``Authorization``.

    Raises:
        SignatureFault: There is none.
    """
    found = _HEADER.fullmatch(header.strip())
    parts = found[1].split("/") if found else []
    if found is None or len(parts) != 5 or parts[3:] != ["s3", "aws4_request"]:
        raise SignatureFault("AccessDenied", "The call is not signed with AWS Signature Version 4")
    key, date, region, service, end = parts
    return Signature(key, (date, region, service, end), tuple(found[2].split(";")), found[3])


def _encoded(text: str, *, safe: str = "") -> str:
    return quote(text, safe=f"-_.~{safe}")
