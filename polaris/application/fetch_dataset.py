"""Loading a dataset from a hub, verified."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, TypeVar, overload

import attrs

from polaris.application.dataset_parts import archive_checksum
from polaris.application.layout import ARCHIVE, MANIFEST, TABLE
from polaris.application.object_tree import digest_below
from polaris.application.open_dataset_v2 import OpenDatasetV2
from polaris.application.verification import (
    ChecksumStrategy,
    VerifyingStorage,
    below_folder,
    check_bytes,
    check_tree,
    parse_strategy,
)
from polaris.codec.dataset_v2 import is_dataset_v2
from polaris.codec.documents import dataset_from_document
from polaris.codec.files import generation_of
from polaris.codec.tables import decode_table
from polaris.domain.checksums.sha256sums import Sha256Manifest, revision_of
from polaris.domain.checksums.table import table_checksum
from polaris.domain.dataset_v1 import DatasetV1
from polaris.domain.dataset_v2 import DatasetV2
from polaris.domain.identity import ArtifactKind, ArtifactRef, HubOwner
from polaris.errors import InvalidDatasetError, ObjectNotFoundError, PolarisChecksumError
from polaris.ports.archives import ArchivePort
from polaris.ports.artifact_storage import ArtifactStorage
from polaris.ports.artifacts import ArtifactRecord, ArtifactRepository
from polaris.ports.progress import ProgressPort
from polaris.ports.storage import Read, StoragePort

__all__ = ["FetchDataset", "published_manifest", "verify_document", "verifying"]

DatasetT = TypeVar("DatasetT", bound=DatasetV1)
DatasetV2T = TypeVar("DatasetV2T", bound=DatasetV2)


def verify_document(record: ArtifactRecord, manifest: Sha256Manifest) -> None:
    """Check that a record's document and manifest are those that were published.

    There is nothing to check on a hub that does not keep our revisions.

    Raises:
        PolarisChecksumError: The revision is not the sha256 over the two.
    """
    if not record.location.sealed:
        return
    if revision_of(record.document, manifest) != record.location.revision:
        raise PolarisChecksumError(
            f"The document of the {record.ref} differs from its checksum",
            hint="It was altered after it was published. verify_checksum=False reads it all the "
            "same.",
        )


async def published_manifest(record: ArtifactRecord, store: StoragePort) -> Sha256Manifest | None:
    """Read the manifest of a record's objects, and check it and the document.

    Returns:
        None on a hub that does not keep our manifests.

    Raises:
        PolarisChecksumError: It is missing, or one of them is not what was published.
    """
    if not record.location.sealed:
        return None
    [data] = await store.get([Read(MANIFEST)])
    if data is None:
        raise PolarisChecksumError(
            f"The checksums of the {record.ref} are missing from the hub",
            hint="Publish it again; verify_checksum=False reads it unchecked.",
        )
    manifest = Sha256Manifest.parse(data.decode("utf-8", "replace"))
    verify_document(record, manifest)
    return manifest


async def verifying(record: ArtifactRecord, store: StoragePort) -> StoragePort:
    """Return a record's objects, checked when they are read as far as the hub lets us.

    Raises:
        PolarisChecksumError: See `published_manifest`.
    """
    manifest = await published_manifest(record, store)
    return store if manifest is None else VerifyingStorage(store, manifest, record.ref.artifact_id)


@attrs.frozen
class FetchDataset:
    """Loads a dataset: its table into memory, its archive left where it is and read when needed.

    Attributes:
        artifacts: The hub's catalogue.
        storage: The hub's objects.
        archives: Opens Zarr archives.
        progress: Shows how far checking has come.
    """

    artifacts: ArtifactRepository
    storage: ArtifactStorage
    archives: ArchivePort
    progress: ProgressPort

    @overload
    async def __call__(
        self,
        owner: str | HubOwner,
        name: str,
        *,
        verify_checksum: bool | str = True,
        cls: type[DatasetT],
    ) -> DatasetT: ...
    @overload
    async def __call__(
        self,
        owner: str | HubOwner,
        name: str,
        *,
        verify_checksum: bool | str = True,
        cls: type[DatasetT],
        cls_v2: type[DatasetV2T],
    ) -> DatasetT | DatasetV2T: ...
    async def __call__(
        self,
        owner: str | HubOwner,
        name: str,
        *,
        verify_checksum: bool | str = True,
        cls: type[DatasetT],
        cls_v2: type[DatasetV2T] | None = None,
    ) -> DatasetT | DatasetV2T:
        """Load a dataset.

        Args:
            owner: Its owner.
            name: Its name or slug.
            verify_checksum: ``True`` or ``"verify"`` checks document, table and every byte of the
                archive now; ``"verify_unless_zarr"`` checks the archive's chunks when they are
                read; ``False`` or ``"ignore"`` checks nothing.
            cls: The class to construct for a table.
            cls_v2: The class to construct for an archive; None where only a table will do.

        Raises:
            ArtifactNotFoundError: The hub has no such dataset.
            InvalidDatasetError: It is an archive, and only a table will do.
            PolarisChecksumError: Something differs from what was published.
            DamagedFileError: The table cannot be decoded.
        """
        strategy = parse_strategy(verify_checksum)
        ref = ArtifactRef.of(ArtifactKind.DATASET, owner, name)
        record = await self.artifacts.get(ref)
        store = await self.storage.open(record.location)
        manifest = None if strategy == "ignore" else await published_manifest(record, store)
        if is_dataset_v2(record.document):
            if cls_v2 is None:
                raise InvalidDatasetError(
                    f"The {ref} is a dataset of version 2, whose data all lies in an archive",
                    hint="A dataset with a table, of version 1, is needed here.",
                )
            return await OpenDatasetV2(self.archives, self.progress)(
                record.document,
                store,
                ARCHIVE,
                location=ARCHIVE,
                manifest=manifest,
                strategy=strategy,
                what=ref.artifact_id,
                cls=cls_v2,
            )
        data = await self._table(ref, store, manifest)
        table = await asyncio.to_thread(decode_table, data, source=f"{TABLE} of {ref.artifact_id}")
        uses_zarr = record.document.get("zarrRootPath") is not None
        if strategy != "ignore":
            await self._verify(record, table, store, manifest, uses_zarr, strategy)
        dataset = dataset_from_document(
            _without_checksum(record.document),
            table=table,
            zarr_root_path=ARCHIVE if uses_zarr else None,
            cls=cls,
        )
        if uses_zarr:
            if manifest is not None and strategy == "verify_unless_zarr":
                store = VerifyingStorage(store, manifest, ref.artifact_id)
            dataset.attach(self.archives.source(store, ARCHIVE))
        if record.document.get("md5Sum"):
            dataset.md5sum = record.document["md5Sum"]
        return dataset

    async def _table(
        self, ref: ArtifactRef, store: StoragePort, manifest: Sha256Manifest | None
    ) -> bytes:
        [data] = await store.get([Read(TABLE)])
        if data is None:
            raise ObjectNotFoundError(
                f"The table of the {ref} is missing from the hub",
                hint="The hub has lost a file; publish the dataset again or restore a backup.",
            )
        if manifest is not None and TABLE in manifest.entries:
            what = f"The table of the {ref}"
            await asyncio.to_thread(check_bytes, data, expected=manifest.entries[TABLE], what=what)
        return data

    async def _verify(
        self,
        record: ArtifactRecord,
        table: Any,
        store: StoragePort,
        manifest: Sha256Manifest | None,
        uses_zarr: bool,
        strategy: ChecksumStrategy,
    ) -> None:
        """Check the archive, and the dataset's own checksum as far as the strategy goes."""
        if uses_zarr and strategy == "verify_unless_zarr":
            return
        digest: str | None = None
        if uses_zarr:
            what = f"The archive of the {record.ref}"
            digests = await digest_below(
                store, ARCHIVE, progress=self.progress, label=f"Verifying {record.ref.artifact_id}"
            )
            if manifest is not None:
                check_tree(digests, below_folder(manifest, ARCHIVE), what=what)
            digest = archive_checksum(digests)
        if generation_of(record.document) == "S":
            digest = None  # The checksum of those days covers the table alone.
        expected = record.document.get("md5Sum")
        actual = await asyncio.to_thread(table_checksum, table, digest)
        if expected is not None and expected != actual:
            raise PolarisChecksumError(
                f"The checksum of the {record.ref} is {actual}, its document says {expected}",
                hint="verify_checksum=False loads it all the same.",
            )


def _without_checksum(document: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key != "md5Sum"}
