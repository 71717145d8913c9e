"""Removing what nobody will come back for: abandoned uploads, what was deleted, what has ended.

What is removed has first been given up in the database, in one step that also sees whether it still
may be; so a publication that begins or commits at the same moment is either seen, or refused with
the advice to publish again. It never loses objects that it counts on.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta

import attrs

from polaris.application.storage_powers import sweep
from polaris.application.upkeep.areas import StoreAreas, has_folder
from polaris.ports.clock import Clock
from polaris.ports.progress import ProgressPort, ProgressTask
from polaris.ports.storage import StoragePort
from polaris.ports.upkeep import Purges, UpkeepLocks
from polaris.ports.upkeep_ledger import RevisionEntry, RevisionLedger, RevisionName

__all__ = ["CollectGarbage", "GarbageReport", "Graces", "Removed"]

# Objects that are removed while publishers of the same artifact wait.
_BATCH = 128
_PAGE = 256


@attrs.frozen
class Graces:
    """For how long things are left alone.

    Attributes:
        uploads: Uploads after their last object arrived.
        deleted: Deleted artifacts; None keeps them for ever.
        ended: Credentials, replies and counts of tries after their end.
    """

    uploads: timedelta = timedelta(hours=24)
    deleted: timedelta | None = None
    ended: timedelta = timedelta(days=30)


@attrs.frozen
class Removed:
    """Something that was removed, or would be.

    Attributes:
        what: ``abandoned upload``, ``deleted revision``, ``unfinished removal``, ``incoming
            upload`` or ``unfinished object``.
        where: Its folder.
        objects: How many objects it has.
        size: Bytes of these.
    """

    what: str
    where: str
    objects: int
    size: int


@attrs.frozen
class GarbageReport:
    """What was removed, or would be.

    Attributes:
        removed: Folders of objects.
        purged: How many rows of what has ended, by what it is; None where that is not known
            before they are removed.
    """

    removed: tuple[Removed, ...]
    purged: Mapping[str, int | None]

    @property
    def objects(self) -> int:
        """How many objects."""
        return sum(one.objects for one in self.removed)

    @property
    def size(self) -> int:
        """Bytes of these."""
        return sum(one.size for one in self.removed)


@attrs.frozen
class _Measured:
    objects: int
    size: int
    newest: datetime | None

    def is_before(self, moment: datetime) -> bool:
        """Say whether nothing has come since; of a store that knows no times, nobody can say."""
        return self.objects == 0 or (self.newest is not None and self.newest < moment)


@attrs.frozen
class CollectGarbage:
    """Removes what is not needed any more.

    Attributes:
        ledger: The revisions in the database.
        areas: The hub's stores.
        purges: What holds things that end by themselves, by what these are called.
        locks: Keeps away backups, checks and other removals.
        clock: Tells how old things are.
        progress: Shows how far it has come.
    """

    ledger: RevisionLedger
    areas: StoreAreas
    purges: Mapping[str, Purges]
    locks: UpkeepLocks
    clock: Clock
    progress: ProgressPort

    async def __call__(self, graces: Graces, *, dry_run: bool) -> GarbageReport:
        """Remove it, or only say what would be removed.

        Raises:
            HubBusyError: A backup, a check or another removal is under way.
        """
        now = self.clock.now()
        with (
            self.locks.upkeep(alone=not dry_run),
            self.progress.task("Looking for garbage", total=None, unit="folders") as task,
        ):
            removed = [one async for one in self._unfinished(task, dry_run=dry_run)]
            uploads = now - graces.uploads
            removed += [one async for one in self._abandoned(uploads, task, dry_run=dry_run)]
            if graces.deleted is not None:
                deleted = now - graces.deleted
                removed += [one async for one in self._deleted(deleted, task, dry_run=dry_run)]
            removed += [one async for one in self._incoming(uploads, task, dry_run=dry_run)]
            removed += [one async for one in self._unwritten(uploads, task, dry_run=dry_run)]
            purged: dict[str, int | None] = {}
            for name, store in self.purges.items():
                before = now - graces.ended
                purged[name] = None if dry_run else await store.purge(before=before)
        return GarbageReport(tuple(removed), purged)

    async def _unfinished(self, task: ProgressTask, *, dry_run: bool) -> AsyncIterator[Removed]:
        """Go on with what an earlier run did not finish."""
        async for entry in _all(self.ledger.removing):
            measured = await self._measured(entry.name)
            task.advance(1)
            if not dry_run:
                await self._remove(entry)
            yield _removed("unfinished removal", entry, measured)

    async def _abandoned(
        self, before: datetime, task: ProgressTask, *, dry_run: bool
    ) -> AsyncIterator[Removed]:
        async for entry in _all(self.ledger.abandoned, before=before):
            measured = await self._measured(entry.name)
            task.advance(1)
            if measured.is_before(before) and (dry_run or await self._give_up(entry, before)):
                yield _removed("abandoned upload", entry, measured)

    async def _deleted(
        self, before: datetime, task: ProgressTask, *, dry_run: bool
    ) -> AsyncIterator[Removed]:
        async for entry in _all(self.ledger.deleted, before=before):
            measured = await self._measured(entry.name)
            task.advance(1)
            if measured.is_before(before) and (dry_run or await self._give_up(entry, before)):
                yield _removed("deleted revision", entry, measured)

    async def _give_up(self, entry: RevisionEntry, before: datetime) -> bool:
        if not await self.ledger.give_up(entry, before=before):
            return False
        await self._remove(entry)
        return True

    async def _remove(self, entry: RevisionEntry) -> None:
        """Remove the objects of what was given up, unless it has been begun again, and its row."""
        areas = self.areas.of_revisions if has_folder(entry.name) else {}
        for store in areas.values():
            async for keys in _keys_below(store, entry.name.folder):

                async def delete(store: StoragePort = store, keys: Sequence[str] = keys) -> None:
                    await store.delete(keys)

                if not await self.ledger.remove(entry, delete):
                    break
        await self.ledger.forget(entry)

    async def _measured(self, name: RevisionName) -> _Measured:
        areas = self.areas.of_revisions if has_folder(name) else {}
        return _sum([await _measured(store, name.folder) for store in areas.values()])

    async def _incoming(
        self, before: datetime, task: ProgressTask, *, dry_run: bool
    ) -> AsyncIterator[Removed]:
        """Remove uploads of released clients; one that is not whole is never published."""
        store = self.areas.incoming
        async for folder in _folders(store, levels=3):
            found = await store.list_folder(folder)
            for name in found.folders:
                upload = f"{folder}/{name}"
                measured = await _measured(store, upload)
                task.advance(1)
                if measured.objects and measured.is_before(before):
                    if not dry_run:
                        async for keys in _keys_below(store, upload):
                            await store.delete(keys)
                    yield Removed("incoming upload", upload, measured.objects, measured.size)
            notes = [s for s in found.objects if s.modified is not None and s.modified < before]
            if notes and not found.folders:
                # What was announced last; all of it has been published, or has been given up.
                if not dry_run:
                    await store.delete([stat.key for stat in notes])
                yield Removed(
                    "incoming upload", folder, len(notes), sum(stat.size for stat in notes)
                )

    async def _unwritten(
        self, before: datetime, task: ProgressTask, *, dry_run: bool
    ) -> AsyncIterator[Removed]:
        """Remove what is left of objects whose writers died."""
        areas = {**self.areas.of_revisions, "incoming": self.areas.incoming}
        for name, store in areas.items():
            for stat in await sweep(store, before, remove=not dry_run):
                task.advance(1)
                yield Removed("unfinished object", f"{name}/{stat.key}", 1, stat.size)


async def _all(
    page: Callable[..., Awaitable[Sequence[RevisionEntry]]], **arguments: datetime
) -> AsyncIterator[RevisionEntry]:
    after = 0
    while entries := await page(after=after, limit=_PAGE, **arguments):
        for entry in entries:
            yield entry
        after = entries[-1].id


async def _measured(store: StoragePort, folder: str) -> _Measured:
    found = _Measured(0, 0, None)
    async for page in store.list(folder):
        times = [stat.modified for stat in page]
        newest = None if None in times else max(filter(None, times), default=None)
        found = _sum([found, _Measured(len(page), sum(s.size for s in page), newest)])
    return found


def _sum(parts: Sequence[_Measured]) -> _Measured:
    held = [part for part in parts if part.objects]
    times = [part.newest for part in held]
    newest = None if None in times else max(filter(None, times), default=None)
    return _Measured(sum(p.objects for p in held), sum(p.size for p in held), newest)


async def _keys_below(store: StoragePort, folder: str) -> AsyncIterator[list[str]]:
    """Yield the keys of a folder in batches; to the end of a page before it is removed."""
    async for page in store.list(folder):
        for start in range(0, len(page), _BATCH):
            yield [stat.key for stat in page[start : start + _BATCH]]


async def _folders(store: StoragePort, *, levels: int, folder: str = "") -> AsyncIterator[str]:
    """Yield the folders so many levels down."""
    if levels == 0:
        yield folder
        return
    for name in (await store.list_folder(folder)).folders:
        below = f"{folder}/{name}" if folder else name
        async for found in _folders(store, levels=levels - 1, folder=below):
            yield found


def _removed(what: str, entry: RevisionEntry, measured: _Measured) -> Removed:
    return Removed(what, entry.name.folder, measured.objects, measured.size)
