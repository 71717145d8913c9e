"""Addresses by which others read and write the objects of a bucket, without its keys."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import quote

from polaris.ports.buckets import BucketCredentials, BucketPlace
from polaris.ports.storage_powers import SignedRequest, SignRequest
from polaris_adapters.object_store.signature_v4 import Signer

__all__ = ["SUM", "signed_requests"]

#: Name of the metadata of an object that holds its SHA-256.
SUM = "sha256"


def signed_requests(
    place: BucketPlace,
    credentials: BucketCredentials,
    requests: Sequence[SignRequest],
    *,
    endpoint: str,
    seconds: int,
    now: datetime,
) -> list[SignedRequest | None]:
    """Return requests signed.

    A signed ``PUT`` carries its length and its checksum in signed headers; the store refuses bodies
    that are anything else, and keeps the checksum with the object. So it need not be read again to
    know it.

    Args:
        place: The folder of the bucket.
        credentials: What is signed with; an address is good no longer than they are.
        requests: The requests.
        endpoint: Address of the store as those find it who will make them.
        seconds: How long they are good.
        now: The time.
    """
    ends = now + timedelta(seconds=seconds)
    if credentials.expires_at is not None:
        ends = min(ends, credentials.expires_at)
    left = int((ends - now).total_seconds())
    if left < 1:
        return [None] * len(requests)
    signer = Signer(credentials, place.region)
    root = "/".join(part for part in (endpoint.rstrip("/"), place.bucket, place.prefix) if part)

    def signed(request: SignRequest) -> SignedRequest:
        headers = _headers(request) if request.method == "PUT" else {}
        url = f"{root}/{quote(request.key, safe='/-_.~')}"
        address = signer.address(request.method, url, headers=headers, seconds=left, now=now)
        return SignedRequest(request.method, address, headers, ends)

    return [signed(request) for request in requests]


def _headers(request: SignRequest) -> dict[str, str]:
    headers: dict[str, str] = {}
    if request.size is not None:
        headers["content-length"] = str(request.size)
    if request.sha256 is not None:
        digest = base64.b64encode(bytes.fromhex(request.sha256)).decode()
        headers["x-amz-checksum-sha256"] = digest
        headers[f"x-amz-meta-{SUM}"] = request.sha256
    if request.only_new:
        headers["if-none-match"] = "*"
    return headers
