"""Publishing what released clients have uploaded, as if our own client had sent it.

The documents come from the domain's own constructors. So they are canonical, keys that nobody knows
are left behind, and what breaks a rule is refused before anybody sees it.
"""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import attrs

from polaris.application.dataset_parts import note_checksum
from polaris.application.fetch_dataset import FetchDataset
from polaris.application.layout import ARCHIVE, PREDICTIONS, TABLE, ZARR_MANIFEST
from polaris.application.null_progress import NullProgress
from polaris.application.object_tree import digest_below
from polaris.application.open_dataset_v2 import OpenDatasetV2
from polaris.application.predictions_archive import read_predictions
from polaris.application.publish import Publish
from polaris.application.retry import RetryPolicy
from polaris.application.split_objects import fetch_splits
from polaris.application.transfer import Parcel, parcels_of_tree
from polaris.application.versions import as_next_version
from polaris.codec.benchmark_v2 import benchmark_v2_from_document
from polaris.codec.competitions import submission_from_document
from polaris.codec.documents import dataset_from_document, to_document
from polaris.codec.tables import decode_table
from polaris.domain.benchmark_v2 import BenchmarkV2Specification
from polaris.domain.checksums.archive import FileChecksum, archive_digest
from polaris.domain.checksums.table import table_checksum
from polaris.domain.dataset_v1 import DatasetV1
from polaris.domain.dataset_v2 import DatasetV2
from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.domain.submissions import BenchmarkPredictionsV2
from polaris.errors import PolarisChecksumError, PolarisCreateArtifactError
from polaris.ports.archives import ArchivePort
from polaris.ports.artifacts import ArtifactRecord
from polaris.ports.storage import ObjectDigest, Read, StoragePort
from polaris_adapters.hub_server.hub import Hub
from polaris_adapters.hub_server.released.announced import Announced
from polaris_adapters.hub_server.released.documents_in import (
    announced_document,
    announced_splits,
    subject_of,
)
from polaris_adapters.hub_server.released.expected import Expected

__all__ = ["Completing", "publisher"]

VersionedT = TypeVar("VersionedT", DatasetV1, DatasetV2, BenchmarkV2Specification)


def publisher(hub: Hub) -> Publish:
    """Return the use case that publishes on the hub's own ports."""
    return Publish(hub.artifacts, hub.storage, RetryPolicy(), hub.clock, NullProgress())


