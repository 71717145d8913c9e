"""Reading files: bytes, sizes, checksums and listings.

Plain system calls, not obstore's: they are faster on a local disk (26 µs against 68 µs for a small
object), and they work in a forked process, where the threads of obstore's runtime are gone.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from io import FileIO

from polaris.ports.storage import ByteRange, ObjectDigest, ObjectStat

__all__ = ["digest_file", "is_staged", "md5_file", "names_in", "read_file", "stat_file", "walk"]

_PIECE = 2**20
# Where obstore puts what is still being written: beside the object, `#` and a number appended.
_STAGED = re.compile(r"#\d+\Z")


def is_staged(name: str) -> bool:
    """Return whether a file's name is one of an object that is still being written."""
    return _STAGED.search(name) is not None


def read_file(path: str, part: ByteRange | None) -> bytes | None:
    """Return a file's bytes, or a part of them; None where there is no file."""
    try:
        with FileIO(path) as file:
            if part is None:
                return file.readall()
            size = os.fstat(file.fileno()).st_size
            start, stop, _ = slice(part.start, part.stop).indices(size)
            file.seek(start)
            return _read(file.fileno(), max(0, stop - start))
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None


def _read(descriptor: int, size: int) -> bytes:
    """Read so many bytes; one system call returns at most 2 GiB, and may return less."""
    pieces: list[bytes] = []
    while size > 0 and (piece := os.read(descriptor, size)):
        pieces.append(piece)
        size -= len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def stat_file(path: str, key: str) -> ObjectStat | None:
    """Return size and time of a file; None where there is no file."""
    try:
        found = os.stat(path)  # noqa: PTH116  a `Path` for each of many objects costs too much
    except (FileNotFoundError, NotADirectoryError):
        return None
    return None if stat.S_ISDIR(found.st_mode) else _described(key, found)


def _described(key: str, found: os.stat_result) -> ObjectStat:
    return ObjectStat(key, found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))


def digest_file(path: str, key: str) -> ObjectDigest | None:
    """Return the checksums of a file; None where there is no file."""
    md5 = hashlib.md5(usedforsecurity=False)
    sha256, size = hashlib.sha256(), 0
    try:
        with FileIO(path) as file:
            # No larger buffer than needed: getting a MiB of memory takes longer than hashing a KiB.
            length = min(os.fstat(file.fileno()).st_size + 1, _PIECE)
            while piece := file.read(length):
                md5.update(piece)
                sha256.update(piece)
                size += len(piece)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    return ObjectDigest(key, size, md5.hexdigest(), sha256.hexdigest())


def md5_file(path: str) -> tuple[str, int] | None:
    """Return the MD5 of a file, and its size; None where there is no file."""
    md5, size = hashlib.md5(usedforsecurity=False), 0
    try:
        with FileIO(path) as file:
            buffer = _buffer()
            while length := file.readinto(buffer):
                md5.update(buffer[:length])
                size += length
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    return md5.hexdigest(), size


_buffers = threading.local()


def _buffer() -> memoryview:
    """Return this thread's buffer: getting a new one for each file takes a quarter of the time."""
    if not hasattr(_buffers, "view"):
        _buffers.view = memoryview(bytearray(_PIECE))
    view: memoryview = _buffers.view
    return view


def walk(folder: str, prefix: str) -> Iterator[tuple[str, ObjectStat | None]]:
    """Yield what lies directly in a folder, by key; None for folders, which are not looked into."""
    head = f"{prefix}/" if prefix else ""
    try:
        entries = os.scandir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return
    with entries:
        for entry in entries:
            try:
                if entry.is_dir():
                    yield head + entry.name, None
                elif not is_staged(entry.name):
                    yield head + entry.name, _described(head + entry.name, entry.stat())
            except FileNotFoundError:
                continue  # Removed meanwhile.


def names_in(folder: str, prefix: str) -> tuple[list[str], list[str]]:
    """Return what lies directly in a folder, by key: folders, and files, without their sizes."""
    head = f"{prefix}/" if prefix else ""
    folders: list[str] = []
    files: list[str] = []
    try:
        entries = os.scandir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return folders, files
    with entries:
        for entry in entries:
            if entry.is_dir():
                folders.append(head + entry.name)
            elif not is_staged(entry.name):
                files.append(head + entry.name)
    return folders, files
