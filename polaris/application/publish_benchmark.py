"""Publishing a benchmark and the results on one."""

from __future__ import annotations

import asyncio
import copy
import hashlib

import attrs

from polaris.application.dataset_parts import dataset_parts
from polaris.application.kept_examples import examples_parcels
from polaris.application.publish import Publish, parse_access, parse_if_exists, require_kind
from polaris.application.row_order import BENCHMARK_KEY, DATASET_KEY, rows_of
from polaris.application.split_objects import bitmap_parcels
from polaris.application.transfer import Parcel
from polaris.application.versions import as_next_version
from polaris.codec.documents import to_document
from polaris.codec.json_text import dumps
from polaris.domain.benchmark_v1 import BenchmarkV1Specification
from polaris.domain.benchmark_v2 import BenchmarkV2Specification
from polaris.domain.dataset_v1 import DatasetV1
from polaris.domain.dataset_v2 import DatasetV2
from polaris.domain.identity import ArtifactKind, ArtifactRef, HubOwner
from polaris.domain.results import BenchmarkResultsV1
from polaris.errors import (
    ArtifactNotFoundError,
    InvalidBenchmarkError,
    InvalidResultError,
    PolarisCreateArtifactError,
)
from polaris.ports.artifacts import ArtifactRecord
from polaris.ports.auth import AuthPort

__all__ = ["PublishBenchmark", "PublishResults"]


@attrs.frozen
class PublishBenchmark:
    """Publishes a benchmark on a dataset that is published already."""

    publish: Publish

    async def __call__(
        self,
        benchmark: BenchmarkV1Specification | BenchmarkV2Specification,
        *,
        access: str = "private",
        owner: str | HubOwner | None = None,
        if_exists: str = "replace",
        parent_artifact_id: str | None = None,
    ) -> ArtifactRecord:
        """Publish a benchmark and return what the hub now holds.

        Args:
            benchmark: The benchmark; it and its dataset need an owner and a name.
            access: ``public`` or ``private``.
            owner: Takes precedence over the benchmark's own.
            if_exists: ``raise`` refuses if the benchmark is there; otherwise a new revision
                replaces it.
            parent_artifact_id: The benchmark that this is a new version of.

        Raises:
            InvalidBenchmarkError: An owner or a name is missing.
            PolarisCreateArtifactError: The dataset is not on the hub, or has another checksum
                or another order of rows there.
            ArtifactExistsError: ``if_exists`` is ``raise`` and the benchmark is there.
        """
        require_kind(benchmark, (BenchmarkV1Specification, BenchmarkV2Specification), "a benchmark")
        parsed_access, conflict = parse_access(access), parse_if_exists(if_exists)
        ref = benchmark.ref(owner)
        subject = await self._published_dataset(benchmark)
        announced = copy.copy(benchmark)
        announced.owner = HubOwner(ref.owner)
        parcels: list[Parcel] = []
        if isinstance(announced, BenchmarkV2Specification):
            _note_dataset_checksum(announced, subject)
            parcels = await asyncio.to_thread(bitmap_parcels, announced)
        noted = await _noted_rows(announced, subject)
        announced = await as_next_version(
            self.publish.artifacts, announced, ref, parent_artifact_id, noted=noted
        )
        return await self.publish(
            ref,
            to_document(announced) | noted,
            parcels,
            access=parsed_access,
            if_exists=conflict,
            subject=subject.ref,
        )

    async def _published_dataset(
        self, benchmark: BenchmarkV1Specification | BenchmarkV2Specification
    ) -> ArtifactRecord:
        dataset = benchmark.dataset
        if dataset.artifact_id is None:
            raise InvalidBenchmarkError(
                "The benchmark's dataset has no owner or no name",
                hint="Set dataset.owner and dataset.name, and publish the dataset first.",
            )
        ref = dataset.ref()
        try:
            record = await self.publish.artifacts.get(ref)
        except ArtifactNotFoundError as cause:
            raise PolarisCreateArtifactError(
                f"The dataset of the benchmark, {ref.artifact_id}, is not on the hub",
                hint="Publish the dataset first: client.upload_dataset(benchmark.dataset).",
            ) from cause
        if record.document.get("version", 1) != dataset.version:
            raise PolarisCreateArtifactError(
                f"The hub's {ref} is not of version {dataset.version}, as the benchmark's is",
                hint="Publish the benchmark's dataset under another name.",
            )
        there, here = await self._checksums(record, dataset)
        if there != here:
            raise PolarisCreateArtifactError(
                f"The hub's {ref} has the checksum {there}, the benchmark's has {here}",
                hint="Load the dataset from the hub, or publish yours, and build the benchmark on "
                "it.",
            )
        return record

    async def _checksums(
        self, record: ArtifactRecord, dataset: DatasetV1 | DatasetV2
    ) -> tuple[str | None, str | None]:
        """Return the dataset's checksum on the hub and here, which has to be the same."""
        if isinstance(dataset, DatasetV1):
            there = record.document.get("md5Sum")
            if there is None:
                return None, None
            # In a thread: the checksum of an archive is computed by calls that wait for this loop.
            return there, await asyncio.to_thread(lambda: dataset.md5sum)
        there = record.document.get("zarrManifestMd5Sum")
        here = dataset.zarr_manifest_md5sum if dataset.has_zarr_manifest_md5sum else None
        if there is not None and there != here:
            # Manifests of other writers differ for the same archive; ours is the same everywhere.
            here = (await dataset_parts(dataset, progress=self.publish.progress)).md5sum
        return there, here if there is not None else None