@attrs.frozen
class Completing:
    """Publishes an upload whose objects are all there.

    Attributes:
        hub: The hub.
        archives: Opens Zarr archives.
    """

    hub: Hub
    archives: ArchivePort

    async def __call__(
        self, announced: Announced, expected: Expected, store: StoragePort
    ) -> ArtifactRecord:
        """Publish an upload and return what the hub now holds.

        Raises:
            InvalidInputError: Announcement or objects break a rule; all problems are reported.
            PolarisChecksumError: An object is not what was announced.
            PolarisCreateArtifactError: What it is about is not on the hub.
        """
        digests = await digest_below(store, "", progress=NullProgress(), label="Checking")
        _compare(digests, expected)
        parcels = parcels_of_tree(digests, storage=store, source="", target="")
        if announced.ref.kind is ArtifactKind.BENCHMARK:
            return await self._benchmark(announced, store, parcels)
        if announced.ref.kind is ArtifactKind.PREDICTION:
            return await self._predictions(announced, store, parcels)
        if announced.version == 1:
            return await self._table(announced, store, digests, parcels)
        return await self._archive(announced, store, parcels)

    async def _table(
        self,
        announced: Announced,
        store: StoragePort,
        digests: Sequence[ObjectDigest],
        parcels: Sequence[Parcel],
    ) -> ArtifactRecord:
        [data] = await store.get([Read(TABLE)])
        table = await asyncio.to_thread(decode_table, data or b"", source=TABLE)
        head = f"{ARCHIVE}/"
        files = [
            FileChecksum(d.key.removeprefix(head), d.md5, d.size)
            for d in digests
            if d.key.startswith(head)
        ]
        digest = archive_digest(files).digest if files else None
        dataset = dataset_from_document(
            announced_document(announced),
            table=table,
            zarr_root_path=ARCHIVE if files else None,
            cls=DatasetV1,
        )
        if files:
            dataset.attach(self.archives.source(store, ARCHIVE))
        note_checksum(dataset, await asyncio.to_thread(table_checksum, table, digest))
        return await self._versioned(announced, dataset, parcels)

    async def _archive(
        self, announced: Announced, store: StoragePort, parcels: Sequence[Parcel]
    ) -> ArtifactRecord:
        dataset = await OpenDatasetV2(self.archives, NullProgress())(
            announced_document(announced),
            store,
            ARCHIVE,
            location=ARCHIVE,
            manifest=None,
            strategy="ignore",
            what=announced.ref.artifact_id,
            cls=DatasetV2,
        )
        note_checksum(dataset, _sum_of(parcels, ZARR_MANIFEST))
        return await self._versioned(announced, dataset, parcels)

    async def _benchmark(
        self, announced: Announced, store: StoragePort, parcels: Sequence[Parcel]
    ) -> ArtifactRecord:
        subject = subject_of(announced.body, announced.ref)
        dataset = await self._dataset(subject)
        if not isinstance(dataset, DatasetV2):
            raise PolarisCreateArtifactError(
                f"The {subject} is a table, where a benchmark of version 2 needs an archive",
                hint="Publish the benchmark as one of version 1.",
            )
        document = announced_document(announced) | {"split": announced_splits(announced.body)}
        splits = await fetch_splits(document, store, None, what=str(announced.ref))
        benchmark = await asyncio.to_thread(
            benchmark_v2_from_document,
            document,
            splits=splits,
            dataset=dataset,
            cls=BenchmarkV2Specification,
        )
        return await self._versioned(announced, benchmark, parcels, subject=subject)

    async def _predictions(
        self, announced: Announced, store: StoragePort, parcels: Sequence[Parcel]
    ) -> ArtifactRecord:
        document = announced_document(announced)
        subject = subject_of(document, announced.ref)
        values = await read_predictions(
            self.archives,
            store,
            PREDICTIONS,
            test_set_labels=_texts(document, "testSetLabels"),
            target_labels=_texts(document, "targetLabels"),
        )
        submission = await asyncio.to_thread(
            submission_from_document, document, BenchmarkPredictionsV2, predictions=values
        )
        canonical = to_document(submission)
        canonical["zarrManifestMd5Sum"] = _sum_of(parcels, ZARR_MANIFEST)
        return await publisher(self.hub)(
            announced.ref,
            canonical,
            parcels,
            access=announced.access,
            subject=subject,
            evaluate=True,
        )

    async def _versioned(
        self,
        announced: Announced,
        artifact: VersionedT,
        parcels: Sequence[Parcel],
        *,
        subject: ArtifactRef | None = None,
    ) -> ArtifactRecord:
        parent = announced.body.get("parentArtifactId")
        artifact = await as_next_version(
            self.hub.artifacts,
            copy.copy(artifact),
            announced.ref,
            parent if isinstance(parent, str) else None,
        )
        return await publisher(self.hub)(
            announced.ref, to_document(artifact), parcels, access=announced.access, subject=subject
        )

    async def _dataset(self, ref: ArtifactRef) -> DatasetV1 | DatasetV2:
        fetch = FetchDataset(self.hub.artifacts, self.hub.storage, self.archives, NullProgress())
        return await fetch(
            ref.owner, ref.slug, verify_checksum="ignore", cls=DatasetV1, cls_v2=DatasetV2
        )


def _compare(digests: Sequence[ObjectDigest], expected: Expected) -> None:
    """Compare what has come with what was announced, once more and as a whole."""
    there = {digest.key: digest for digest in digests}
    for key, wanted in expected.sums.items():
        found = there.get(key)
        if found is None or wanted.md5 not in (None, found.md5):
            raise PolarisChecksumError(
                f"{key} is {'missing' if found is None else 'not what was announced'}",
                hint="Announce the artifact again, and send all its files.",
            )
    extra = [key for key in there if key not in expected.sums]
    if extra and not expected.is_open:
        raise PolarisChecksumError(
            f"{len(extra)} objects were not announced, such as {extra[0]}",
            hint="Announce the artifact again, with all its files.",
        )


def _sum_of(parcels: Sequence[Parcel], key: str) -> str:
    return next(parcel.digest.md5 for parcel in parcels if parcel.digest.key == key)


def _texts(document: Mapping[str, Any], name: str) -> list[str]:
    found = document.get(name)
    return [text for text in found if isinstance(text, str)] if isinstance(found, list) else []
