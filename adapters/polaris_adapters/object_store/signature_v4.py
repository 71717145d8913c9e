"""Signing requests to stores that speak S3: addresses for objects, and calls of the token service.

obstore signs addresses too, but not their headers; those hold an uploader to a size and a checksum.

Source: AWS Signature Version 4 (Amazon S3 API Reference, "Authenticating Requests: Using Query
Parameters" and "Using the Authorization Header").
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

import attrs

from polaris.ports.buckets import BucketCredentials

__all__ = ["LONGEST", "Signer"]

_ALGORITHM = "AWS4-HMAC-SHA256"
_UNSIGNED = "UNSIGNED-PAYLOAD"
#: How long a signed address may be good, seconds; stores refuse more.
LONGEST = 7 * 24 * 3600


@attrs.frozen
class Signer:
    """Signs with one key for one region of one service.

    Attributes:
        credentials: The key.
        region: The region.
        service: ``s3`` or ``sts``.
    """

    credentials: BucketCredentials
    region: str
    service: str = "s3"

    def address(
        self, method: str, url: str, *, headers: Mapping[str, str], seconds: int, now: datetime
    ) -> str:
        """Return an address that lets whoever has it make one kind of request.

        Args:
            method: The method that it is good for.
            url: Address without query, its path encoded.
            headers: What the request has to carry, by name in lower case; ``host`` is added.
            seconds: How long it is good, at most `LONGEST`.
            now: The time.
        """
        stamp = _stamp(now)
        sent = {**headers, "host": urlsplit(url).netloc}
        names = ";".join(sorted(sent))
        token = self.credentials.session_token
        query = {
            "X-Amz-Algorithm": _ALGORITHM,
            "X-Amz-Credential": f"{self.credentials.access_key}/{self._scope(stamp)}",
            "X-Amz-Date": stamp,
            "X-Amz-Expires": str(min(seconds, LONGEST)),
            **({} if token is None else {"X-Amz-Security-Token": token.reveal()}),
            "X-Amz-SignedHeaders": names,
        }
        text = _query(query)
        # A checksum that is signed is the one that the store compares the body with.
        payload = headers.get("x-amz-content-sha256", _UNSIGNED)
        signature = self._signature(method, urlsplit(url).path, text, sent, payload, stamp)
        return f"{url}?{text}&X-Amz-Signature={signature}"

    def headers(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> dict[str, str]:
        """Return the headers of a request with its signature among them.

        Args:
            method: The method.
            url: Address without query, its path encoded.
            headers: The other headers, by name in lower case.
            body: The body.
            now: The time.
        """
        stamp, token = _stamp(now), self.credentials.session_token
        digest = hashlib.sha256(body).hexdigest()
        sent = {
            **headers,
            "host": urlsplit(url).netloc,
            "x-amz-content-sha256": digest,
            "x-amz-date": stamp,
            **({} if token is None else {"x-amz-security-token": token.reveal()}),
        }
        signature = self._signature(method, urlsplit(url).path or "/", "", sent, digest, stamp)
        credential = f"{self.credentials.access_key}/{self._scope(stamp)}"
        sent["authorization"] = (
            f"{_ALGORITHM} Credential={credential}, "
            f"SignedHeaders={';'.join(sorted(set(sent) - {'authorization'}))}, "
            f"Signature={signature}"
        )
        del sent["host"]
        return sent

    def _scope(self, stamp: str) -> str:
        return f"{stamp[:8]}/{self.region}/{self.service}/aws4_request"

    def _signature(
        self,
        method: str,
        path: str,
        query: str,
        headers: Mapping[str, str],
        payload: str,
        stamp: str,
    ) -> str:
        names = sorted(headers)
        lines = [f"{name}:{' '.join(headers[name].split())}" for name in names]
        canonical = "\n".join([method, path, query, *lines, "", ";".join(names), payload])
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        text = "\n".join([_ALGORITHM, stamp, self._scope(stamp), digest])
        key = f"AWS4{self.credentials.secret_key.reveal()}".encode()
        for part in self._scope(stamp).split("/"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def _stamp(now: datetime) -> str:
    return now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _query(pairs: Mapping[str, str]) -> str:
    return "&".join(
        f"{quote(k, safe='-_.~')}={quote(pairs[k], safe='-_.~')}" for k in sorted(pairs)
    )
