"""A folder of this machine as a store of objects."""

from __future__ import annotations

import builtins
import errno
import functools
import os
import re
import tempfile
from collections.abc import AsyncIterable, AsyncIterator, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal, TypeVar

import attrs
import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore

from polaris.application.object_keys import already_there, check_folder, check_key, check_keys
from polaris.application.object_tree import batches
from polaris.application.sorted_walk import walk_sorted
from polaris.application.storage_powers import in_pieces
from polaris.errors import (
    InvalidNameError,
    PolarisUnauthorizedError,
    StorageError,
)
from polaris.ports.storage import (
    Folder,
    IfExists,
    ObjectDigest,
    ObjectStat,
    Read,
    Write,
)
from polaris.ports.storage_powers import KeptSum
from polaris_adapters.object_store.files import (
    digest_file,
    md5_file,
    names_in,
    read_file,
    stat_file,
    walk,
)
from polaris_adapters.object_store.leftovers import leftovers_in
from polaris_adapters.object_store.staging import StagedFile, SumMemory
from polaris_adapters.object_store.thread_pool import in_threads

__all__ = ["FolderStorage"]

T = TypeVar("T")
R = TypeVar("R")

# Bytes of one call that writes a piece of an object.
_PIECE = 4 * 2**20
_SYSTEM_ERROR = re.compile(r"\(os error (\d+)\)")
# The process in which obstore's threads run, once it has been used.
_home: list[int] = []


@functools.cache
def _store(root: str) -> LocalStore:
    store = LocalStore(root, mkdir=True, automatic_cleanup=True)
    # Where nothing can be made, as in /proc, obstore would try to for ever.
    with tempfile.TemporaryFile(dir=root, suffix="#0"):
        return store


def _writable(root: str) -> LocalStore:
    """Return obstore's store; a forked child would wait for threads that it does not have."""
    if not _home:
        _home.append(os.getpid())
    if _home[0] != os.getpid():
        raise StorageError(
            f"Cannot write to {root} in a process that was forked from one that has written",
            hint="Start processes that write with multiprocessing's 'spawn' method.",
        )
    return _store(root)


def _translating(root: Path, call: Callable[[T], R]) -> Callable[[T], R]:
    """Return the call with the errors of the system and of obstore told in our words."""

    def translated(item: T) -> R:
        key = getattr(item, "key", item)
        try:
            return call(item)
        except PermissionError as cause:
            raise PolarisUnauthorizedError(
                f"No permission for {key} in {root}", hint="Check the folder's permissions."
            ) from cause
        except UnicodeEncodeError as cause:
            raise InvalidNameError(f"{key!r} cannot be the name of a file") from cause
        except (OSError, BaseError) as cause:
            if isinstance(cause, StorageError):
                raise
            number, reason = _reason(cause)
            full = number in (errno.ENOSPC, errno.EDQUOT)
            hint = "Free some space, then try again." if full else "Check the folder and the disk."
            raise StorageError(f"Cannot reach {key} in {root}: {reason}", hint=hint) from cause

    return translated


def _reason(cause: Exception) -> tuple[int | None, str]:
    """Return the system's number of an error and why a call failed, in one line.

    obstore has the number in its text only, and appends paragraphs for its developers.
    """
    text = str(cause).partition("\n")[0]
    number = cause.errno if isinstance(cause, OSError) else None
    if number is None and (found := _SYSTEM_ERROR.search(text)):
        number = int(found[1])
    return number, text if number is None else os.strerror(number)


def _a_folder_is_there(path: str) -> StorageError:
    """Return the error of an object that cannot be written in place of a folder."""
    return StorageError(
        f"{path} is a folder, so no file can be written there",
        hint="Choose another name, or give the path of a file in it.",
    )


