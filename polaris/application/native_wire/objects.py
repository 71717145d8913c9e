"""What is said of objects on the native wire: sizes, checksums, folders, parts."""

from __future__ import annotations

from typing import Any

from polaris.application.native_wire.fields import Fields
from polaris.ports.storage import ByteRange, Folder, ObjectDigest, ObjectStat, Read

__all__ = [
    "digest_from_json",
    "digest_to_json",
    "folder_from_json",
    "folder_to_json",
    "read_from_json",
    "read_to_json",
    "span",
    "stat_from_json",
    "stat_to_json",
]


def stat_to_json(stat: ObjectStat) -> dict[str, Any]:
    """Return size and time of an object as JSON."""
    modified = None if stat.modified is None else stat.modified.isoformat()
    return {"key": stat.key, "size": stat.size, "modified": modified}


def stat_from_json(fields: Fields) -> ObjectStat:
    """Return the size and time that an object of JSON writes."""
    modified = fields.optional_moment("modified")
    return ObjectStat(fields.text("key"), fields.integer("size"), modified)


def digest_to_json(digest: ObjectDigest) -> dict[str, Any]:
    """Return checksums as JSON."""
    return {
        "key": digest.key,
        "size": digest.size,
        "md5": digest.md5,
        "sha256": digest.sha256,
    }


def digest_from_json(fields: Fields) -> ObjectDigest:
    """Return the checksums that an object of JSON writes."""
    return ObjectDigest(
        fields.text("key"), fields.integer("size"), fields.text("md5"), fields.text("sha256")
    )


def folder_to_json(folder: Folder) -> dict[str, Any]:
    """Return a folder as JSON."""
    return {
        "folders": list(folder.folders),
        "objects": [stat_to_json(stat) for stat in folder.objects],
    }


def folder_from_json(fields: Fields) -> Folder:
    """Return the folder that an object of JSON writes."""
    objects = [
        stat_from_json(Fields.of(entry, where=f"{fields.where}.objects"))
        for entry in fields.entries("objects")
    ]
    return Folder(tuple(fields.texts("folders")), tuple(objects))


def read_to_json(read: Read) -> dict[str, Any]:
    """Return what is to be read as JSON."""
    if read.range is None:
        return {"key": read.key}
    return {"key": read.key, "start": read.range.start, "stop": read.range.stop}


def read_from_json(fields: Fields) -> Read:
    """Return what an object of JSON asks to read.

    Raises:
        InvalidInputError: It asks for nothing, or for no range of bytes.
    """
    key = fields.text("key")
    if fields.values.get("start") is None and fields.values.get("stop") is None:
        return Read(key)
    start = fields.integer("start", least=None)
    stop = None if fields.values.get("stop") is None else fields.integer("stop", least=None)
    return Read(key, ByteRange(start, stop))


def span(part: ByteRange | None, size: int) -> tuple[int, int]:
    """Return where a part of an object of a size begins and ends."""
    if part is None:
        return 0, size
    start = min(part.start if part.start >= 0 else max(0, size + part.start), size)
    return start, size if part.stop is None else max(start, min(part.stop, size))
