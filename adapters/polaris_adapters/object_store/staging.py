"""Files that are being written: beside their place, under another name, until they are whole."""

from __future__ import annotations

import os
import secrets
import threading
from collections import OrderedDict
from io import FileIO
from pathlib import Path
from typing import Any

from polaris.application.storage_powers import RunningSums

__all__ = ["FileState", "StagedFile", "SumMemory"]

#: Number, size and time of a file, which tell it from others.
FileState = tuple[int, int, int]

_TRIES = 10


class StagedFile:
    """A file that is being written; it appears under its name at once, or not at all.

    Args:
        path: Where it is to be.

    Attributes:
        state: What tells it from any other file, once it is finished.
    """

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._sums = RunningSums()
        self.state: FileState | None = None
        self._staged, self._file = self._open()

    @property
    def sums(self) -> RunningSums:
        """Checksums of what has been written."""
        return self._sums

    def _open(self) -> tuple[Path, FileIO]:
        for attempt in range(_TRIES):
            # The mark is the one of `files.is_staged`.
            staged = Path(f"{self._path}#{secrets.randbits(62)}")
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                return staged, FileIO(str(staged), "xb")
            except FileNotFoundError:
                # Somebody who removed the last object of the folder took the folder along.
                if attempt == _TRIES - 1:
                    raise
        raise AssertionError("the last attempt returns or raises")  # pragma: no cover

    def write(self, piece: bytes) -> None:
        """Write the next piece."""
        rest = memoryview(piece)
        while rest:
            rest = rest[self._file.write(rest) :]
        self._sums.add(piece)

    def finish(self, *, create: bool) -> bool:
        """Make it appear; return whether it has. It is on the disk when this returns.

        Args:
            create: Whether to leave a file that is already there as it is.
        """
        os.fsync(self._file.fileno())
        # Of the file itself: under its name there may be another one a moment later.
        self.state = _state(os.fstat(self._file.fileno()))
        self._file.close()
        if create:
            try:
                # Unlike a rename, it fails where something is.
                self._path.hardlink_to(self._staged)
            except FileExistsError:
                return False
            finally:
                self._staged.unlink(missing_ok=True)
        else:
            self._staged.replace(self._path)
        _sync_folder(self._path.parent)
        return True

    def discard(self) -> None:
        """Remove what has been written; does nothing after `finish`."""
        self._file.close()
        self._staged.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Let a new name outlive a power cut; file systems that cannot are left to their ways."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    except OSError:
        return
    finally:
        os.close(descriptor)


class SumMemory:
    """Remembers the SHA-256 of files that were written in this process, while they stay the same.

    Args:
        most: Most files that are remembered; those written longest ago go first.
    """

    def __init__(self, most: int = 50_000) -> None:
        self._most = most
        self._known: OrderedDict[str, tuple[FileState, str]] = OrderedDict()
        self._lock = threading.Lock()

    def __reduce__(self) -> tuple[Any, ...]:
        # A store that goes to another process takes along what it is, not what it has seen.
        return (type(self), (self._most,))

    def keep(self, path: str, state: FileState, sha256: str) -> None:
        """Remember the sum of a file that has been written."""
        with self._lock:
            self._known[path] = (state, sha256)
            self._known.move_to_end(path)
            while len(self._known) > self._most:
                self._known.popitem(last=False)

    def find(self, path: str) -> str | None:
        """Return the sum of a file; None if it is not known, or the file is another one now."""
        with self._lock:
            found = self._known.get(path)
        if found is None:
            return None
        try:
            now = _state(os.stat(path))  # noqa: PTH116  as in `files`
        except OSError:
            return None
        return found[1] if now == found[0] else None


def _state(found: os.stat_result) -> FileState:
    return found.st_ino, found.st_size, found.st_mtime_ns
