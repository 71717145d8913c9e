"""Bringing a hub back from a backup: its objects first, its rows in one step at the end.

Until that step the database has nothing but a mark, by which everything that opens a hub refuses
it. Begun again after an interruption, a restore finds what has arrived by comparing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence

import attrs

from polaris.application.upkeep.areas import StoreAreas
from polaris.application.upkeep.backup_format import IndexLine, Manifest, pool_key, read_part
from polaris.application.upkeep.copying import Copied, copy_objects
from polaris.application.upkeep.verify_backup import chosen_snapshot, index_lines
from polaris.errors import PolarisChecksumError, PolarisHubError
from polaris.ports.progress import ProgressPort
from polaris.ports.storage import StoragePort
from polaris.ports.upkeep import UpkeepLocks
from polaris.ports.upkeep_dump import DatabaseDump, DumpPart

__all__ = ["Restore", "RestoreReport"]


@attrs.frozen
class RestoreReport:
    """What was restored.

    Attributes:
        manifest: What the backup holds.
        sent: Objects that were not there yet.
        rows: How many rows each table got.
    """

    manifest: Manifest
    sent: int
    rows: Mapping[str, int]


@attrs.frozen
class Restore:
    """Restores a backup into a hub that is empty.

    Attributes:
        dump: The hub's database.
        areas: The hub's stores.
        locks: Keeps everybody else away.
        progress: Shows how far it has come.
    """

    dump: DatabaseDump
    areas: StoreAreas
    locks: UpkeepLocks
    progress: ProgressPort

    async def __call__(self, source: StoragePort, snapshot: str | None = None) -> RestoreReport:
        """Restore a backup, the newest complete one if none is named.

        Raises:
            PolarisHubError: The hub is not empty, or another backup is being restored into it.
            PolarisChecksumError: The backup is damaged; the hub is left unfinished, and refused
                by whatever would serve it.
            ObjectNotFoundError: There is no such backup, or a part of it is missing.
            HubBusyError: The hub is served.
        """
        manifest = await chosen_snapshot(source, snapshot)
        with self.locks.serving(alone=True), self.locks.upkeep(alone=True):
            if await self.dump.is_empty():
                await self._refuse_objects()
            await self.dump.begin_restore(manifest.id)
            sent = await self._send(source, manifest)
            rows = await self.dump.finish_restore(
                manifest.id, manifest.schema, _dumped(source, manifest)
            )
        return RestoreReport(manifest, sent, rows)

    async def _refuse_objects(self) -> None:
        for area, store in self.areas.of_revisions.items():
            async for page in store.list():
                if page:
                    raise PolarisHubError(
                        f"The store of the hub is not empty: there is {area}/{page[0].key}",
                        hint="Restore into a new folder or bucket.",
                    )

    async def _send(self, source: StoragePort, manifest: Manifest) -> int:
        sent = 0
        with self.progress.task("Restoring", total=manifest.size, unit="bytes") as task:
            for part in manifest.index:
                for lines in index_lines(await read_part(source, part)):
                    for area, store in self.areas.of_revisions.items():
                        here = [line for line in lines if line.area == area]
                        sent += await _send(source, store, here)
                    task.advance(sum(line.size for line in lines))
        return sent


async def _send(source: StoragePort, store: StoragePort, lines: Sequence[IndexLine]) -> int:
    """Bring objects to a store, those that are not there yet; return how many."""
    stats = await store.stat([line.key for line in lines])
    alike = [
        line.key
        for line, stat in zip(lines, stats, strict=True)
        if stat is not None and stat.size == line.size
    ]
    there = {d.key: d.sha256 for d in await store.digest(alike) if d is not None}
    missing = [line for line in lines if there.get(line.key) != line.sha256]
    wanted = [Copied(pool_key(line.sha256), line.key, line.size, line.sha256) for line in missing]
    whole = await copy_objects(source, store, wanted)
    for line, is_whole in zip(missing, whole, strict=True):
        if not is_whole:
            raise PolarisChecksumError(
                f"{pool_key(line.sha256)} of the backup is missing or differs from its checksum",
                hint="Use another backup; polaris hub backup --verify says which are whole.",
            )
    return len(missing)


async def _dumped(source: StoragePort, manifest: Manifest) -> AsyncIterator[DumpPart]:
    for part in manifest.tables:
        yield DumpPart(part.table, part.rows, await read_part(source, part))
