"""Objects that come in parts (multipart uploads of S3)."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence

from polaris.application.object_tree import below
from polaris.ports.storage import Read, StoragePort, Write
from polaris_adapters.hub_server.hub import own_failure
from polaris_adapters.hub_server.released.s3_replies import S3Fault

__all__ = ["PartStore", "new_upload_id", "parse_parts"]

_ID = re.compile(r"[0-9a-f]{32}")
_PART = re.compile(rb"<Part>(.*?)</Part>", re.DOTALL)
_NUMBER = re.compile(rb"<PartNumber>\s*([0-9]{1,5})\s*</PartNumber>")
_TAG = re.compile(rb"<ETag>\s*(?:&quot;|&#34;|\")?([0-9a-f]{32})(?:&quot;|&#34;|\")?\s*</ETag>")
_MOST = 10_000
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

    async def put(self, key: str, number: str, data: bytes) -> str:
        """Keep a part, and return its MD5."""
        if not re.fullmatch(r"[0-9]{1,5}", number) or not 1 <= int(number) <= _MOST:
            raise S3Fault("InvalidArgument", f"partNumber goes from 1 to {_MOST}")
        await self._require(key)
        with own_failure():
            await self._store.put([Write(str(int(number)), data)])
        return hashlib.md5(data, usedforsecurity=False).hexdigest()

    async def whole(self, key: str, parts: Sequence[tuple[int, str]], *, largest: int) -> bytes:
        """Return the object that the parts make."""
        await self._require(key)
        pieces: list[bytes] = []
        for number, md5 in parts:
            with own_failure():
                [data] = await self._store.get([Read(str(number))])
            if data is None or hashlib.md5(data, usedforsecurity=False).hexdigest() != md5:
                raise S3Fault("InvalidPart", f"Part {number} has not come, or is another")
            pieces.append(data)
            if sum(map(len, pieces)) > largest:
                raise S3Fault("EntityTooLarge", f"At most {largest} bytes are taken")
        return b"".join(pieces)

    async def forget(self, key: str) -> None:
        """Remove all parts."""
        await self._require(key)
        with own_failure():
            await self._store.delete([stat.key for stat in await below(self._store, "")])
