"""Copying a hub while it is served: its rows as they were at one moment, then its objects.

Objects of a committed revision never change, and are not removed while the lock of upkeep is held,
so that whatever the rows refer to can be copied after them, without haste.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from functools import partial

import attrs

from polaris.application.layout import MANIFEST
from polaris.application.upkeep.areas import StoreAreas
from polaris.application.upkeep.backup_format import (
    IndexLine,
    Manifest,
    Part,
    check_place,
    pool_key,
    put_part,
    read_part,
    snapshot_id,
    write_manifest,
)
from polaris.application.upkeep.copying import Copied, copy_objects
from polaris.application.upkeep.expected_objects import at_most, read_seal
from polaris.application.upkeep.lines import lines_of, text_of
from polaris.ports.clock import Clock
from polaris.ports.progress import ProgressPort
from polaris.ports.storage import StoragePort
from polaris.ports.upkeep import UpkeepLocks
from polaris.ports.upkeep_dump import DatabaseDump, DumpPart
from polaris.ports.upkeep_ledger import RevisionName

__all__ = ["BackUp", "BackupReport"]

# Revisions whose objects are looked up at once.
_REVISIONS = 64
# Objects whose presence is asked for at once.
_OBJECTS = 512
# Lines of a file that says where objects go.
_LINES = 20_000


@attrs.frozen
class BackupReport:
    """What a backup did.

    Attributes:
        manifest: What it holds.
        copied: Objects that no earlier backup had.
        copied_bytes: Bytes of these.
    """

    manifest: Manifest
    copied: int
    copied_bytes: int


@attrs.frozen
class BackUp:
    """Copies a hub to a store of backups.

    Attributes:
        dump: The hub's database.
        areas: The hub's stores.
        locks: Keeps away what removes objects.
        clock: Names the backup.
        progress: Shows how far it has come.
    """

    dump: DatabaseDump
    areas: StoreAreas
    locks: UpkeepLocks
    clock: Clock
    progress: ProgressPort

    async def __call__(self, target: StoragePort) -> BackupReport:
        """Make a backup; objects that an earlier one has are not copied again.

        A backup that was interrupted has no manifest; the next one finds the objects that it
        copied.

        Raises:
            HubBusyError: Something is being removed from the hub.
            StorageError: The target holds something else, or cannot be written.
        """
        await check_place(target, make=True)
        with self.locks.upkeep():
            snapshot = snapshot_id(self.clock.now(), secrets.token_hex(2))
            made_at = self.clock.now().isoformat()
            rows = _Rows(target, snapshot)
            with self.progress.task("Copying the database", total=None, unit="rows") as task:

                async def keep(part: DumpPart) -> None:
                    await rows.keep(part)
                    task.advance(part.rows)

                schema = await self.dump.save(keep)
            objects = _Objects(self.areas, target, snapshot)
            total = sum(part.rows for part in rows.revisions)
            with self.progress.task("Copying objects", total=total, unit="revisions") as task:
                for part in rows.revisions:
                    lines = [
                        RevisionName(**line) for line in lines_of(await read_part(target, part))
                    ]
                    for start in range(0, len(lines), _REVISIONS):
                        await objects.copy(lines[start : start + _REVISIONS])
                        task.advance(len(lines[start : start + _REVISIONS]))
            await objects.write_index()
        manifest = Manifest(
            id=snapshot,
            made_at=made_at,
            schema=schema,
            tables=tuple(rows.tables),
            revisions=tuple(rows.revisions),
            index=tuple(objects.index),
            objects=objects.count,
            size=objects.size,
            damaged=tuple(objects.damaged),
        )
        await write_manifest(target, manifest)
        return BackupReport(manifest, objects.copied, objects.copied_bytes)


class _Rows:
    """Writes what comes out of the database."""

    def __init__(self, target: StoragePort, snapshot: str) -> None:
        self._target, self._snapshot = target, snapshot
        self.tables: list[Part] = []
        self.revisions: list[Part] = []

    async def keep(self, part: DumpPart) -> None:
        """Write a part."""
        kept = self.revisions if part.table is None else self.tables
        stem = "revisions" if part.table is None else f"tables/{part.table}"
        name = f"{stem}-{len(kept) + 1:05}"
        kept.append(
            await put_part(
                self._target, self._snapshot, name, part.data, rows=part.rows, table=part.table
            )
        )


class _Objects:
    """Copies the objects of revisions, and writes down where they go."""

    def __init__(self, areas: StoreAreas, target: StoragePort, snapshot: str) -> None:
        self._areas, self._target, self._snapshot = areas, target, snapshot
        self._lines: list[IndexLine] = []
        self.index: list[Part] = []
        self.damaged: list[str] = []
        self.count = self.size = self.copied = self.copied_bytes = 0

    async def copy(self, names: Sequence[RevisionName]) -> None:
        """Copy the objects of some revisions."""
        for area, store in self._areas.of_revisions.items():
            seals = await at_most(names, partial(read_seal, store))
            wanted: list[tuple[str, str]] = []
            for name, seal in zip(names, seals, strict=True):
                if seal.fault:
                    self.damaged.append(f"{area}/{name.folder}/{MANIFEST}: {seal.fault}")
                entries = dict(seal.manifest.entries)
                if seal.sha256 is not None:
                    entries[MANIFEST] = seal.sha256
                wanted += [(f"{name.folder}/{key}", sha) for key, sha in entries.items()]
            for start in range(0, len(wanted), _OBJECTS):
                await self._copy(area, store, wanted[start : start + _OBJECTS])

    async def _copy(self, area: str, store: StoragePort, wanted: Sequence[tuple[str, str]]) -> None:
        there = await self._target.stat([pool_key(sha) for _, sha in wanted])
        sizes = {sha: s.size for (_, sha), s in zip(wanted, there, strict=True) if s is not None}
        sources: dict[str, list[str]] = {}
        for key, sha in wanted:
            if sha not in sizes:
                sources.setdefault(sha, []).append(key)
        # Of several objects that are to be alike, another one may be whole.
        while sources:
            arrived = await self._arrived(store, {sha: keys[0] for sha, keys in sources.items()})
            sizes |= arrived
            self.copied += len(arrived)
            self.copied_bytes += sum(arrived.values())
            sources = {sha: keys[1:] for sha, keys in sources.items() if keys[1:]}
            sources = {sha: keys for sha, keys in sources.items() if sha not in sizes}
        for key, sha in wanted:
            if sha not in sizes:
                self.damaged.append(f"{area}/{key} is missing, or not what was published")
                continue
            self._lines.append(IndexLine(area, key, sha, sizes[sha]))
            self.count += 1
            self.size += sizes[sha]
        if len(self._lines) >= _LINES:
            await self.write_index()

    async def _arrived(self, store: StoragePort, keys: Mapping[str, str]) -> dict[str, int]:
        """Copy objects, given by their sha256; return the sizes of those that were whole."""
        stats = await store.stat(list(keys.values()))
        found = [
            Copied(stat.key, pool_key(sha), stat.size, sha)
            for sha, stat in zip(keys, stats, strict=True)
            if stat is not None
        ]
        whole = await copy_objects(store, self._target, found)
        return {c.sha256: c.size for c, ok in zip(found, whole, strict=True) if ok and c.sha256}

    async def write_index(self) -> None:
        """Write down where the objects go that were copied since the last call."""
        if not self._lines:
            return
        data = b"".join(text_of(attrs.asdict(line)) for line in self._lines)
        name = f"index-{len(self.index) + 1:05}"
        rows = len(self._lines)
        part = await put_part(self._target, self._snapshot, name, data, rows=rows, table=None)
        self.index.append(part)
        self._lines = []
