"""Objects that come in parts (multipart uploads of S3)."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import AsyncIterator, Sequence

import attrs

from polaris.application.object_tree import below
from polaris.application.storage_powers import put_stream
from polaris.ports.storage import ByteRange, Read, StoragePort, Write
from polaris_adapters.hub_server.hub import own_failure
from polaris_adapters.hub_server.released.incoming_body import AnyBody
from polaris_adapters.hub_server.released.s3_replies import S3Fault

__all__ = ["JoinedParts", "PartStore", "new_upload_id", "parse_parts"]

_ID = re.compile(r"[0-9a-f]{32}")
_PART = re.compile(rb"<Part>(.*?)</Part>", re.DOTALL)
_NUMBER = re.compile(rb"<PartNumber>\s*([0-9]{1,5})\s*</PartNumber>")
_TAG = re.compile(rb"<ETag>\s*(?:&quot;|&#34;|\")?([0-9a-f]{32})(?:&quot;|&#34;|\")?\s*</ETag>")
_MOST = 10_000
_PIECE = 8 * 2**20
_KEY = "key"


def new_upload_id() -> str:
    """Return a name for an upload in parts."""
    return secrets.token_hex(16)


def parse_parts(body: bytes) -> list[tuple[int, str]]:
    """Return numbers and MD5 sums of the parts that make an object, in order.

    Only what S3 clients write is read here; it is no reader of XML.

    Raises:
        S3Fault: They cannot be read, or are out of order.
    """
    found: list[tuple[int, str]] = []
    for part in _PART.findall(body):
        number, tag = _NUMBER.search(part), _TAG.search(part)
        if number is None or tag is None:
            raise S3Fault("MalformedXML", "A part has no number or no ETag")
        found.append((int(number[1]), tag[1].decode()))
    numbers = [number for number, _ in found]
    if not found:
        raise S3Fault("MalformedXML", "The body names no parts")
    if numbers != sorted(set(numbers)):
        raise S3Fault("InvalidPartOrder", "The parts are not in order")
    return found


@attrs.frozen
class JoinedParts:
    """An object made of parts.

    Attributes:
        store: The store of the parts.
        parts: Their numbers and MD5 sums, in order.
        size: Bytes of the object.
    """

    store: StoragePort
    parts: Sequence[tuple[int, str]]
    size: int
    sha256: str | None = None

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the object.

        Raises:
            S3Fault: A part is not the one that was named.
        """
        for number, md5 in self.parts:
            start, sums = 0, hashlib.md5(usedforsecurity=False)
            while True:
                part = ByteRange(start, start + _PIECE)
                with own_failure():
                    [data] = await self.store.get([Read(str(number), part)])
                if not data:
                    break
                sums.update(data)
                start += len(data)
                yield data
            if sums.hexdigest() != md5:
                raise S3Fault("InvalidPart", f"Part {number} is another")


class PartStore:
    """The parts of one object.

    Args:
        store: A store of their own.
    """

    def __init__(self, store: StoragePort) -> None:
        self._store = store

    @staticmethod
    def check_id(upload_id: str) -> str:
        """Return the name of an upload in parts if it can be one.

        Raises:
            S3Fault: It cannot.
        """
        if not _ID.fullmatch(upload_id):
            raise S3Fault("NoSuchUpload", "There is no such upload")
        return upload_id

    async def begin(self, key: str) -> None:
        """Note which object the parts will be of."""
        with own_failure():
            await self._store.put([Write(_KEY, key.encode())])

    async def _require(self, key: str) -> None:
        with own_failure():
            [found] = await self._store.get([Read(_KEY)])
        if found is None or found != key.encode():
            raise S3Fault("NoSuchUpload", "There is no such upload")

    async def put(self, key: str, number: str, body: AnyBody) -> str:
        """Keep a part, and return its MD5."""
        if not re.fullmatch(r"[0-9]{1,5}", number) or not 1 <= int(number) <= _MOST:
            raise S3Fault("InvalidArgument", f"partNumber goes from 1 to {_MOST}")
        await self._require(key)
        with own_failure():
            found = await put_stream(
                self._store,
                str(int(number)),
                body.pieces(),
                size=body.size,
                sha256=body.sha256,
            )
        assert found is not None, "parts are replaced"
        return found.md5

    async def whole(
        self, key: str, parts: Sequence[tuple[int, str]], *, largest: int
    ) -> JoinedParts:
        """Return the object that the parts make, to be read one part after the other."""
        await self._require(key)
        with own_failure():
            stats = await self._store.stat([str(number) for number, _ in parts])
        for (number, _), stat in zip(parts, stats, strict=True):
            if stat is None:
                raise S3Fault("InvalidPart", f"Part {number} has not come")
        size = sum(stat.size for stat in stats if stat is not None)
        if size > largest:
            raise S3Fault("EntityTooLarge", f"At most {largest} bytes are taken")
        return JoinedParts(self._store, parts, size)

    async def forget(self, key: str) -> None:
        """Remove all parts."""
        await self._require(key)
        with own_failure():
            await self._store.delete([stat.key for stat in await below(self._store, "")])
