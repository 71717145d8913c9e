"""Uploads of released clients: announced, receiving, complete.

Nothing is sent when all has been sent; the hub notices by itself. After each object, it looks for
those that it has not seen yet. Whichever process takes in the last one finds all of them: so it
takes no memory that processes share, and about one look an object.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import attrs

from polaris.application.layout import ARCHIVE, TABLE
from polaris.application.native_wire.fields import Fields
from polaris.application.object_tree import below
from polaris.application.storage_powers import put_stream
from polaris.codec.index_sets import check_index_set
from polaris.codec.tables import decode_table
from polaris.domain.checksums.table import table_checksum
from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.domain.index_set import IndexSet
from polaris.errors import (
    ArtifactNotFoundError,
    DamagedFileError,
    InvalidInputError,
    PolarisChecksumError,
    PolarisError,
)
from polaris.ports.artifacts import ArtifactRecord
from polaris.ports.storage import IfExists, ObjectStat, Read, StoragePort, Write
from polaris_adapters.hub_server.hub import Hub, own_failure
from polaris_adapters.hub_server.released.announced import Announced, IncomingFolder
from polaris_adapters.hub_server.released.expected import Expected, expected_of
from polaris_adapters.hub_server.released.incoming_body import (
    AnyBody,
    checked_pieces,
    in_memory,
)

__all__ = ["Completed", "Uploads"]

_LOG = logging.getLogger(__name__)

Completed = Callable[[Announced, Expected, StoragePort], Awaitable[ArtifactRecord]]

# Uploads of which this process remembers what it has seen.
_REMEMBERED = 256
_MOST_LOOKS = 1024
# How long the sender of the last object waits for the commit, seconds; then it goes on by itself.
_PATIENCE = 30.0
# After this time without an object, an upload whose end cannot be told is taken to be complete.
_QUIET = timedelta(seconds=60)


@attrs.define(eq=False)
class _Progress:
    """What this process knows of an upload."""

    expected: Expected
    missing: list[str]
    lock: asyncio.Lock = attrs.field(factory=asyncio.Lock)
    task: asyncio.Task[ArtifactRecord] | None = None


@attrs.define(eq=False)
class Uploads:
    """Takes in the objects of announced uploads, and has them published when all are there.

    Attributes:
        hub: The hub.
        folder: Where they are kept meanwhile.
        publish: Publishes what is complete.
    """

    hub: Hub
    folder: IncomingFolder
    publish: Completed
    _progress: OrderedDict[str, _Progress] = attrs.field(factory=OrderedDict, init=False)

    async def announce(self, announced: Announced) -> Announced:
        """Begin an upload, or go on with the same one; return what is kept of it.

        Raises:
            InvalidInputError: It does not say what will come, or says what cannot be.
        """
        _expected(announced)
        with own_failure():
            before = await self.folder.current(announced.ref)
            if before is not None and before.upload_id == announced.upload_id:
                if await self._is_published(before):
                    return before
            elif before is not None:
                await self.folder.clear(before)
            await self.folder.keep(announced)
        self._progress.pop(_name(announced), None)
        return announced

    async def _is_published(self, announced: Announced) -> bool:
        if announced.revision is None:
            return False
        try:
            record = await self.hub.artifacts.get(announced.ref)
        except ArtifactNotFoundError:
            return False
        return record.location.revision == announced.revision

    async def current(self, ref: ArtifactRef, upload_id: str | None = None) -> Announced | None:
        """Return the upload that was announced last; None if that is another one."""
        with own_failure():
            found = await self.folder.current(ref)
        return found if found is None or upload_id in (None, found.upload_id) else None

    async def opened(self, announced: Announced) -> StoragePort:
        """Return the objects of an upload, for reading: also when it has been published."""
        if announced.revision is None:
            return self.folder.objects(announced)
        record = await self.hub.artifacts.get(announced.ref)
        with own_failure():
            return await self.hub.storage.open(record.location)

    async def put(self, announced: Announced, key: str, data: bytes, *, only_new: bool) -> bool:
        """Take in an object; return whether it was written.

        Args:
            announced: The upload that it belongs to.
            key: Its key.
            data: Its content.
            only_new: Leave one that is there as it is.

        Raises:
            InvalidInputError: It was not announced, or cannot be decoded.
            PolarisChecksumError: It is not what was announced.
        """
        if announced.revision is not None:
            return await self._again(announced, key, data, only_new=only_new)
        progress = await self._of(announced)
        if only_new and await self._is_there(announced, progress, key):
            return False
        await asyncio.to_thread(_check, announced, progress.expected, key, data)
        conflict = IfExists.SKIP if only_new else IfExists.REPLACE
        with own_failure():
            store = self.folder.objects(announced)
            [written] = await store.put([Write(key, data)], if_exists=conflict)
        await self._advance(announced, progress)
        return written

    async def _is_there(self, announced: Announced, progress: _Progress, key: str) -> bool:
        with own_failure():
            [there] = await self.folder.objects(announced).stat([key])
        if there is not None:
            await self._advance(announced, progress)
        return there is not None

    async def put_stream(
        self, announced: Announced, key: str, body: AnyBody, *, only_new: bool
    ) -> str | None:
        """Take in an object as it comes; return its MD5, or None if it was not written.

        Only what has to be decoded to be looked at is in memory at once; arguments and errors are
        those of `put`.
        """
        progress = await self._of(announced)
        if announced.revision is not None or _is_decoded(announced, progress.expected, key):
            data = await in_memory(body, self.hub.limits.in_memory)
            written = await self.put(announced, key, data, only_new=only_new)
            return hashlib.md5(data, usedforsecurity=False).hexdigest() if written else None
        wanted = progress.expected.announced(key)
        if only_new and await self._is_there(announced, progress, key):
            return None
        with own_failure():
            found = await put_stream(
                self.folder.objects(announced),
                key,
                checked_pieces(body, key, wanted),
                if_exists=IfExists.SKIP if only_new else IfExists.REPLACE,
                size=body.size,
                sha256=body.sha256,
            )
        await self._advance(announced, progress)
        return None if found is None else found.md5

    async def settle(self, ref: ArtifactRef) -> None:
        """Publish an upload of the oldest generation that has been quiet for a while, if it can be.

        What that generation sends tells which chunks an archive can have, not which it has: those
        of nothing but the fill value are often not there, and so never come.
        """
        announced = await self.current(ref)
        if announced is None or announced.revision is not None:
            return
        progress = await self._of(announced)
        try:
            await self._advance(announced, progress, quiet=True)
        except PolarisError as error:
            # Whoever reads what is published already must not be kept from it.
            _LOG.warning("the upload of the %s cannot be published: %s", ref, error)

    async def _has_settled(self, store: StoragePort, progress: _Progress) -> bool:
        """Say whether all has come but chunks, a while ago; what is there is then all there is."""
        if not progress.expected.is_open:
            return False
        with own_failure():
            stats = await below(store, "")
        there, now = {stat.key for stat in stats}, self.hub.clock.now()
        missing = progress.expected.sums.keys() - there
        if not all(map(_is_chunk, missing)) or any(_is_recent(stat, now) for stat in stats):
            return False
        sums = {key: sum_ for key, sum_ in progress.expected.sums.items() if key in there}
        progress.expected = attrs.evolve(progress.expected, sums=sums)
        return True

    async def _again(self, announced: Announced, key: str, data: bytes, *, only_new: bool) -> bool:
        """Compare what is sent once more with what was published."""
        store = await self.opened(announced)
        with own_failure():
            [there] = await store.get([Read(key)])
        if there is not None and only_new:
            return False
        if there != data:
            raise PolarisChecksumError(
                f"{key} is not what was published", hint="Announce the artifact again."
            )
        return True

    async def _of(self, announced: Announced) -> _Progress:
        name = _name(announced)
        found = self._progress.get(name)
        if found is None:
            expected = _expected(announced)
            found = self._progress.setdefault(name, _Progress(expected, sorted(expected.sums)))
            while len(self._progress) > _REMEMBERED:
                self._progress.popitem(last=False)
        self._progress.move_to_end(name)
        return found

    async def _advance(
        self, announced: Announced, progress: _Progress, *, quiet: bool = False
    ) -> None:
        """Look for what has not been seen yet, and publish if all is there."""
        store = self.folder.objects(announced)
        async with progress.lock:
            if progress.task is None and (
                await _is_all_there(announced, store, progress)
                or (quiet and await self._has_settled(store, progress))
            ):
                work = self._complete(announced, progress.expected, store)
                progress.task = asyncio.create_task(work)
            task = progress.task
        if task is None:
            return
        await asyncio.wait([task], timeout=_PATIENCE)
        if task.done():
            async with progress.lock:
                # Another try begins anew: what has come may have been removed meanwhile.
                self._progress.pop(_name(announced), None)
            task.result()

    async def _complete(
        self, announced: Announced, expected: Expected, store: StoragePort
    ) -> ArtifactRecord:
        record = await self.publish(announced, expected, store)
        revision = record.location.revision
        with own_failure():
            current = await self.folder.current(announced.ref)
            if current is not None and current.upload_id == announced.upload_id:
                await self.folder.keep(attrs.evolve(announced, revision=revision))
            await self.folder.clear(announced)
        return record


async def _is_all_there(announced: Announced, store: StoragePort, progress: _Progress) -> bool:
    looks = 1
    while True:
        while progress.missing:
            batch = progress.missing[-looks:]
            with own_failure():
                stats = await store.stat(batch)
            absent = [key for key, stat in zip(batch, stats, strict=True) if stat is None]
            progress.missing[-looks:] = absent
            if absent:
                return False
            looks = min(2 * looks, _MOST_LOOKS)
        index = progress.expected.index
        if index is None:
            return await _is_really_there(announced, store, progress)
        with own_failure():
            [data] = await store.get([Read(index)])
        if data is None:
            progress.missing = [index]
            return False
        progress.expected = await asyncio.to_thread(progress.expected.with_index, data)
        progress.missing = sorted(progress.expected.sums)
        looks = 1


async def _is_really_there(announced: Announced, store: StoragePort, progress: _Progress) -> bool:
    """Look once more at everything: another process may have begun the same upload anew."""
    expected = _expected(announced)
    with own_failure():
        there = {stat.key for stat in await below(store, "")}
        if expected.index is not None:
            [data] = await store.get([Read(expected.index)])
            if data is not None:
                expected = await asyncio.to_thread(expected.with_index, data)
    progress.expected = expected
    progress.missing = sorted(key for key in expected.sums if key not in there)
    return not progress.missing


def _is_decoded(announced: Announced, expected: Expected, key: str) -> bool:
    """Say whether an object is looked into before it is taken; see `_check`."""
    return key in (TABLE, expected.index) or announced.ref.kind is ArtifactKind.BENCHMARK


def _is_recent(stat: ObjectStat, now: datetime) -> bool:
    return stat.modified is None or now - stat.modified < _QUIET


def _name(announced: Announced) -> str:
    return f"{announced.ref.urn} {announced.upload_id}"


def _is_chunk(key: str) -> bool:
    return key.startswith(f"{ARCHIVE}/") and not key.rpartition("/")[2].startswith(".")


def _expected(announced: Announced) -> Expected:
    body = Fields.of(announced.body, where="body")
    return expected_of(announced.ref.kind, announced.version, body)


def _check(announced: Announced, expected: Expected, key: str, data: bytes) -> None:
    """Refuse an object that is not what was announced, or cannot be what it should be."""
    expected.check(key, data)
    if key == TABLE:
        _check_table(announced, expected, data)
    elif key == expected.index:
        expected.with_index(data)
    elif announced.ref.kind is ArtifactKind.BENCHMARK:
        part = key.rpartition("/")[2].removesuffix(".roaring")
        check_index_set(IndexSet.deserialize(data), announced.body["split"][part], what=key)


def _check_table(announced: Announced, expected: Expected, data: bytes) -> None:
    try:
        table = decode_table(data, source="The table")
    except DamagedFileError as cause:
        raise InvalidInputError(cause.message, hint="Send the table as parquet.") from cause
    said = announced.body.get("md5Sum")
    found = table_checksum(table, expected.archive_md5)
    if said is not None and said != found:
        raise PolarisChecksumError(
            f"The checksum of the dataset is {found}, its announcement says {said}",
            hint="Load it again, and compute its checksum anew; -0.0 and times in other units "
            "give other checksums with other versions of pandas.",
        )
