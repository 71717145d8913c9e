"""A dataset as the objects that hold it: its table, its archive, and the checksums of both."""

from __future__ import annotations

import asyncio
import posixpath
from collections.abc import Sequence
from typing import Any

import attrs

from polaris.application.layout import ARCHIVE, TABLE, ZARR_MANIFEST
from polaris.application.object_tree import digest_below
from polaris.application.publish import parcel_of_bytes
from polaris.application.transfer import Parcel, parcels_of_tree
from polaris.codec.tables import encode_table
from polaris.codec.zarr_manifest import encode_zarr_manifest
from polaris.domain.checksums.archive import FileChecksum, archive_digest
from polaris.domain.checksums.table import table_checksums
from polaris.domain.dataset_v1 import DatasetV1
from polaris.domain.dataset_v2 import DatasetV2
from polaris.domain.pointers import check_pointer_columns
from polaris.domain.tables import column_values
from polaris.errors import InvalidDatasetError, PolarisChecksumError
from polaris.ports.archives import HasStorage
from polaris.ports.progress import ProgressPort
from polaris.ports.storage import ObjectDigest

__all__ = [
    "DatasetParts",
    "archive_checksum",
    "archive_name",
    "dataset_parts",
    "file_checksums",
    "note_checksum",
]


@attrs.frozen
class DatasetParts:
    """What has to be stored to keep a dataset.

    Attributes:
        md5sum: The dataset's checksum, computed from just these parts: of table and archive, or
            of the manifest where the archive is all there is.
        rows_sha256: Checksum of the table's rows in their order; None where there is no table.
        parcels: The objects, keyed as in `polaris.application.layout`.
        table_md5sum: The checksum of the table alone; None where there is no table.
    """

    md5sum: str
    rows_sha256: str | None
    parcels: tuple[Parcel, ...]
    table_md5sum: str | None = None

    def archive_keys(self, folder: str = ARCHIVE) -> dict[str, str]:
        """Return the sha256 of each file of the archive by its path in it."""
        head = f"{folder}/"
        return {
            p.digest.key[len(head) :]: p.digest.sha256
            for p in self.parcels
            if p.digest.key.startswith(head)
        }


def archive_checksum(digests: Sequence[ObjectDigest]) -> str:
    """Return the text of the Zarr archive digest over an archive's files."""
    return archive_digest(file_checksums(digests)).digest


def file_checksums(digests: Sequence[ObjectDigest]) -> list[FileChecksum]:
    """Return the files of an archive as its manifests and its digest list them."""
    return [FileChecksum(d.key, d.md5, d.size) for d in digests]


def note_checksum(dataset: DatasetV1 | DatasetV2, md5sum: str) -> None:
    """Let a dataset know the checksum of its parts."""
    if isinstance(dataset, DatasetV2):
        dataset.zarr_manifest_md5sum = md5sum
    else:
        dataset.md5sum = md5sum


def archive_name(dataset: DatasetV1 | DatasetV2) -> str:
    """Return the folder name under which a dataset's archive is saved: the one it has."""
    return posixpath.basename((dataset.zarr_root_path or ARCHIVE).rstrip("/")) or ARCHIVE


async def dataset_parts(
    dataset: DatasetV1 | DatasetV2, *, progress: ProgressPort, archive: str = ARCHIVE
) -> DatasetParts:
    """Read a dataset once and return its objects with their checksums.

    Args:
        dataset: The dataset.
        progress: Shows how far reading has come.
        archive: Folder name for the archive.

    Raises:
        PolarisChecksumError: The dataset no longer has the checksum that it was verified with.
        InvalidDatasetError: Its archive is not one whose files can be copied, or pointers lead
            nowhere.
    """
    if isinstance(dataset, DatasetV2):
        digests, files = await _archive_files(dataset, progress, archive)
        rows = await asyncio.to_thread(encode_zarr_manifest, file_checksums(digests))
        manifest = parcel_of_bytes(ZARR_MANIFEST, rows)
        return DatasetParts(manifest.digest.md5, None, (manifest, *files))
    table = parcel_of_bytes(TABLE, await asyncio.to_thread(encode_table, dataset.table))
    digest: str | None = None
    files = []
    if dataset.uses_zarr:
        digests, files = await _archive_files(dataset, progress, archive)
        digest = archive_checksum(digests)
        await asyncio.to_thread(_check_pointers, dataset)
    found = await asyncio.to_thread(table_checksums, dataset.table, digest)
    alone = found.md5sum
    if digest is not None:
        alone = (await asyncio.to_thread(table_checksums, dataset.table)).md5sum
    if dataset.has_md5sum and dataset.md5sum != found.md5sum:
        raise PolarisChecksumError(
            f"{dataset!r} has changed since its checksum was computed: "
            f"it was {dataset.md5sum} and is {found.md5sum}",
            hint="Construct it anew from its table and archive if the change is meant.",
        )
    return DatasetParts(found.md5sum, found.rows_sha256, (table, *files), alone)


def _check_pointers(dataset: DatasetV1) -> None:
    """Refuse pointers that lead nowhere, which only their reader would notice."""
    columns = {
        name: column_values(dataset.table[name])
        for name, annotation in dataset.annotations.items()
        if annotation.is_pointer
    }
    check_pointer_columns(columns, dataset.archive)


async def _archive_files(
    dataset: DatasetV1 | DatasetV2, progress: ProgressPort, archive: str
) -> tuple[list[ObjectDigest], list[Parcel]]:
    """Return the checksums of an archive's files, and the files."""
    source: Any = dataset.archive
    if not isinstance(source, HasStorage):
        raise InvalidDatasetError(
            "The dataset's archive is not stored anywhere it could be copied from",
            hint="Write it to a folder and give that as zarr_root_path.",
        )
    digests = await digest_below(
        source.storage, source.path, progress=progress, label="Hashing the archive"
    )
    files = parcels_of_tree(digests, storage=source.storage, source=source.path, target=archive)
    return digests, files
