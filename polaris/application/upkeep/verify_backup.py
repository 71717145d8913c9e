"""Reading a backup to its last byte, to see that all of it is what was written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs

from polaris.application.object_tree import batches
from polaris.application.upkeep.backup_format import (
    IndexLine,
    Manifest,
    check_place,
    pool_key,
    read_manifest,
    read_part,
    snapshots,
)
from polaris.application.upkeep.lines import lines_of
from polaris.errors import ObjectNotFoundError, PolarisChecksumError, StorageError
from polaris.ports.progress import ProgressPort
from polaris.ports.storage import StoragePort

__all__ = ["VerifyBackup", "chosen_snapshot", "index_lines"]


@attrs.frozen
class VerifyBackup:
    """Checks a backup.

    Attributes:
        progress: Shows how far it has come.
    """

    progress: ProgressPort

    async def __call__(
        self, store: StoragePort, snapshot: str | None = None
    ) -> tuple[Manifest, list[str]]:
        """Return what a backup holds, the newest one if none is named, and what is wrong with it.

        Raises:
            ObjectNotFoundError: There is no such backup, or it is not complete.
            PolarisChecksumError: Its manifest is not what was written.
        """
        manifest = await chosen_snapshot(store, snapshot)
        wrong: list[str] = []
        with self.progress.task("Checking", total=manifest.objects, unit="objects") as task:
            for part in manifest.parts:
                try:
                    data = await read_part(store, part)
                except (StorageError, PolarisChecksumError) as error:
                    wrong.append(error.message)
                    continue
                if part in manifest.index:
                    for lines in index_lines(data):
                        wrong += await _differing(store, lines)
                        task.advance(len(lines))
        return manifest, wrong


async def chosen_snapshot(store: StoragePort, snapshot: str | None) -> Manifest:
    """Return the manifest of a backup; that of the newest complete one if none is named.

    Raises:
        ObjectNotFoundError: There is none.
    """
    await check_place(store, make=False)
    complete = [name async for name, is_complete in snapshots(store) if is_complete]
    if snapshot is None and complete:
        snapshot = complete[-1]
    manifest = None if snapshot is None else await read_manifest(store, snapshot)
    if manifest is None:
        named = "no complete backup" if snapshot is None else f"no complete backup {snapshot}"
        raise ObjectNotFoundError(
            f"{store} holds {named}",
            hint=f"There are: {', '.join(complete)}." if complete else "Make one first.",
        )
    return manifest


def index_lines(data: bytes) -> Iterator[Sequence[IndexLine]]:
    """Yield the objects that a file names, in batches."""
    yield from batches([IndexLine(**line) for line in lines_of(data)])


async def _differing(store: StoragePort, lines: Sequence[IndexLine]) -> list[str]:
    unique = {line.sha256: line for line in lines}
    digests = await store.digest([pool_key(sha) for sha in unique])
    wrong = []
    for (sha, line), digest in zip(unique.items(), digests, strict=True):
        if digest is None:
            wrong.append(f"{pool_key(sha)} is missing ({line.area}/{line.key})")
        elif digest.sha256 != sha:
            wrong.append(f"{pool_key(sha)} differs from its checksum ({line.area}/{line.key})")
    return wrong
