"""Signed addresses on the native wire."""

from __future__ import annotations

import re
from typing import Any, Literal

from polaris.application.native_wire.fields import Fields
from polaris.ports.storage_powers import SignedRequest, SignRequest

__all__ = [
    "LARGEST_PUT",
    "LONGEST",
    "MOST_SIGNED",
    "sign_request_from_json",
    "sign_request_to_json",
    "signed_from_json",
    "signed_to_json",
]

#: Most requests that are signed by one call.
MOST_SIGNED = 1000
#: How long addresses may be good, seconds.
LONGEST = 3600
#: Largest object that stores take by one ``PUT``, bytes.
LARGEST_PUT = 5 * 2**30

_SHA256 = re.compile(r"[0-9a-f]{64}")


def sign_request_to_json(request: SignRequest) -> dict[str, Any]:
    """Return what is asked for as JSON."""
    if request.method == "GET":
        return {"method": "GET", "key": request.key}
    return {
        "method": "PUT",
        "key": request.key,
        "size": request.size,
        "sha256": request.sha256,
        "onlyNew": request.only_new,
    }


def sign_request_from_json(fields: Fields) -> SignRequest:
    """Return what an object of JSON asks for; what is to be put has its size and its SHA-256.

    Raises:
        InvalidInputError: It asks for nothing that can be signed.
    """
    method = _method(fields)
    if method == "GET":
        return SignRequest("GET", fields.text("key"))
    sha256 = fields.text("sha256")
    if not _SHA256.fullmatch(sha256):
        raise fields.wrong("sha256", "64 hex digits")
    size = fields.integer("size")
    return SignRequest("PUT", fields.text("key"), size, sha256, fields.flag("onlyNew"))


def signed_to_json(signed: SignedRequest, *, through_hub: bool) -> dict[str, Any]:
    """Return a signed request as JSON.

    Args:
        signed: The request.
        through_hub: Whether its bytes go through the hub, so that nothing is won by using it for
            whoever can call the hub anyway.
    """
    return {
        "method": signed.method,
        "url": signed.url,
        "headers": dict(signed.headers),
        "expiresAt": signed.expires_at.isoformat(),
        "throughHub": through_hub,
    }


def signed_from_json(fields: Fields) -> tuple[SignedRequest, bool]:
    """Return the signed request that an object of JSON writes, and whether it is through the hub.

    Raises:
        InvalidInputError: It writes none.
    """
    headers = fields.mapping("headers")
    if not all(isinstance(v, str) and v.isascii() and v.isprintable() for v in headers.values()):
        raise fields.wrong("headers", "texts")
    signed = SignedRequest(_method(fields), fields.text("url"), headers, fields.moment("expiresAt"))
    return signed, fields.flag("throughHub")


def _method(fields: Fields) -> Literal["GET", "PUT"]:
    found = fields.text("method")
    if found == "GET":
        return "GET"
    if found == "PUT":
        return "PUT"
    raise fields.wrong("method", "GET or PUT")
