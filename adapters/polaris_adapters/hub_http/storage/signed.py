"""Objects behind addresses that the hub signs one by one: the storage of the oldest hubs."""

from __future__ import annotations

import builtins
import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import attrs

from polaris.application.object_keys import already_there, check_folder, check_keys
from polaris.domain.identity import ArtifactRef
from polaris.errors import (
    ArtifactNotFoundError,
    HubReplyError,
    PolarisHubError,
    StorageError,
)
from polaris.ports.storage import (
    Folder,
    IfExists,
    ObjectDigest,
    ObjectStat,
    Read,
    Write,
    digest_of,
)
from polaris_adapters.hub_http.call import Call, json_object
from polaris_adapters.hub_http.family import httpx
from polaris_adapters.hub_http.origins import checked_url
from polaris_adapters.hub_http.session import HttpSession
from polaris_adapters.hub_http.storage.web import at_once, part_of, range_header

__all__ = ["SignedStorage"]

_TABLE = "table.parquet"
_TYPES = {".parquet": "application/vnd.apache.parquet"}


@attrs.frozen
class SignedStorage:
    """A `StoragePort` on the wire of the oldest hubs.

    For each object the hub is asked, with the caller's token, for a signed address; the address is
    then used without. The hub answers such questions with the status 307 and JSON.

    Attributes:
        session: Makes the calls.
        ref: The artifact.
        table_url: Where the hub said that the table is; None for its usual place.
        writable: Whether objects may be put there.
    """

    session: HttpSession
    ref: ArtifactRef
    table_url: str | None = attrs.field(default=None, repr=False)
    writable: bool = False

    def __str__(self) -> str:
        return f"the files of the {self.ref}"

    def _place(self, key: str) -> str:
        if key == _TABLE and self.table_url is not None:
            # Relative to the API of that generation.
            relative = self.table_url.startswith("/") and not self.table_url.startswith("//")
            return f"v1{self.table_url}" if relative else self.table_url
        return f"v1/storage/dataset/{quote(self.ref.owner)}/{quote(self.ref.slug)}/{quote(key)}"

    async def _signed(self, method: str, key: str) -> tuple[str, dict[str, str]]:
        """Return the signed address of an object, and the headers that belong to it."""
        headers = {"content-type": _type(key)} if method == "PUT" else {}
        call = Call(
            method,
            self._place(key),
            f"get the address of {key} of the {self.ref}",
            headers=headers,
            require_token=True,
            expect=(200, 201, 307),
        )
        reply = await self.session.send(call)
        body = json_object(reply)
        url = checked_url(body.get("url"), base=str(reply.request.url))
        told = body.get("headers")
        return url, _headers(told)

    async def _ask(
        self,
        method: str,
        key: str,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> httpx.Response | None:
        """Return the reply for an object; None where there is none."""
        try:
            url, theirs = await self._signed("PUT" if method == "PUT" else "GET", key)
            call = Call(
                method,
                url,
                f"{'write' if method == 'PUT' else 'read'} {key} of the {self.ref}",
                headers={**(headers or {}), **theirs},
                content=content,
                authorize=False,
                expect=(200, 201, 204, 206, 416),
                largest=None,
            )
            return await self.session.send(call)
        except ArtifactNotFoundError:
            if method == "PUT":
                raise
            return None
        except StorageError:
            raise
        except PolarisHubError as cause:
            if cause.status in (401, 403):
                raise
            raise StorageError(cause.message, hint=cause.hint) from cause

    async def get(self, reads: Sequence[Read], /) -> builtins.list[bytes | None]:
        """See `StoragePort`."""
        check_keys([read.key for read in reads])
        return await at_once(self._get, reads)

    async def _get(self, read: Read) -> bytes | None:
        part = read.range
        if part is not None and part.stop is not None and part.stop == part.start:
            return None if (await self.stat([read.key]))[0] is None else b""
        headers = {"accept-encoding": "identity", **range_header(part)}
        reply = await self._ask("GET", read.key, headers)
        if reply is None:
            return None
        if reply.status_code == 416:
            return b""
        data = part_of(reply.content, part, reply.status_code)
        expected = reply.headers.get("x-amz-meta-md5sum")
        if part is None and expected is not None:
            actual = hashlib.md5(data, usedforsecurity=False).hexdigest()
            if actual != expected:
                raise StorageError(
                    f"{read.key} of the {self.ref} was damaged on its way",
                    hint="Try again; if it happens every time, the hub's copy is damaged.",
                )
        return data

    async def stat(self, keys: Sequence[str], /) -> builtins.list[ObjectStat | None]:
        """See `StoragePort`; asks for the folders' listings, one for each folder."""
        check_keys(keys)
        folders = list(dict.fromkeys(key.rpartition("/")[0] for key in keys))
        listings = await at_once(self.list_folder, folders)
        known = {stat.key: stat for listing in listings for stat in listing.objects}
        return [known.get(key) for key in keys]

    async def digest(self, keys: Sequence[str], /) -> builtins.list[ObjectDigest | None]:
        """See `StoragePort`; the objects are fetched for it."""
        check_keys(keys)
        return await at_once(self._digest, keys)

    async def _digest(self, key: str) -> ObjectDigest | None:
        data = await self._get(Read(key))
        return None if data is None else digest_of(key, data)

    async def put(
        self, writes: Sequence[Write], /, *, if_exists: IfExists = IfExists.REPLACE
    ) -> builtins.list[bool]:
        """See `StoragePort`; whether an object is there is asked beforehand, as the wire has it."""
        keys = check_keys([write.key for write in writes])
        if keys and not self.writable:
            raise StorageError(f"{self} were opened for reading", hint="Open with write=True.")
        there: set[str] = set()
        if if_exists is not IfExists.REPLACE:
            there = {stat.key for stat in await self.stat(keys) if stat is not None}
        if there and if_exists is IfExists.RAISE:
            raise already_there(sorted(there))
        await at_once(self._put, [write for write in writes if write.key not in there])
        return [write.key not in there for write in writes]

    async def _put(self, write: Write) -> None:
        headers = {"content-type": _type(write.key)}
        await self._ask("PUT", write.key, headers, bytes(write.data))

    async def delete(self, keys: Sequence[str], /) -> None:
        """Refuse, unless there is nothing to remove: these hubs cannot remove objects."""
        if check_keys(keys):
            raise StorageError(
                f"Cannot remove {keys[0]!r}: this hub cannot remove files",
                hint="Publish a new version of the artifact.",
            )

    async def list(self, prefix: str = "", /) -> AsyncIterator[Sequence[ObjectStat]]:
        """See `StoragePort`."""
        check_folder(prefix)
        waiting = [prefix]
        while waiting:
            folders = await at_once(self.list_folder, waiting)
            heads, waiting = waiting, []
            for head, folder in zip(heads, folders, strict=True):
                if folder.objects:
                    yield folder.objects
                waiting += [f"{head}/{name}" if head else name for name in folder.folders]

    async def list_folder(self, prefix: str = "", /) -> Folder:
        """See `StoragePort`."""
        check_folder(prefix)
        head = f"dataset/{self.ref.owner}/{self.ref.slug}/"
        path = f"v1/storage/{head}ls" + (f"/{quote(prefix)}" if prefix else "")
        call = Call("GET", path, f"list {prefix or 'the files'} of the {self.ref}",
                    require_token=True)  # fmt: skip
        try:
            reply = await self.session.send(call)
        except ArtifactNotFoundError:
            return Folder((), ())
        return _folder(reply, head)


def _folder(reply: httpx.Response, head: str) -> Folder:
    try:
        entries = reply.json()
        folders = [_name(e, head) for e in entries if e["type"] == "directory"]
        objects = [
            ObjectStat(_name(e, head), int(e["size"])) for e in entries if e["type"] == "file"
        ]
    except (ValueError, TypeError, KeyError, AttributeError) as cause:
        raise HubReplyError("The hub's answer is not a listing of files") from cause
    names = sorted({name.rstrip("/").rpartition("/")[2] for name in folders})
    return Folder(tuple(names), tuple(sorted(objects, key=lambda stat: stat.key)))


def _name(entry: Mapping[str, Any], head: str) -> str:
    return str(entry["name"]).removeprefix(head)


def _headers(told: object) -> dict[str, str]:
    if not isinstance(told, Mapping):
        return {}
    return {str(k): v for k, v in told.items() if isinstance(v, str) and v.isprintable()}


def _type(key: str) -> str:
    return _TYPES.get(key[key.rfind(".") :] if "." in key else "", "application/octet-stream")
