"""Making a dataset from its document and its archive, verified."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from typing import Any, TypeVar

import attrs

from polaris.application.layout import ZARR_MANIFEST
from polaris.application.object_tree import digest_below
from polaris.application.verification import (
    ChecksumStrategy,
    VerifyingStorage,
    below_folder,
    check_tree,
)
from polaris.codec.dataset_v2 import dataset_v2_from_document
from polaris.codec.zarr_manifest import decode_zarr_manifest
from polaris.domain.checksums.sha256sums import Sha256Manifest
from polaris.domain.dataset_v2 import DatasetV2
from polaris.errors import InvalidDatasetError, PolarisChecksumError
from polaris.ports.archives import ArchivePort, StoredArchive
from polaris.ports.progress import ProgressPort
from polaris.ports.storage import ObjectDigest, Read, StoragePort

__all__ = ["OpenDatasetV2", "check_consolidated"]

DatasetV2T = TypeVar("DatasetV2T", bound=DatasetV2)


def check_consolidated(archive: StoredArchive, where: str) -> StoredArchive:
    """Return an archive unchanged; refuse one whose metadata lies in many objects.

    Other clients cannot read such an archive, and over a network it takes a request an array.

    Raises:
        InvalidDatasetError: The metadata is not consolidated.
    """
    if not archive.is_consolidated:
        raise InvalidDatasetError(
            f"The metadata of the archive at {where} is not consolidated",
            hint="Run zarr.consolidate_metadata on it.",
        )
    return archive


@attrs.frozen
class OpenDatasetV2:
    """Makes a dataset from its document and its archive.

    Attributes:
        archives: Opens Zarr archives.
        progress: Shows how far checking has come.
    """

    archives: ArchivePort
    progress: ProgressPort

    async def __call__(
        self,
        document: Mapping[str, Any],
        store: StoragePort,
        path: str,
        *,
        location: str,
        manifest: Sha256Manifest | None,
        strategy: ChecksumStrategy,
        what: str,
        cls: type[DatasetV2T],
    ) -> DatasetV2T:
        """Make a dataset.

        Args:
            document: In camelCase or snake_case.
            store: Holds the archive, and its manifest beside it.
            path: Folder of the archive in the store.
            location: What becomes `zarr_root_path`.
            manifest: The sha256 of the objects of the store; None where there is no manifest.
            strategy: ``verify`` checks every byte of the archive now; ``verify_unless_zarr`` checks
                its chunks when they are read.
            what: Names the dataset in errors.
            cls: The class to construct.

        Raises:
            InvalidDatasetError: Document or archive break a rule; all problems are reported.
            PolarisChecksumError: The archive differs from its manifests.
        """
        sums = {} if manifest is None else below_folder(manifest, path)
        if strategy == "verify":
            await self._verify(document, store, path, sums, what)
        elif strategy == "verify_unless_zarr" and manifest is not None and sums:
            store = VerifyingStorage(store, manifest, what)
        source = self.archives.source(store, path)
        # In a thread: whoever reads an archive waits for it.
        await asyncio.to_thread(check_consolidated, source, location)
        return await asyncio.to_thread(
            dataset_v2_from_document, document, archive=source, zarr_root_path=location, cls=cls
        )

    async def _verify(
        self,
        document: Mapping[str, Any],
        store: StoragePort,
        path: str,
        sums: Mapping[str, str],
        what: str,
    ) -> None:
        beside = path.rpartition("/")[0]
        [data] = await store.get([Read(f"{beside}/{ZARR_MANIFEST}" if beside else ZARR_MANIFEST)])
        expected = document.get("zarrManifestMd5Sum", document.get("zarr_manifest_md5sum"))
        is_listed = data is not None and expected is not None
        if not sums and not is_listed:
            return  # The hub keeps nothing to compare with; reading all of it would be in vain.
        digests = await digest_below(store, path, progress=self.progress, label=f"Verifying {what}")
        if sums:
            check_tree(digests, sums, what=f"The archive of {what}")
        if data is None or expected is None:
            return
        actual = hashlib.md5(data, usedforsecurity=False).hexdigest()
        if actual != expected:
            raise PolarisChecksumError(
                f"The manifest of {what} has the MD5 {actual}, its document says {expected}",
                hint="A file was altered; verify_checksum=False loads it anyway.",
            )
        await asyncio.to_thread(_compare, data, digests, what)


def _compare(data: bytes, digests: list[ObjectDigest], what: str) -> None:
    """Compare the manifest, as a set of rows, with the files that there are."""
    listed = set(decode_zarr_manifest(data, source=f"the manifest of {what}"))
    there = {(digest.key, digest.md5) for digest in digests}
    different = sorted({key for key, _ in listed ^ there})
    if different:
        raise PolarisChecksumError(
            f"{len(different)} files of the archive of {what} differ from its manifest, such as "
            f"{different[0]}",
            hint="They were altered; verify_checksum=False loads the dataset anyway.",
        )