@attrs.frozen
class FolderStorage:
    """A `StoragePort` on a folder; objects are files, keys are paths.

    An object is written beside its place, under a name with ``#`` and a number appended, and
    renamed when it is whole. Such names are left out of listings and refused as keys.

    Attributes:
        root: The folder; made at the first write.
    """

    root: Path = attrs.field(converter=Path)
    _base: str = attrs.field(init=False, eq=False, repr=False)
    _sums: SumMemory = attrs.field(factory=SumMemory, init=False, eq=False, repr=False)

    @_base.default
    def _root_as_text(self) -> str:
        return str(self.root)

    def __str__(self) -> str:
        return self._base

    def _path(self, key: str) -> str:
        return f"{self._base}/{key}"

    async def _each(self, call: Callable[[T], R], items: Sequence[T]) -> list[R]:
        return await in_threads(_translating(self.root, call), items)

    async def get(self, reads: Sequence[Read], /) -> list[bytes | None]:
        """See `StoragePort`."""
        check_keys([read.key for read in reads])
        return await self._each(lambda read: read_file(self._path(read.key), read.range), reads)

    async def stat(self, keys: Sequence[str], /) -> list[ObjectStat | None]:
        """See `StoragePort`."""
        check_keys(keys)
        return await self._each(lambda key: stat_file(self._path(key), key), keys)

    async def digest(self, keys: Sequence[str], /) -> list[ObjectDigest | None]:
        """See `StoragePort`."""
        check_keys(keys)
        return await self._each(lambda key: digest_file(self._path(key), key), keys)

    async def md5(self, keys: Sequence[str], /) -> list[tuple[str, int] | None]:
        """See `Md5Objects`."""
        check_keys(keys)
        return await self._each(lambda key: md5_file(self._path(key)), keys)

    async def put(
        self, writes: Sequence[Write], /, *, if_exists: IfExists = IfExists.REPLACE
    ) -> list[bool]:
        """See `StoragePort`."""
        check_keys([write.key for write in writes])
        if if_exists is IfExists.RAISE:
            there = [s.key for s in await self.stat([w.key for w in writes]) if s is not None]
            if there:
                raise already_there(there)
        return await self._each(lambda write: self._put(write, if_exists), writes)

    def _put(self, write: Write, if_exists: IfExists) -> bool:
        mode: Literal["create", "overwrite"]
        mode = "overwrite" if if_exists is IfExists.REPLACE else "create"
        data = bytes(write.data) if not isinstance(write.data, bytes) else write.data
        try:
            obstore.put(_writable(str(self.root)), write.key, data, mode=mode, use_multipart=False)
        except (AlreadyExistsError, FileExistsError) as cause:
            if if_exists is IfExists.RAISE:
                raise already_there([write.key]) from cause
            return False
        except BaseError as cause:
            if os.path.isdir(self._path(write.key)):  # noqa: PTH112  as in `files`
                raise _a_folder_is_there(self._path(write.key)) from cause
            raise
        return True

    async def delete(self, keys: Sequence[str], /) -> None:
        """See `StoragePort`."""
        check_keys(keys)
        await self._each(self._delete, keys)

    def _delete(self, key: str) -> None:
        if stat_file(self._path(key), key) is not None:
            try:
                obstore.delete(_writable(str(self.root)), key)
            except FileNotFoundError:
                return  # Somebody else was faster.

    async def list_folder(self, prefix: str = "", /) -> Folder:
        """See `StoragePort`."""
        check_folder(prefix)
        [found] = await self._each(self._folder, [prefix])
        return found

    def _folder(self, prefix: str) -> Folder:
        entries = sorted(walk(self._path(prefix), prefix), key=lambda entry: entry[0])
        folders = [key for key, stat in entries if stat is None and self._holds_objects(key)]
        return Folder(
            tuple(key.rpartition("/")[2] for key in folders),
            tuple(stat for _, stat in entries if stat is not None),
        )

    def _holds_objects(self, prefix: str) -> bool:
        return any(
            stat is not None or self._holds_objects(key)
            for key, stat in walk(self._path(prefix), prefix)
        )

    async def list(self, prefix: str = "", /) -> AsyncIterator[Sequence[ObjectStat]]:
        """See `StoragePort`."""
        check_folder(prefix)
        waiting = [prefix]
        while waiting:
            level, waiting = waiting[:64], waiting[64:]
            listings = await self._each(lambda key: list(walk(self._path(key), key)), level)
            batch: list[ObjectStat] = []
            for key, stat in (entry for listing in listings for entry in listing):
                if stat is None:
                    waiting.append(key)
                else:
                    batch.append(stat)
            if batch:
                yield batch

    async def list_sorted(
        self, prefix: str = "", /, *, after: str = ""
    ) -> AsyncIterator[Sequence[ObjectStat]]:
        """See `SortedObjects`."""
        check_folder(prefix)

        async def level(key: str) -> tuple[builtins.list[str], builtins.list[str]]:
            [found] = await self._each(lambda head: names_in(self._path(head), head), [key])
            return found

        async for keys in walk_sorted(level, prefix, after):
            for some in batches(keys, 1000):
                stats = await self._each(lambda key: stat_file(self._path(key), key), some)
                yield [stat for stat in stats if stat is not None]

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
        """See `StreamObjects`."""
        check_key(key)
        if if_exists is not IfExists.REPLACE and (await self.stat([key]))[0] is not None:
            if if_exists is IfExists.RAISE:
                raise already_there([key])
            return None
        [staged] = await self._each(lambda at: StagedFile(self._path(at)), [key])
        try:
            async for piece in in_pieces(pieces, _PIECE):
                await self._named(key, functools.partial(staged.write, piece))
            found = staged.sums.digest(key, size=size, sha256=sha256)
            create = if_exists is not IfExists.REPLACE
            if not await self._named(key, functools.partial(self._finish, staged, found, create)):
                if if_exists is IfExists.RAISE:
                    raise already_there([key])
                return None
        finally:
            await self._named(key, staged.discard)
        return found

    async def _named(self, key: str, work: Callable[[], R]) -> R:
        """Return what some work on an object's file returns, with its errors in our words."""
        [found] = await self._each(lambda _: work(), [key])
        return found

    def _finish(self, staged: StagedFile, found: ObjectDigest, create: bool) -> bool:
        path = self._path(found.key)
        if os.path.isdir(path):  # noqa: PTH112  as in `files`
            raise _a_folder_is_there(path)
        if not staged.finish(create=create):
            return False
        assert staged.state is not None, "it is finished"
        self._sums.keep(path, staged.state, found.sha256)
        return True

    async def sweep(self, before: datetime, /, *, remove: bool) -> builtins.list[ObjectStat]:
        """See `SweepObjects`."""
        [found] = await self._each(
            lambda root: leftovers_in(root, before, remove=remove), [self._base]
        )
        return found

    async def kept_sums(self, keys: Sequence[str], /) -> builtins.list[KeptSum | None]:
        """See `KeptSums`; known are those of streams that this store has written."""
        check_keys(keys)
        return await self._each(self._kept, keys)

    def _kept(self, key: str) -> KeptSum | None:
        path = self._path(key)
        stat = stat_file(path, key)
        return None if stat is None else KeptSum(key, stat.size, self._sums.find(path))
