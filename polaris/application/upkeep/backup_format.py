"""What a backup looks like in the store that it is kept in.

::

    polaris-backups.json                          says what this is
    objects/3f/3f09…                              each object once, under its sha256
    snapshots/20261126T064156Z-8c1f/
        tables/artifacts-00001.jsonl.gz           rows, a JSON object a line
        revisions-00001.jsonl.gz                  the revisions that were ever committed
        index-00001.jsonl.gz                      where each object goes, a JSON object a line
        manifest.json                             written last: without it, it is no backup
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any

import attrs

from polaris.errors import DamagedFileError, ObjectNotFoundError, PolarisChecksumError, StorageError
from polaris.ports.storage import Read, StoragePort, Write

__all__ = [
    "IndexLine",
    "Manifest",
    "Part",
    "check_place",
    "pool_key",
    "put_part",
    "read_manifest",
    "read_part",
    "snapshot_id",
    "snapshots",
    "write_manifest",
]

_FORMAT = 1
_HERE = "polaris-backups.json"
_SNAPSHOTS = "snapshots"
_MANIFEST = "manifest.json"
_DAMAGED = "Use another backup; polaris hub backup --verify says which are whole."


@attrs.frozen
class Part:
    """A file of a snapshot.

    Attributes:
        key: Its key in the store of backups.
        sha256: 64 hex digits.
        size: Bytes.
        rows: Lines in it.
        table: Name of the table whose rows it has; None for other files.
    """

    key: str
    sha256: str
    size: int
    rows: int
    table: str | None = None


@attrs.frozen
class IndexLine:
    """An object of the hub.

    Attributes:
        area: The store of the hub that it is of: ``objects`` or ``hidden``.
        key: Its key there.
        sha256: 64 hex digits; its name among the objects of the backups.
        size: Bytes.
    """

    area: str
    key: str
    sha256: str
    size: int


@attrs.frozen
class Manifest:
    """What a complete backup holds.

    Attributes:
        id: Name of the backup; later ones sort behind earlier ones.
        made_at: The moment of the rows, UTC, in ISO 8601.
        schema: Revision of the database's schema.
        tables: Files with rows, in the order in which they are restored.
        revisions: Files with the names of revisions.
        index: Files that say where objects go.
        objects: How many objects.
        size: Bytes of all of them.
        damaged: What was missing or damaged on the hub already, in words.
    """

    id: str
    made_at: str
    schema: str
    tables: tuple[Part, ...]
    revisions: tuple[Part, ...]
    index: tuple[Part, ...]
    objects: int
    size: int
    damaged: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        """All files but the manifest."""
        return (*self.tables, *self.revisions, *self.index)


def pool_key(sha256: str) -> str:
    """Return the key of an object in the store of backups."""
    return f"objects/{sha256[:2]}/{sha256}"


async def check_place(store: StoragePort, *, make: bool) -> None:
    """See that a store is for backups; make an empty one so.

    Raises:
        StorageError: It holds something else, or nothing and it is not to be made.
    """
    [data] = await store.get([Read(_HERE)])
    if data is None:
        folder = await store.list_folder()
        if folder.folders or folder.objects or not make:
            raise StorageError(
                f"{store} holds no backups" + (", but something else" if folder.folders else ""),
                hint="Give the folder of backups, or an empty one.",
            )
        text = json.dumps({"format": _FORMAT, "of": "backups of a Polaris hub"})
        await store.put([Write(_HERE, text.encode() + b"\n")])
        return
    if _parsed(data, _HERE).get("format") != _FORMAT:
        raise StorageError(
            f"{store} holds backups of a newer format",
            hint="Upgrade Polaris: pip install --upgrade polaris-hub.",
        )


async def put_part(
    store: StoragePort, snapshot: str, name: str, data: bytes, *, rows: int, table: str | None
) -> Part:
    """Write a file of a snapshot, compressed."""
    packed = gzip.compress(data, compresslevel=6, mtime=0)
    key = f"{_SNAPSHOTS}/{snapshot}/{name}.jsonl.gz"
    await store.put([Write(key, packed)])
    return Part(key, hashlib.sha256(packed).hexdigest(), len(packed), rows, table)


async def read_part(store: StoragePort, part: Part) -> bytes:
    """Return the lines of a file of a snapshot.

    Raises:
        ObjectNotFoundError: It is not there.
        PolarisChecksumError: It is not what was written.
    """
    [packed] = await store.get([Read(part.key)])
    if packed is None:
        raise ObjectNotFoundError(f"{part.key} is missing from the backup", hint=_DAMAGED)
    if hashlib.sha256(packed).hexdigest() != part.sha256:
        raise PolarisChecksumError(f"{part.key} differs from its checksum", hint=_DAMAGED)
    try:
        return gzip.decompress(packed)
    except (OSError, EOFError, zlib.error) as cause:
        raise DamagedFileError(f"{part.key} cannot be unpacked", hint=_DAMAGED) from cause


async def write_manifest(store: StoragePort, manifest: Manifest) -> None:
    """Write the manifest of a snapshot, which makes it a backup."""
    body = attrs.asdict(manifest)
    text = json.dumps({"manifest": body, "sha256": _digest(body)}, ensure_ascii=False, indent=1)
    await store.put([Write(f"{_SNAPSHOTS}/{manifest.id}/{_MANIFEST}", text.encode())])


async def read_manifest(store: StoragePort, snapshot: str) -> Manifest | None:
    """Return the manifest of a snapshot; None if the snapshot is not complete.

    Raises:
        DamagedFileError: It cannot be read.
        PolarisChecksumError: It is not what was written.
    """
    key = f"{_SNAPSHOTS}/{snapshot}/{_MANIFEST}"
    [data] = await store.get([Read(key)])
    if data is None:
        return None
    said = _parsed(data, key)
    body = said.get("manifest")
    if not isinstance(body, Mapping) or said.get("sha256") != _digest(body):
        raise PolarisChecksumError(f"{key} differs from its checksum", hint=_DAMAGED)
    try:
        parts = {
            name: tuple(Part(**part) for part in body[name])
            for name in ("tables", "revisions", "index")
        }
        return Manifest(**{**body, **parts, "damaged": tuple(body["damaged"])})
    except (TypeError, KeyError) as cause:
        raise DamagedFileError(f"{key} is no manifest of a backup", hint=_DAMAGED) from cause


async def snapshots(store: StoragePort) -> AsyncIterator[tuple[str, bool]]:
    """Yield the snapshots of a store, oldest first, and whether each is complete."""
    names = (await store.list_folder(_SNAPSHOTS)).folders
    stats = await store.stat([f"{_SNAPSHOTS}/{name}/{_MANIFEST}" for name in names])
    for name, stat in zip(names, stats, strict=True):
        yield name, stat is not None


def snapshot_id(moment: datetime, mark: str) -> str:
    """Return the name of a snapshot: its moment in UTC, and four hex digits."""
    return f"{moment:%Y%m%dT%H%M%SZ}-{mark}"


def _digest(body: Mapping[str, Any]) -> str:
    text = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _parsed(data: bytes, key: str) -> Mapping[str, Any]:
    try:
        found = json.loads(data)
    except ValueError as cause:
        raise DamagedFileError(f"{key} of the backup is not JSON", hint=_DAMAGED) from cause
    if not isinstance(found, Mapping):
        raise DamagedFileError(f"{key} of the backup is not JSON", hint=_DAMAGED)
    return found