async def _noted_rows(
    announced: BenchmarkV1Specification | BenchmarkV2Specification, dataset: ArtifactRecord
) -> dict[str, str]:
    """Return what a benchmark's document says of the rows of its table, which the hub must have."""
    if isinstance(announced, BenchmarkV2Specification):
        return {}
    here = await rows_of(announced.dataset)
    if dataset.document.get(DATASET_KEY, here) != here:
        raise PolarisCreateArtifactError(
            f"The hub's {dataset.ref} has its rows in another order, or other names of columns, "
            "than the benchmark's dataset",
            hint="Load the dataset from the hub, or publish yours, and build the benchmark on it.",
        )
    return {BENCHMARK_KEY: here}


def _note_dataset_checksum(announced: BenchmarkV2Specification, dataset: ArtifactRecord) -> None:
    """Let a benchmark's document say which content its dataset has on the hub."""
    md5sum = dataset.document.get("zarrManifestMd5Sum")
    if md5sum is not None:
        noted = copy.copy(announced.dataset)
        noted.zarr_manifest_md5sum = md5sum
        # Not by assignment: it is the same dataset, and was checked.
        object.__setattr__(announced, "dataset", noted)


@attrs.frozen
class PublishResults:
    """Publishes the results of one method on a benchmark that is on the hub."""

    publish: Publish
    auth: AuthPort

    async def __call__(
        self,
        results: BenchmarkResultsV1,
        *,
        access: str = "private",
        owner: str | HubOwner | None = None,
    ) -> ArtifactRecord:
        """Publish results and return what the hub now holds.

        Results without a name are named after their content, so that sending the same ones twice
        leaves one entry. Results under a name that the owner has used replace those.

        Args:
            results: The results; they must say which benchmark they are on.
            access: ``public`` or ``private``.
            owner: Takes precedence over the results' own; by default whoever is signed in.

        Raises:
            InvalidResultError: The benchmark is not named, a score is not a number, or the
                predictions are something that a file cannot hold.
            PolarisCreateArtifactError: The benchmark is not on the hub.
            PolarisUnauthorizedError: Nobody is signed in and no owner is given.
        """
        require_kind(results, BenchmarkResultsV1, "results")
        parsed_access = parse_access(access)
        subject = await self._published_benchmark(results)
        announced = copy.copy(results)
        chosen = owner or results.owner or (await self.auth.identity()).user
        announced.owner = HubOwner.normalize(chosen)
        if announced.slug is None:
            text = dumps({k: v for k, v in to_document(announced).items() if k != "polarisVersion"})
            announced.slug = f"result-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
        return await self.publish(
            announced.ref(),
            to_document(announced),
            await examples_parcels(results),
            access=parsed_access,
            subject=subject,
        )

    async def _published_benchmark(self, results: BenchmarkResultsV1) -> ArtifactRef:
        if results.benchmark_artifact_id is None:
            raise InvalidResultError(
                "The results do not say which benchmark they are on",
                hint="Set results.benchmark_artifact_id to owner/slug.",
            )
        ref = ArtifactRef.parse(ArtifactKind.BENCHMARK, results.benchmark_artifact_id)
        try:
            await self.publish.artifacts.get(ref)
        except ArtifactNotFoundError as cause:
            raise PolarisCreateArtifactError(
                f"The benchmark of the results, {ref.artifact_id}, is not on the hub",
                hint="Publish the benchmark first: client.upload_benchmark(benchmark).",
            ) from cause
        return ref
