"""Checksums of many files, computed where Dask computes."""

from __future__ import annotations

from collections.abc import Sequence

from dask.base import compute
from dask.delayed import delayed

from polaris.application.loop_thread import run_blocking
from polaris.application.object_tree import batches, joined
from polaris.domain.checksums.archive import FileChecksum
from polaris.ports.storage import StoragePort

__all__ = ["file_checksums"]

# Files of one task: enough to outweigh what a task costs, few enough to spread.
_FILES_AT_ONCE = 2048


def file_checksums(storage: StoragePort, folder: str, keys: Sequence[str]) -> list[FileChecksum]:
    """Return path, md5 and size of files, in the order of the keys.

    Args:
        storage: Holds them; sent to the workers, which have to reach it.
        folder: Where they are in it.
        keys: Their paths below the folder. Those that vanished are left out.
    """
    digest = delayed(_digest, pure=False)
    tasks = [digest(storage, folder, list(part)) for part in batches(keys, _FILES_AT_ONCE)]
    # Dask types a part of itself only.
    found: tuple[list[FileChecksum], ...] = compute(*tasks)  # type: ignore[no-untyped-call]
    return [file for part in found for file in part]


def _digest(storage: StoragePort, folder: str, keys: list[str]) -> list[FileChecksum]:
    found: list[FileChecksum] = []
    for part in batches(keys):
        digests = run_blocking(storage.digest([joined(folder, key) for key in part]))
        found += [
            FileChecksum(key, digest.md5, digest.size)
            for key, digest in zip(part, digests, strict=True)
            if digest is not None
        ]
    return found
