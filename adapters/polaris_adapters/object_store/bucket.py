"""A folder of a bucket as a store of objects, through obstore's S3 client."""

from __future__ import annotations

import builtins
import hashlib
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import attrs
import obstore
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from polaris.application.loop_thread import run_blocking
from polaris.application.object_keys import already_there, check_folder, check_keys
from polaris.errors import PolarisError, PolarisUnauthorizedError, StorageError
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
from polaris_adapters.object_store.conditional_writes import create
from polaris_adapters.object_store.thread_pool import in_threads

if TYPE_CHECKING:
    from obstore.store import ClientConfig, S3Credential

__all__ = ["BucketStorage", "ObstoreBuckets"]

T = TypeVar("T")
R = TypeVar("R")

# Objects in one reply of a listing.
_PAGE = 1000
_TYPES = {
    "parquet": "application/vnd.apache.parquet",
    "roaring": "application/vnd.roaringbitmap",
    "json": "application/json",
}


def _no_options() -> ClientConfig:
    return {}


class _Provider:
    """Gives obstore its credentials, from a coroutine that fetches them.

    Args:
        credentials: Fetches them.
    """

    def __init__(self, credentials: Callable[[], Awaitable[BucketCredentials]]) -> None:
        self._credentials = credentials
        self.failure: PolarisError | None = None

    def __call__(self) -> S3Credential:
        async def fetched() -> BucketCredentials:
            return await self._credentials()

        try:
            found = run_blocking(fetched())
        except PolarisError as error:
            self.failure = error  # obstore would tell of it in its own words.
            raise
        self.failure = None
        token = found.session_token
        return {
            "access_key_id": found.access_key,
            "secret_access_key": found.secret_key.reveal(),
            "token": None if token is None else token.reveal(),
            "expires_at": found.expires_at,
        }


@attrs.define(eq=False)
class BucketStorage:
    """A `StoragePort` on a bucket; calls block on threads of their own pool.

    An object is one PUT, so it appears whole or not at all.

    Attributes:
        place: Where it is.
        credentials: Gives credentials that are good now.
        client: Options of obstore's HTTP client.
    """

    place: BucketPlace
    credentials: Callable[[], Awaitable[BucketCredentials]] = attrs.field(repr=False)
    client: ClientConfig = attrs.field(factory=_no_options, repr=False)
    _made: dict[int, S3Store] = attrs.field(factory=dict, init=False, repr=False)
    _provider: _Provider = attrs.field(init=False, repr=False)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False, repr=False)

    @_provider.default
    def _new_provider(self) -> _Provider:
        return _Provider(self.credentials)

    def __str__(self) -> str:
        return "/".join(part for part in (self._root, self.place.prefix) if part)

    @property
    def _root(self) -> str:
        return f"{self.place.endpoint.rstrip('/')}/{self.place.bucket}"

    @property
    def _store(self) -> S3Store:
        return self._opened(retries=5)

    @property
    def _untried_store(self) -> S3Store:
        """The bucket through a client that sends each request once."""
        return self._opened(retries=0)

    def _opened(self, *, retries: int) -> S3Store:
        with self._lock:
            if retries not in self._made:
                self._made[retries] = S3Store(
                    self.place.bucket,
                    prefix=self.place.prefix or None,
                    endpoint=self.place.endpoint,
                    region=self.place.region,
                    virtual_hosted_style_request=False,
                    credential_provider=self._provider,
                    client_options={
                        "allow_http": self.place.endpoint.startswith("http://"),
                        **self.client,
                    },
                    retry_config={"max_retries": retries, "retry_timeout": timedelta(seconds=120)},
                )
            return self._made[retries]

    async def _each(self, call: Callable[[T], R], items: Sequence[T]) -> list[R]:
        def translated(item: T) -> R:
            named = getattr(item, "key", item)
            key = named if isinstance(named, str) else "its list of objects"
            try:
                return call(item)
            except (PermissionDeniedError, UnauthenticatedError) as cause:
                if self._provider.failure is not None:
                    raise self._provider.failure from cause
                raise PolarisUnauthorizedError(
                    f"The store {self} refuses {key!r}: {_short(cause)}",
                    hint="The right to these files may have ended; sign in again and try again.",
                ) from cause
            except PolarisError:
                raise
            except (BaseError, OSError, ValueError) as cause:
                if self._provider.failure is not None:
                    raise self._provider.failure from cause
                raise StorageError(
                    f"The store {self} failed for {key!r}: {_short(cause)}",
                    hint="Check the network, then try again.",
                ) from cause

        return await in_threads(translated, items)

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
        attributes = self._attributes(write.key, data)
        if if_exists is not IfExists.REPLACE:
            written = create(self._untried_store, write.key, data, attributes)
            if not written and if_exists is IfExists.RAISE:
                raise already_there([write.key])
            return written
        obstore.put(self._store, write.key, data, attributes=attributes, use_multipart=False)
        return True

    def _attributes(self, key: str, data: bytes) -> dict[str, str]:
        found = {"Content-Type": _TYPES.get(key.rpartition(".")[2], "application/octet-stream")}
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

    def _pages(self, prefix: str, size: int = _PAGE) -> Iterator[Sequence[Any]]:
        return iter(obstore.list(self._store, prefix or None, chunk_size=size))

    async def list(self, prefix: str = "", /) -> AsyncIterator[Sequence[ObjectStat]]:
        """See `StoragePort`."""
        check_folder(prefix)
        [pages] = await self._each(self._pages, [prefix])
        while True:
            [page] = await self._each(lambda found: next(found, None), [pages])
            if page is None:
                return
            yield [_described(meta, str(meta["path"])) for meta in page]


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


def _described(meta: Any, key: str) -> ObjectStat:
    return ObjectStat(key, int(meta["size"]), meta["last_modified"])


def _short(error: BaseException) -> str:
    """Return what obstore says, without its debugging text, in a line."""
    text = " ".join(str(error).partition("\n\nDebug source:")[0].split())
    return text if len(text) < 300 else text[:299] + "…"
