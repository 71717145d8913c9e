"""Large objects by addresses that the hub has signed, straight from and to the store behind it."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from polaris.application.native_wire.fields import Fields
from polaris.application.native_wire.objects import span
from polaris.application.native_wire.signing import (
    LARGEST_PUT,
    MOST_SIGNED,
    sign_request_to_json,
    signed_from_json,
)
from polaris.application.object_tree import batches
from polaris.application.retry import RetryPolicy
from polaris.errors import PolarisHubError
from polaris.ports.storage import Read, Write
from polaris.ports.storage_powers import SignedRequest, SignRequest
from polaris_adapters.hub_http.call import Call
from polaris_adapters.hub_http.family import httpx
from polaris_adapters.hub_http.native.calls import NativeCalls, parsed
from polaris_adapters.hub_http.origins import checked_url, same_origin

__all__ = ["DirectRoad", "Shortcut"]

_LOG = logging.getLogger("polaris")
_CONTENT_RANGE = re.compile(r"bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18})")
# What a store may want to be sent; never anything that could be a credential of ours.
_HEADERS = re.compile(r"x-amz-(?!security-token)[a-z0-9-]+|if-none-match|content-md5|content-type")
# Addresses that are asked for one object before its bytes go through the hub.
_ADDRESSES = 2
# A store that cannot be reached is not waited for: there is another way.
_SHORTLY = RetryPolicy(attempts=3, total=30.0)


@attrs.define
class Shortcut:
    """Whether the way past a hub is worth trying; for all stores of one hub.

    Attributes:
        is_open: Whether it is.
    """

    is_open: bool = True

    def close(self, why: str) -> None:
        """Go through the hub from now on."""
        if self.is_open:
            _LOG.info("Large objects go through the hub: %s", why)
        self.is_open = False


@attrs.frozen
class DirectRoad:
    """Reads and writes large objects of a revision past the hub.

    Whatever goes wrong on the way, the answer is that it did not work, and the caller goes through
    the hub, which tells what is the matter. The caller's token goes to the hub only.

    Attributes:
        calls: Makes the calls.
        path: Of the revision, below the base of the API.
        query: Of every call of the hub.
        shortcut: Whether to try.
    """

    calls: NativeCalls
    path: str
    query: Mapping[str, str] = attrs.field(repr=False)
    shortcut: Shortcut

    async def read(self, read: Read, *, most: int) -> bytes | None:
        """Return a part of an object, or None where that did not work.

        Args:
            read: Which.
            most: Bytes that are asked for at once.
        """
        try:
            return await self._read(read, most)
        except PolarisHubError as error:
            self.shortcut.close(f"the store cannot be read: {error.code}")
            return None

    async def write(self, write: Write) -> bool:
        """Write an object, replacing what is there; return whether that worked."""
        data = bytes(write.data)
        if len(data) > LARGEST_PUT:
            return False
        sha256 = await asyncio.to_thread(lambda: hashlib.sha256(data).hexdigest())
        wanted = SignRequest("PUT", write.key, len(data), sha256)
        try:
            for _ in range(_ADDRESSES):
                signed = await self._address(wanted)
                if signed is None:
                    return False
                reply = await self._send(signed, content=data)
                if reply.is_success:
                    return True
        except PolarisHubError as error:
            self.shortcut.close(f"the store cannot be written: {error.code}")
        return False

    async def _read(self, read: Read, most: int) -> bytes | None:
        """Return a part of one version of an object, a piece at a time."""
        parts: list[bytes] = []
        start, stop = _begin(read), -1
        version: str | None = None
        addresses, signed = 0, None
        while stop < 0 or start < stop:
            if signed is None:
                addresses += 1
                signed = (
                    None
                    if addresses > _ADDRESSES + len(parts)
                    else await self._address(SignRequest("GET", read.key))
                )
                if signed is None:
                    return None
            end = start + most if stop < 0 else min(start + most, stop)
            headers = {"range": f"bytes={start}-{end - 1}"}
            headers |= {} if version is None else {"if-match": version}
            reply = await self._send(signed, headers=headers)
            if reply.status_code in (400, 401, 403):
                signed = None  # Its time may be over; another one is asked for.
                continue
            found = _CONTENT_RANGE.fullmatch(reply.headers.get("content-range", ""))
            if reply.status_code != 206 or found is None or int(found[1]) != start:
                return None
            if stop < 0:
                version = reply.headers.get("etag")
                asked, (start, stop) = start, span(read.range, int(found[3]))
                if start >= stop:
                    return b""
                if start != asked:
                    continue  # A part is told by the end, of which only the size was known.
            parts.append(reply.content[: stop - start])
            if not reply.content or version is None:
                return None
            start += len(parts[-1])
        return b"".join(parts)

    async def _address(self, wanted: SignRequest) -> SignedRequest | None:
        [signed] = await self._addresses([wanted])
        return signed

    async def _addresses(self, wanted: Sequence[SignRequest]) -> list[SignedRequest | None]:
        found: list[SignedRequest | None] = []
        path = f"{self.path}/sign"
        for some in batches(wanted, MOST_SIGNED):
            body = {"requests": [sign_request_to_json(request) for request in some]}
            reply = await self.calls.ask(
                "POST", path, "get addresses of objects", params=self.query, body=body
            )
            with parsed(path):
                entries = reply.entries("signed")
                if len(entries) != len(some):
                    raise reply.wrong("signed", f"a list of {len(some)}")
                found += [self._outside(Fields.of(entry, where="signed")) for entry in entries]
        return found

    def _outside(self, fields: Fields) -> SignedRequest | None:
        """Return an address of a store; None for one of the hub, which has a better way to it."""
        signed, through_hub = signed_from_json(fields)
        base = self.calls.session.api_url
        url = checked_url(signed.url, base=base)
        if through_hub or same_origin(url, base):
            self.shortcut.close("the hub gives no addresses of its store")
            return None
        return attrs.evolve(signed, url=url)

    async def _send(
        self,
        signed: SignedRequest,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> httpx.Response:
        told = {name: v for name, v in signed.headers.items() if _HEADERS.fullmatch(name)}
        sent: dict[str, Any] = {"accept-encoding": "identity", **told, **(headers or {})}
        if content is not None:
            sent.setdefault("content-type", "application/octet-stream")
        call = Call(
            signed.method,
            signed.url,
            "reach the store of the hub",
            content=content,
            headers=sent,
            authorize=False,
            expect=frozenset(range(200, 500)) - {408, 429},
            largest=None,
            retry=_SHORTLY,
        )
        return await self.calls.session.send(call)


def _begin(read: Read) -> int:
    """Return the first byte of a part; 0 where that takes the size to know."""
    return max(0, read.range.start) if read.range is not None else 0
