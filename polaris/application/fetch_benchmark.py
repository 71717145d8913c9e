"""Loading a benchmark, and the results on one, from a hub."""

from __future__ import annotations

import asyncio
from typing import TypeVar

import attrs

from polaris.application.benchmark_classes import BenchmarkClasses
from polaris.application.fetch_dataset import FetchDataset, published_manifest, verify_document
from polaris.application.kept_examples import read_published_examples
from polaris.application.row_order import refuse_other_rows
from polaris.application.split_objects import fetch_splits
from polaris.application.verification import ChecksumStrategy, parse_strategy
from polaris.codec.benchmark_v2 import (
    benchmark_v2_from_document,
    dataset_checksum_of,
    is_benchmark_v2,
)
from polaris.codec.documents import benchmark_from_document, results_from_document
from polaris.domain.benchmark_v1 import BenchmarkV1Specification
from polaris.domain.benchmark_v2 import BenchmarkV2Specification
from polaris.domain.checksums.sha256sums import Sha256Manifest
from polaris.domain.dataset_v2 import DatasetV2
from polaris.domain.identity import ArtifactKind, ArtifactRef, HubOwner
from polaris.domain.results import BenchmarkResultsV1
from polaris.errors import DamagedFileError, InvalidBenchmarkError, PolarisChecksumError
from polaris.ports.artifact_storage import ArtifactStorage
from polaris.ports.artifacts import ArtifactRecord, ArtifactRepository

__all__ = ["FetchBenchmark", "FetchResults"]

ResultsT = TypeVar("ResultsT", bound=BenchmarkResultsV1)
_NO_OBJECTS = Sha256Manifest.of({})


@attrs.frozen
class FetchBenchmark:
    """Loads a benchmark with its dataset.

    Attributes:
        artifacts: The hub's catalogue.
        fetch_dataset: Loads the dataset.
    """

    artifacts: ArtifactRepository
    fetch_dataset: FetchDataset

    async def __call__(
        self,
        owner: str | HubOwner,
        name: str,
        classes: BenchmarkClasses,
        *,
        verify_checksum: bool | str = True,
    ) -> BenchmarkV1Specification | BenchmarkV2Specification:
        """Load a benchmark; its version and the number of its targets decide its class.

        Args:
            owner: Its owner.
            name: Its name or slug.
            classes: The classes to construct.
            verify_checksum: As in `FetchDataset`; covers the dataset and the benchmark itself.

        Raises:
            ArtifactNotFoundError: The hub has no such benchmark, or not its dataset.
            DamagedFileError: A bitmap of its splits cannot be decoded.
            PolarisChecksumError: Something differs from what was published.
        """
        strategy = parse_strategy(verify_checksum)
        record = await self.artifacts.get(ArtifactRef.of(ArtifactKind.BENCHMARK, owner, name))
        if is_benchmark_v2(record.document):
            return await self._version_2(record, strategy, classes)
        return await self._version_1(record, strategy, classes)

    async def _version_1(
        self, record: ArtifactRecord, strategy: ChecksumStrategy, classes: BenchmarkClasses
    ) -> BenchmarkV1Specification:
        if strategy != "ignore":
            verify_document(record, _NO_OBJECTS)
        subject = _dataset_of(record)
        dataset = await self.fetch_dataset(
            subject.owner, subject.slug, verify_checksum=strategy, cls=classes.dataset
        )
        if strategy != "ignore":
            await refuse_other_rows(record.document, dataset, what=f"the {record.ref}")
        targets = record.document.get("targetCols")
        # What is no list of targets at all is refused by either class.
        is_single = isinstance(targets, (list, tuple)) and len(targets) == 1
        cls = classes.single_task if is_single else classes.multi_task
        expected = record.document.get("md5Sum")
        document = {key: value for key, value in record.document.items() if key != "md5Sum"}
        benchmark = benchmark_from_document(document, dataset=dataset, cls=cls)
        if expected is not None and strategy == "verify":
            # In a thread: the checksum of an archive is computed by calls that wait for this loop.
            actual = await asyncio.to_thread(lambda: benchmark.md5sum)
            if actual != expected:
                raise PolarisChecksumError(
                    f"The checksum of the {record.ref} is {actual}, its document says {expected}",
                    hint="Its dataset was replaced after it was published; "
                    "verify_checksum=False loads it all the same.",
                )
        elif expected is not None:
            benchmark.md5sum = expected
        return benchmark

    async def _version_2(
        self, record: ArtifactRecord, strategy: ChecksumStrategy, classes: BenchmarkClasses
    ) -> BenchmarkV2Specification:
        store = await self.fetch_dataset.storage.open(record.location)
        manifest = None if strategy == "ignore" else await published_manifest(record, store)
        splits = await fetch_splits(record.document, store, manifest, what=str(record.ref))
        subject = _dataset_of(record)
        dataset = await self.fetch_dataset(
            subject.owner,
            subject.slug,
            verify_checksum=strategy,
            cls=classes.dataset,
            cls_v2=classes.dataset_v2,
        )
        if not isinstance(dataset, DatasetV2):
            raise InvalidBenchmarkError(
                f"The {record.ref} is of version 2, and its dataset of version 1",
                hint="Its dataset was replaced after it was published; publish both again.",
            )
        expected = dataset_checksum_of(record.document)
        there = dataset.zarr_manifest_md5sum if dataset.has_zarr_manifest_md5sum else expected
        if strategy != "ignore" and expected not in (None, there):
            raise PolarisChecksumError(
                f"The dataset of the {record.ref} has the checksum {there}, not {expected}",
                hint="It was replaced after the benchmark was published; "
                "verify_checksum=False loads it all the same.",
            )
        # In a thread: a dataset waits for its archive.
        return await asyncio.to_thread(
            benchmark_v2_from_document,
            record.document,
            splits=splits,
            dataset=dataset,
            cls=classes.v2,
        )


@attrs.frozen
class FetchResults:
    """Loads results, with the predictions that were kept.

    Attributes:
        artifacts: The hub's catalogue.
        storage: The hub's objects.
    """

    artifacts: ArtifactRepository
    storage: ArtifactStorage

    async def __call__(
        self,
        owner: str | HubOwner,
        name: str,
        *,
        cls: type[ResultsT],
        cls_v2: type[ResultsT],
    ) -> ResultsT:
        """Load results.

        Args:
            owner: Who published them.
            name: Their name or slug.
            cls: The class to construct.
            cls_v2: The class for results on a benchmark of version 2.

        Raises:
            ArtifactNotFoundError: The hub has no such results.
            PolarisChecksumError: Document or predictions differ from what was published.
        """
        record = await self.artifacts.get(ArtifactRef.of(ArtifactKind.RESULT, owner, name))
        store = await self.storage.open(record.location)
        examples = await read_published_examples(record, store)
        of_version = cls_v2 if record.document.get("version") == 2 else cls
        results = results_from_document(dict(record.document), of_version)
        results.examples = examples
        return results


def _dataset_of(record: ArtifactRecord) -> ArtifactRef:
    if record.subject is not None:
        return record.subject
    artifact_id = record.document.get("datasetArtifactId")
    if not isinstance(artifact_id, str):
        raise DamagedFileError(
            f"The document of the {record.ref} does not name its dataset",
            hint="Publish the benchmark again.",
        )
    return ArtifactRef.parse(ArtifactKind.DATASET, artifact_id)
