"""A folder of a bucket as a store of objects, through obstore's S3 client."""

from __future__ import annotations

import builtins
import hashlib
import re
from collections.abc import (
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Iterator,
    Mapping,
    Sequence,
)
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import attrs
import obstore
from obstore.store import S3Store

from polaris.application.object_keys import already_there, check_folder, check_key, check_keys
from polaris.application.sorted_walk import walk_sorted
from polaris.ports.buckets import BucketCredentials, BucketPlace
from polaris.ports.storage import (
    ByteRange,
    Folder,
    IfExists,
    ObjectDigest,
    ObjectStat,
    Read,
    StoragePort,
    Write,
)
from polaris.ports.storage_powers import KeptSum, SignedRequest, SignRequest
from polaris_adapters.object_store.bucket_client import OpenedBucket
from polaris_adapters.object_store.bucket_signing import SUM, signed_requests
from polaris_adapters.object_store.bucket_streams import stream_into
from polaris_adapters.object_store.conditional_writes import create

if TYPE_CHECKING:
    from obstore.store import ClientConfig

__all__ = ["BucketStorage", "ObstoreBuckets"]

T = TypeVar("T")
R = TypeVar("R")

# Objects in one reply of a listing.
_PAGE = 1000
_SHA256 = re.compile(r"[0-9a-f]{64}")
_TYPES = {
    "parquet": "application/vnd.apache.parquet",
    "roaring": "application/vnd.roaringbitmap",
    "json": "application/json",
}


def _no_options() -> ClientConfig:
    return {}


def _now() -> datetime:
    return datetime.now(UTC)


