"""A store that fails when it is told to."""

from __future__ import annotations

import builtins
import threading
from collections import Counter
from collections.abc import AsyncIterable, AsyncIterator, Sequence
from typing import Literal

import attrs

from polaris.application.storage_powers import list_sorted, put_stream
from polaris.errors import StorageError
from polaris.ports.storage import (
    Folder,
    IfExists,
    ObjectDigest,
    ObjectStat,
    Read,
    StoragePort,
    Write,
)

__all__ = ["Fault", "FaultyStorage", "Verb"]

Verb = Literal["get", "stat", "put", "delete", "list", "list_folder", "digest"]


@attrs.frozen
class Fault:
    """When a store fails, and how.

    Attributes:
        verb: The verb that fails.
        call: The call of that verb that fails first; counts from 1.
        times: How many calls in a row fail.
        retryable: Whether the error says that another try may help.
        after: What is done before it fails: objects of ``put`` and ``delete``, pages of ``list``.
    """

    verb: Verb
    call: int = attrs.field(default=1, validator=attrs.validators.ge(1))
    times: int = attrs.field(default=1, validator=attrs.validators.ge(1), kw_only=True)
    retryable: bool = attrs.field(default=False, kw_only=True)
    after: int = attrs.field(default=0, validator=attrs.validators.ge(0), kw_only=True)

    def strikes(self, verb: Verb, call: int) -> bool:
        """Return whether this call is to fail."""
        return verb == self.verb and self.call <= call < self.call + self.times

    def error(self) -> StorageError:
        """Return a new error as this fault raises it."""
        error = StorageError(
            f"Cannot {self.verb}: the store failed on purpose",
            hint="Try again." if self.retryable else "Trying again will not help.",
        )
        vars(error)["retryable"] = self.retryable
        return error


class FaultyStorage:
    """Another store, which fails at chosen calls.

    Args:
        inner: The store.
        fail: The faults; the first one that strikes a call counts.

    Attributes:
        calls: How often each verb has been called.
    """

    def __init__(self, inner: StoragePort, *, fail: Fault | Sequence[Fault] = ()) -> None:
        self._inner = inner
        self._faults = (fail,) if isinstance(fail, Fault) else tuple(fail)
        self._lock = threading.Lock()
        self.calls: Counter[Verb] = Counter()

    async def get(self, reads: Sequence[Read], /) -> builtins.list[bytes | None]:
        """See `ReadObjects.get`."""
        self._fail("get")
        return await self._inner.get(reads)

    async def stat(self, keys: Sequence[str], /) -> builtins.list[ObjectStat | None]:
        """See `ReadObjects.stat`."""
        self._fail("stat")
        return await self._inner.stat(keys)

    async def put(
        self, writes: Sequence[Write], /, *, if_exists: IfExists = IfExists.REPLACE
    ) -> builtins.list[bool]:
        """See `WriteObjects.put`."""
        if fault := self._strike("put"):
            await self._inner.put(writes[: fault.after], if_exists=if_exists)
            raise fault.error()
        return await self._inner.put(writes, if_exists=if_exists)

    async def delete(self, keys: Sequence[str], /) -> None:
        """See `WriteObjects.delete`."""
        if fault := self._strike("delete"):
            await self._inner.delete(keys[: fault.after])
            raise fault.error()
        await self._inner.delete(keys)

    async def list(self, prefix: str = "", /) -> AsyncIterator[Sequence[ObjectStat]]:
        """See `ListObjects.list`."""
        fault, pages = self._strike("list"), 0
        async for page in self._inner.list(prefix):
            if fault is not None and pages == fault.after:
                break
            yield page
            pages += 1
        if fault is not None:
            raise fault.error()

    async def list_folder(self, prefix: str = "", /) -> Folder:
        """See `ListObjects.list_folder`."""
        self._fail("list_folder")
        return await self._inner.list_folder(prefix)

    async def digest(self, keys: Sequence[str], /) -> builtins.list[ObjectDigest | None]:
        """See `DigestObjects.digest`."""
        self._fail("digest")
        return await self._inner.digest(keys)

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
        """See `StreamObjects`; a call of ``put`` that, with ``after``, fails when it is done."""
        fault = self._strike("put")
        if fault is not None and fault.after == 0:
            raise fault.error()
        found = await put_stream(
            self._inner, key, pieces, if_exists=if_exists, size=size, sha256=sha256
        )
        if fault is not None:
            raise fault.error()
        return found

    async def list_sorted(
        self, prefix: str = "", /, *, after: str = ""
    ) -> AsyncIterator[Sequence[ObjectStat]]:
        """See `SortedObjects`; a call of ``list``."""
        fault, pages = self._strike("list"), 0
        async for page in list_sorted(self._inner, prefix, after=after):
            if fault is not None and pages == fault.after:
                break
            yield page
            pages += 1
        if fault is not None:
            raise fault.error()

    def _strike(self, verb: Verb) -> Fault | None:
        with self._lock:
            self.calls[verb] += 1
            call = self.calls[verb]
        return next((fault for fault in self._faults if fault.strikes(verb, call)), None)

    def _fail(self, verb: Verb) -> None:
        if fault := self._strike(verb):
            raise fault.error()
