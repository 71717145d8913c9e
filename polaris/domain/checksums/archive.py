"""The digest of a Zarr archive: a tree of MD5 sums over all its files.

Source: the Hub's variant of DANDI's zarr-checksum, which writes one dash before the size.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from operator import attrgetter
from typing import Self

import attrs

from polaris.errors import InvalidZarrChecksum

__all__ = ["ArchiveDigest", "FileChecksum", "archive_digest"]

_DIGEST = re.compile(r"([0-9a-f]{32})-([0-9]+)-([0-9]+)")


@attrs.frozen(order=True)
class FileChecksum:
    """One file of an archive.

    Attributes:
        path: Its path relative to the archive's root, with ``/``.
        md5sum: MD5 of its content, 32 hex digits.
        size: Bytes.
    """

    path: str
    md5sum: str
    size: int


@attrs.frozen
class ArchiveDigest:
    """The digest of a folder.

    Attributes:
        md5: MD5 of the listing of the folder, 32 hex digits.
        count: Files below the folder.
        size: Their bytes.
    """

    md5: str
    count: int
    size: int

    @property
    def digest(self) -> str:
        """``{md5}-{count}-{size}``."""
        return f"{self.md5}-{self.count}-{self.size}"

    def __str__(self) -> str:
        return self.digest

    @classmethod
    def parse(cls, text: str | None) -> Self:
        """Return the digest that a text writes; None is that of an empty archive.

        Raises:
            InvalidZarrChecksum: The text is not a digest.
        """
        if text is None:
            return cls(*attrs.astuple(archive_digest([])))
        found = _DIGEST.fullmatch(text)
        if found is None:
            raise InvalidZarrChecksum(
                f"{text!r} is not the digest of a Zarr archive",
                hint="It has the form {md5}-{file count}-{bytes}.",
            )
        return cls(found[1], int(found[2]), int(found[3]))


@attrs.define
class _Folder:
    files: list[FileChecksum] = attrs.field(factory=list)
    folders: dict[str, _Folder] = attrs.field(factory=dict)


def archive_digest(files: Iterable[FileChecksum]) -> ArchiveDigest:
    """Return the digest over the files of an archive, in whatever order they come.

    The cost is linear in the number of files, plus sorting each folder.
    """
    root = _Folder()
    known: dict[str, _Folder] = {"": root}
    for file in files:
        parent = file.path.rpartition("/")[0]
        folder = known.get(parent)
        if folder is None:
            folder = root
            for name in parent.split("/"):
                folder = folder.folders.setdefault(name, _Folder())
            known[parent] = folder
        folder.files.append(file)
    return _digest(root)


def _digest(folder: _Folder) -> ArchiveDigest:
    below = [(name, _digest(folder.folders[name])) for name in sorted(folder.folders)]
    # Files of one folder sort by path as they do by name.
    here = [
        (file.path.rpartition("/")[2], file)
        for file in sorted(folder.files, key=attrgetter("path"))
    ]
    # The order of the keys is part of the format.
    listing = {
        "directories": [
            {"digest": d.digest, "name": name, "size": d.size, "count": d.count}
            for name, d in below
        ],
        "files": [
            {"digest": file.md5sum, "name": name, "size": file.size, "count": 0}
            for name, file in here
        ],
    }
    text = json.dumps(listing, separators=(",", ":"))
    return ArchiveDigest(
        md5=hashlib.md5(text.encode(), usedforsecurity=False).hexdigest(),
        count=len(here) + sum(d.count for _, d in below),
        size=sum(file.size for _, file in here) + sum(d.size for _, d in below),
    )
