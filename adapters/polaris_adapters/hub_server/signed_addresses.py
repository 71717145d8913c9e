"""Addresses that the hub signs for single objects: good for a while, for one method, without token.

Source: RFC 2104. What is signed is written in the address; so the hub needs no memory of it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import quote, urlencode

import attrs

from polaris.application.native_wire.records import revision_path
from polaris.ports.artifacts import ArtifactLocation
from polaris.ports.storage_powers import SignedRequest, SignRequest

__all__ = ["Permit", "SignedAddresses"]

_METHODS: Mapping[str, Literal["GET", "PUT"]] = {"GET": "GET", "HEAD": "GET", "PUT": "PUT"}


@attrs.frozen
class Permit:
    """What an address lets whoever has it do.

    Attributes:
        location: The revision.
        request: The request.
        ends: When it is good no more, seconds since 1970.
    """

    location: ArtifactLocation
    request: SignRequest
    ends: int

    @property
    def text(self) -> str:
        """Everything of it, in one way only; a line break is in none of its parts."""
        asked = self.request
        parts = (
            "1", asked.method, self.location.ref.urn, self.location.revision, asked.key,
            self.ends, asked.size, asked.sha256, asked.only_new,
        )  # fmt: skip
        return "\n".join(map(str, parts))


@attrs.frozen
class SignedAddresses:
    """Signs permits, and knows its own.

    Attributes:
        key: What they are signed with: the hub's, which is the same in all of its processes. Where
            it changes, addresses from before are good no more.
    """

    key: bytes = attrs.field(repr=False)

    def sign(
        self, location: ArtifactLocation, request: SignRequest, *, seconds: int, now: datetime
    ) -> SignedRequest:
        """Return a request with its address, which has neither scheme nor host.

        Args:
            location: The revision of the object.
            request: The request.
            seconds: How long it is good.
            now: The time.
        """
        ends = int(now.timestamp()) + seconds
        permit = Permit(location, request, ends)
        query = {"method": request.method, "expires": str(ends)}
        query |= {} if request.size is None else {"size": str(request.size)}
        query |= {} if request.sha256 is None else {"sha256": request.sha256}
        query |= {"new": "1"} if request.only_new else {}
        query["signature"] = self._signature(permit)
        path = f"/api/v3/signed/{revision_path(location.ref, location.revision)[3:]}/objects"
        url = f"{path}/{quote(request.key)}?{urlencode(query)}"
        return SignedRequest(request.method, url, {}, datetime.fromtimestamp(ends, UTC))

    def read(
        self,
        location: ArtifactLocation,
        key: str,
        query: Mapping[str, str],
        *,
        method: str,
        now: datetime,
    ) -> SignRequest | None:
        """Return what an address permits; None if it is not one of ours, or not good any more.

        Args:
            location: The revision in its path.
            key: The object in its path.
            query: Its query.
            method: The method of the call.
            now: The time.
        """
        wanted = _METHODS.get(method)
        ends, size = _number(query.get("expires", "")), query.get("size")
        if wanted is None or query.get("method") != wanted or ends is None:
            return None
        request = SignRequest(
            wanted, key, _number(size or ""), query.get("sha256"), query.get("new") == "1"
        )
        expected = self._signature(Permit(location, request, ends)).encode()
        given = query.get("signature", "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, expected) or now.timestamp() >= ends:
            return None
        return request

    def _signature(self, permit: Permit) -> str:
        # A key of its own: what is signed for one thing is good for nothing else.
        key = hmac.new(self.key, b"signed addresses", hashlib.sha256).digest()
        text = permit.text.encode("utf-8", "surrogatepass")
        return hmac.new(key, text, hashlib.sha256).hexdigest()


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
