"""Loading a benchmark, and the results on one, from a hub."""

from __future__ import annotations

from typing import TypeVar

import attrs

from polaris.application.fetch_dataset import FetchDataset, verify_document
from polaris.application.verification import parse_strategy
from polaris.codec.documents import benchmark_from_document, results_from_document
from polaris.domain.benchmark_v1 import BenchmarkV1Specification
from polaris.domain.checksums.sha256sums import Sha256Manifest
from polaris.domain.dataset_v1 import DatasetV1
from polaris.domain.identity import ArtifactKind, ArtifactRef, HubOwner
from polaris.domain.results import BenchmarkResultsV1
from polaris.errors import DamagedFileError, PolarisChecksumError
from polaris.ports.artifacts import ArtifactRepository

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
        *,
        verify_checksum: bool | str = True,
        single_task: type[BenchmarkV1Specification],
        multi_task: type[BenchmarkV1Specification],
        dataset_cls: type[DatasetV1],
    ) -> BenchmarkV1Specification:
        """Load a benchmark; the number of its targets decides its class.

        Args:
            owner: Its owner.
            name: Its name or slug.
            verify_checksum: As in `FetchDataset`; covers the dataset and the benchmark itself.
            single_task: Class for one target column.
            multi_task: Class for several.
            dataset_cls: Class of the dataset.

        Raises:
            ArtifactNotFoundError: The hub has no such benchmark, or not its dataset.
            PolarisChecksumError: Something differs from what was published.
        """
        strategy = parse_strategy(verify_checksum)
        ref = ArtifactRef.of(ArtifactKind.BENCHMARK, owner, name)
        record = await self.artifacts.get(ref)
        if strategy != "ignore":
            verify_document(record, _NO_OBJECTS)
        subject = record.subject or _dataset_of(ref, record.document.get("datasetArtifactId"))
        dataset = await self.fetch_dataset(
            subject.owner, subject.slug, verify_checksum=strategy, cls=dataset_cls
        )
        targets = record.document.get("targetCols") or ()
        cls = single_task if len(targets) == 1 else multi_task
        expected = record.document.get("md5Sum")
        document = {key: value for key, value in record.document.items() if key != "md5Sum"}
        benchmark = benchmark_from_document(document, dataset=dataset, cls=cls)
        if expected is not None and strategy == "verify" and benchmark.md5sum != expected:
            raise PolarisChecksumError(
                f"The checksum of the {ref} is {benchmark.md5sum}, its document says {expected}",
                hint="Its dataset was replaced after it was published; "
                "verify_checksum=False loads it all the same.",
            )
        if expected is not None and strategy != "verify":
            benchmark.md5sum = expected
        return benchmark


@attrs.frozen
class FetchResults:
    """Loads results.

    Attributes:
        artifacts: The hub's catalogue.
    """

    artifacts: ArtifactRepository

    async def __call__(self, owner: str | HubOwner, name: str, *, cls: type[ResultsT]) -> ResultsT:
        """Load results.

        Raises:
            ArtifactNotFoundError: The hub has no such results.
            PolarisChecksumError: The document differs from what was published.
        """
        record = await self.artifacts.get(ArtifactRef.of(ArtifactKind.RESULT, owner, name))
        verify_document(record, _NO_OBJECTS)
        return results_from_document(dict(record.document), cls)


def _dataset_of(ref: ArtifactRef, artifact_id: object) -> ArtifactRef:
    if not isinstance(artifact_id, str):
        raise DamagedFileError(
            f"The document of the {ref} does not name its dataset",
            hint="Publish the benchmark again.",
        )
    return ArtifactRef.parse(ArtifactKind.DATASET, artifact_id)
