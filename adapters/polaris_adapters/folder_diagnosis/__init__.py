"""Looking at folders of this machine: that of a hub, and the cache."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator
from importlib.util import find_spec
from pathlib import Path

import attrs

from polaris.ports.diagnosis import Finding, Outcome

__all__ = ["CacheDiagnosis", "FolderHubDiagnosis"]

# Below this, uploads of datasets are likely to fail, bytes.
_LITTLE = 2**30


@attrs.frozen
class CacheDiagnosis:
    """A `Diagnosis` of the folder for cached datasets.

    Attributes:
        folder: The folder.
    """

    folder: Path

    async def findings(self) -> AsyncIterator[Finding]:
        """See `Diagnosis.findings`."""
        for finding in await asyncio.to_thread(lambda: list(self._looked())):
            yield finding

    def _looked(self) -> Iterator[Finding]:
        there = _nearest(self.folder)
        refused = _refusal(there)
        if refused is not None:
            yield Finding(
                "cache",
                Outcome.FAILED,
                f"{self.folder} cannot be used: {refused}",
                hint="Mend its permissions, or set cache_dir (POLARIS_CACHE_DIR).",
                details={"folder": str(self.folder)},
                exit_code=1,
            )
            return
        free = shutil.disk_usage(there).free
        yield Finding(
            "cache",
            Outcome.WARNING if free < _LITTLE else Outcome.GOOD,
            f"{self.folder} can be written; {_size(free)} are free",
            hint="Make room, or set cache_dir (POLARIS_CACHE_DIR)." if free < _LITTLE else "",
            details={"folder": str(self.folder), "free_bytes": free},
        )


@attrs.frozen
class FolderHubDiagnosis:
    """A `Diagnosis` of a hub in a folder.

    Attributes:
        folder: The folder.
    """

    folder: Path

    async def findings(self) -> AsyncIterator[Finding]:
        """See `Diagnosis.findings`."""
        for finding in await asyncio.to_thread(lambda: list(self._looked())):
            yield finding
            if finding.ends:
                return

    def _looked(self) -> Iterator[Finding]:
        yield self._packages()
        yield self._place()
        if not self.folder.is_dir():
            return
        yield self._space()
        yield self._database()
        yield self._hidden()

    def _packages(self) -> Finding:
        missing = [name for name in ("sqlalchemy", "alembic") if find_spec(name) is None]
        if missing:
            return Finding(
                "packages",
                Outcome.FAILED,
                f"A hub in a folder needs packages that are missing: {', '.join(missing)}",
                hint="Install the extra: pip install 'polaris-hub[local]'.",
                exit_code=1,
                ends=True,
            )
        return Finding("packages", Outcome.GOOD, "All packages that it needs are installed")

    def _place(self) -> Finding:
        details = {"folder": str(self.folder)}
        refused = _refusal(_nearest(self.folder))
        if refused is not None:
            return Finding(
                "folder",
                Outcome.FAILED,
                f"{self.folder} cannot be used: {refused}",
                hint="Mend its permissions, or choose another folder.",
                details=details,
                exit_code=1,
                ends=True,
            )
        if not self.folder.exists():
            return Finding(
                "folder",
                Outcome.NOTE,
                f"{self.folder} is not there yet; the first use of the hub makes it",
                details=details,
                ends=True,
            )
        return Finding("folder", Outcome.GOOD, f"{self.folder} can be written", details=details)

    def _space(self) -> Finding:
        free = shutil.disk_usage(self.folder).free
        little = free < _LITTLE
        return Finding(
            "space",
            Outcome.WARNING if little else Outcome.GOOD,
            f"{_size(free)} are free",
            hint="Make room before something is published." if little else "",
            details={"free_bytes": free},
        )

    def _database(self) -> Finding:
        path = self.folder / "catalogue.sqlite"
        if not path.exists():
            return Finding(
                "database",
                Outcome.NOTE,
                "There is no catalogue yet; the first use of the hub makes it",
                ends=True,
            )
        try:
            said, revision = _examined(path)
        except (sqlite3.Error, OSError) as cause:
            said, revision = str(cause), None
        if said != "ok":
            return Finding(
                "database",
                Outcome.FAILED,
                f"The catalogue {path.name} is damaged or cannot be read: {said}",
                hint="Restore it from a backup; the objects of the artifacts lie beside it.",
                exit_code=1,
                ends=True,
            )
        size = path.stat().st_size
        return Finding(
            "database",
            Outcome.GOOD,
            f"The catalogue is whole, of {_size(size)}, at schema {revision or 'unknown'}",
            details={"size_bytes": size, "schema": revision},
        )

    def _hidden(self) -> Finding:
        folder = self.folder / "hidden"
        if folder.is_dir() and os.name == "posix" and folder.stat().st_mode & 0o077:
            return Finding(
                "hidden targets",
                Outcome.WARNING,
                f"Other users of this machine may read {folder}",
                hint=f"chmod 700 {folder}",
            )
        return Finding("hidden targets", Outcome.GOOD, "Nobody else may read them")


def _examined(path: Path) -> tuple[str, str | None]:
    """Return what SQLite says of a file, and the revision of its schema."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)
    try:
        said = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
        if "alembic_version" not in tables:
            return said, None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return said, None if row is None else str(row[0])
    finally:
        connection.close()


def _nearest(folder: Path) -> Path:
    """Return the folder, or where it would have to be made."""
    while not folder.exists() and folder.parent != folder:
        folder = folder.parent
    return folder


def _refusal(folder: Path) -> str | None:
    if not folder.is_dir():
        return f"{folder} is no folder"
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return f"you may not read and write {folder}"
    return None


def _size(count: int) -> str:
    """Return a number of bytes for people."""
    size = float(count)
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} TiB"