@attrs.define(eq=False)
class BucketStorage:
    """A `StoragePort` on a bucket; calls block on threads of their own pool.

    An object is one PUT, so it appears whole or not at all; a stream is a multipart upload.

    Attributes:
        place: Where it is.
        credentials: Gives credentials that are good now.
        client: Options of obstore's HTTP client.
        public_endpoint: Address of the store for those who get signed addresses, where it is
            another than this process uses.
        signs: Whether to sign addresses for others at all.
        is_in_key_order: Whether the store lists objects in the order of their keys, as Amazon's
            does. Some list folder by folder; there, pages that begin far behind are found by
            looking into the folders on the way. By the endpoint where None.
        now: Tells the time that the store has.
    """

    place: BucketPlace
    credentials: Callable[[], Awaitable[BucketCredentials]] = attrs.field(repr=False)
    client: ClientConfig = attrs.field(factory=_no_options, repr=False)
    public_endpoint: str | None = attrs.field(default=None, kw_only=True)
    signs: bool = attrs.field(default=True, kw_only=True)
    is_in_key_order: bool | None = attrs.field(default=None, kw_only=True)
    now: Callable[[], datetime] = attrs.field(default=_now, kw_only=True, repr=False)
    _opened: OpenedBucket = attrs.field(init=False, repr=False)

    @_opened.default
    def _open(self) -> OpenedBucket:
        return OpenedBucket(self.place, self.credentials, self.client)

    def __str__(self) -> str:
        return str(self._opened)

    @property
    def _store(self) -> S3Store:
        return self._opened.store(retries=5)

    @property
    def _untried_store(self) -> S3Store:
        """The bucket through a client that sends each request once."""
        return self._opened.store(retries=0)

    async def _each(self, call: Callable[[T], R], items: Sequence[T]) -> builtins.list[R]:
        return await self._opened.each(call, items)

    async def get(self, reads: Sequence[Read], /) -> builtins.list[bytes | None]:
        """See `StoragePort`."""
        check_keys([read.key for read in reads])
        return await self._each(self._get, reads)

    def _get(self, read: Read) -> bytes | None:
        try:
            if read.range is None:
                return obstore.get(self._store, read.key).bytes().to_bytes()
            return self._part(read.key, read.range)
        except FileNotFoundError:
            return None

    def _part(self, key: str, part: ByteRange) -> bytes:
        """Return a part of an object; ranges outside of it are refused by stores, so are cut."""
        size = int(obstore.head(self._store, key)["size"])
        start, stop, _ = slice(part.start, part.stop).indices(size)
        if stop <= start:
            return b""
        return obstore.get_range(self._store, key, start=start, end=stop).to_bytes()

    async def stat(self, keys: Sequence[str], /) -> builtins.list[ObjectStat | None]:
        """See `StoragePort`."""
        check_keys(keys)
        return await self._each(self._stat, keys)

    def _stat(self, key: str) -> ObjectStat | None:
        try:
            return _described(obstore.head(self._store, key), key)
        except FileNotFoundError:
            return None

    async def digest(self, keys: Sequence[str], /) -> builtins.list[ObjectDigest | None]:
        """See `StoragePort`; the objects are fetched for it, part by part."""
        check_keys(keys)
        return await self._each(self._digest, keys)

    def _digest(self, key: str) -> ObjectDigest | None:
        md5 = hashlib.md5(usedforsecurity=False)
        sha256, size = hashlib.sha256(), 0
        try:
            for piece in obstore.get(self._store, key).stream():
                md5.update(piece)
                sha256.update(piece)
                size += len(piece)
        except FileNotFoundError:
            return None
        return ObjectDigest(key, size, md5.hexdigest(), sha256.hexdigest())

    async def put(
        self, writes: Sequence[Write], /, *, if_exists: IfExists = IfExists.REPLACE
    ) -> builtins.list[bool]:
        """See `StoragePort`; the store itself decides between writers (RFC 9110 section 13.1.2)."""
        check_keys([write.key for write in writes])
        if if_exists is IfExists.RAISE:
            there = [s.key for s in await self.stat([w.key for w in writes]) if s is not None]
            if there:
                raise already_there(there)
        return await self._each(lambda write: self._put(write, if_exists), writes)

    def _put(self, write: Write, if_exists: IfExists) -> bool:
        data = bytes(write.data)
        return self._put_whole(write.key, data, self._attributes(write.key, data), if_exists)

    def _put_whole(
        self, key: str, data: bytes, attributes: Mapping[str, str], if_exists: IfExists
    ) -> bool:
        if if_exists is not IfExists.REPLACE:
            written = create(self._untried_store, key, data, attributes)
            if not written and if_exists is IfExists.RAISE:
                raise already_there([key])
            return written
        obstore.put(self._store, key, data, attributes=dict(attributes), use_multipart=False)
        return True

    def _attributes(self, key: str, data: bytes) -> dict[str, str]:
        found = _type(key)
        for algorithm, header in self.place.metadata.items():
            name = header.lower().removeprefix("x-amz-meta-")
            found[name] = hashlib.new(algorithm, data, usedforsecurity=False).hexdigest()
        return found

    async def delete(self, keys: Sequence[str], /) -> None:
        """See `StoragePort`."""
        check_keys(keys)
        await self._each(self._delete, keys)

    def _delete(self, key: str) -> None:
        try:
            obstore.delete(self._store, key)
        except FileNotFoundError:
            return

    async def list_folder(self, prefix: str = "", /) -> Folder:
        """See `StoragePort`."""
        check_folder(prefix)
        [found] = await self._each(self._folder, [prefix])
        return found

    def _folder(self, prefix: str) -> Folder:
        found = obstore.list_with_delimiter(self._store, prefix or None)
        objects = [_described(meta, str(meta["path"])) for meta in found["objects"]]
        # Some stores show folders whose last object has been removed.
        heads = [path.rstrip("/") for path in found["common_prefixes"]]
        held = (head for head in heads if next(iter(self._pages(head, 1)), None))
        folders = {head.rpartition("/")[2] for head in held}
        return Folder(
            tuple(sorted(folders)),
            # Some stores keep an empty object for a folder itself.
            tuple(sorted((s for s in objects if s.key != prefix), key=lambda stat: stat.key)),
        )

    def _pages(self, prefix: str, size: int = _PAGE, *, after: str = "") -> Iterator[Sequence[Any]]:
        found = obstore.list(self._store, prefix or None, chunk_size=size, offset=after or None)
        return iter(found)

    async def list(self, prefix: str = "", /) -> AsyncIterator[Sequence[ObjectStat]]:
        """See `StoragePort`."""
        check_folder(prefix)
        [pages] = await self._each(self._pages, [prefix])
        while True:
            [page] = await self._each(lambda found: next(found, None), [pages])
            if page is None:
                return
            yield [_described(meta, str(meta["path"])) for meta in page]

    async def list_sorted(
        self, prefix: str = "", /, *, after: str = ""
    ) -> AsyncIterator[Sequence[ObjectStat]]:
        """See `SortedObjects`."""
        check_folder(prefix)
        if not self._is_in_key_order:
            known: dict[str, ObjectStat] = {}

            async def level(key: str) -> tuple[builtins.list[str], builtins.list[str]]:
                [(folders, stats)] = await self._each(self._level, [key])
                known.update({stat.key: stat for stat in stats if stat.key > after})
                return folders, [stat.key for stat in stats]

            async for keys in walk_sorted(level, prefix, after):
                yield [known.pop(key) for key in keys]
            return
        [pages] = await self._each(lambda below: self._pages(below, after=after), [prefix])
        while True:
            [page] = await self._each(lambda found: next(found, None), [pages])
            if page is None:
                return
            yield [_described(meta, str(meta["path"])) for meta in page]

    @property
    def _is_in_key_order(self) -> bool:
        if self.is_in_key_order is not None:
            return self.is_in_key_order
        return (urlsplit(self.place.endpoint).hostname or "").endswith(".amazonaws.com")

    def _level(self, prefix: str) -> tuple[builtins.list[str], builtins.list[ObjectStat]]:
        """Return folders and objects directly below a folder."""
        found = obstore.list_with_delimiter(self._store, prefix or None)
        stats = [_described(meta, str(meta["path"])) for meta in found["objects"]]
        folders = [path.rstrip("/") for path in found["common_prefixes"]]
        return folders, [stat for stat in stats if stat.key != prefix]

    async def put_stream(
        self,
        key: str,
        pieces: AsyncIterable[bytes],
        /,
        *,
        if_exists: IfExists = IfExists.REPLACE,
        size: int | None = None,
        sha256: str | None = None,
    ) -> ObjectDigest | None:
        """See `StreamObjects`.

        What fits into memory is written by one request, between whose writers the store decides.
        Whether more than that may be written is asked before it comes, and again when it has.
        """
        check_key(key)

        async def call(work: Callable[[], R]) -> R:
            [found] = await self._each(lambda _: work(), [key])
            return found

        async def may_write() -> bool:
            if if_exists is IfExists.REPLACE or (await self.stat([key]))[0] is None:
                return True
            if if_exists is IfExists.RAISE:
                raise already_there([key])
            return False

        def put_whole(data: bytes, found: ObjectDigest) -> bool:
            attributes = {**self._attributes(key, data), SUM: found.sha256}
            return self._put_whole(key, data, attributes, if_exists)

        if not await may_write():
            return None
        return await stream_into(
            lambda: self._store,
            key,
            pieces,
            size=size,
            sha256=sha256,
            attributes={**_type(key), **({} if sha256 is None else {SUM: sha256})},
            most_whole=2**24 if if_exists is IfExists.REPLACE else 2**26,
            call=call,
            put_whole=put_whole,
            may_write=may_write,
        )

    async def kept_sums(self, keys: Sequence[str], /) -> builtins.list[KeptSum | None]:
        """See `KeptSums`; they are kept by the store, with each object."""
        check_keys(keys)
        return await self._each(self._kept, keys)

    def _kept(self, key: str) -> KeptSum | None:
        try:
            found = obstore.get(self._store, key, options={"head": True})
        except FileNotFoundError:
            return None
        kept = str(found.attributes.get(SUM, ""))
        return KeptSum(key, int(found.meta["size"]), kept if _SHA256.fullmatch(kept) else None)

    async def sign(
        self, requests: Sequence[SignRequest], /, *, seconds: int
    ) -> builtins.list[SignedRequest | None]:
        """See `SignObjects`."""
        check_keys([request.key for request in requests])
        if not self.signs or not requests:
            return [None] * len(requests)
        return signed_requests(
            self.place,
            await self.credentials(),
            requests,
            endpoint=self.public_endpoint or self.place.endpoint,
            seconds=seconds,
            now=self.now(),
        )


@attrs.frozen
class ObstoreBuckets:
    """A `Buckets` through obstore.

    Attributes:
        client: Options of obstore's HTTP client.
    """

    client: ClientConfig = attrs.field(factory=_no_options)

    def open(
        self, place: BucketPlace, credentials: Callable[[], Awaitable[BucketCredentials]], /
    ) -> StoragePort:
        """See `Buckets`."""
        return BucketStorage(place, credentials, self.client)


def _type(key: str) -> dict[str, str]:
    return {"Content-Type": _TYPES.get(key.rpartition(".")[2], "application/octet-stream")}


def _described(meta: Any, key: str) -> ObjectStat:
    return ObjectStat(key, int(meta["size"]), meta["last_modified"])
