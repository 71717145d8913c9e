"""What a client can do with benchmarks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from polaris.application.catalogue import OwnerNarrowing
from polaris.domain.identity import ArtifactKind, HubOwner
from polaris.hub.methods.catalogue import CatalogueMethods

if TYPE_CHECKING:
    from polaris.domain.benchmark_v1 import BenchmarkV1Specification as DomainBenchmark
    from polaris.domain.benchmark_v2 import BenchmarkV2Specification as DomainBenchmarkV2
    from polaris.hub.artifacts.benchmark import BenchmarkV1Specification, BenchmarkV2Specification
    from polaris.ports.artifacts import Access, ArtifactRecord

__all__ = ["BenchmarkMethods"]


class BenchmarkMethods(CatalogueMethods):
    """What a client can do with benchmarks."""

    async def list_benchmarks(
        self, limit: int = 100, offset: int = 0, **narrowing: Unpack[OwnerNarrowing]
    ) -> list[str]:
        """List the benchmarks of the hub, newest first.

        Args:
            limit: At most so many.
            offset: Pass over so many.
            **narrowing: ``owner``, ``search``, ``tags``, ``sort``, ``descending``,
                ``created_since`` and ``updated_since``; see
                `polaris.application.catalogue.OwnerNarrowing`.

        Returns:
            Their ids, ``owner/slug``.
        """
        return await self._ids(ArtifactKind.BENCHMARK, limit, offset, **narrowing)

    async def get_benchmark(
        self, owner: str | HubOwner, name: str, verify_checksum: bool | str = True
    ) -> BenchmarkV1Specification | BenchmarkV2Specification:
        """Load a benchmark and its dataset; its version decides its class.

        Args:
            owner: User or organization that owns it.
            name: Its name or slug.
            verify_checksum: As for `get_dataset`; covers the dataset and the benchmark.

        Raises:
            ArtifactNotFoundError: The hub has no such benchmark, or not its dataset.
            PolarisChecksumError: One of them is not what was published.
        """
        from polaris.hub.artifacts.benchmark import (
            BENCHMARK_CLASSES,
            BenchmarkV1Specification,
            BenchmarkV2Specification,
        )

        benchmark = await self._open.fetch_benchmark(
            owner, name, BENCHMARK_CLASSES, verify_checksum=verify_checksum
        )
        assert isinstance(benchmark, (BenchmarkV1Specification, BenchmarkV2Specification))
        return benchmark

    async def upload_benchmark(
        self,
        benchmark: DomainBenchmark | DomainBenchmarkV2,
        access: Access = "private",
        owner: HubOwner | str | None = None,
        if_exists: str = "replace",
        parent_artifact_id: str | None = None,
    ) -> ArtifactRecord:
        """Publish a benchmark on a dataset that is on the hub already.

        Args:
            benchmark: The benchmark; it and its dataset need a name and an owner.
            access: ``public`` or ``private``.
            owner: User or organization; takes precedence over ``benchmark.owner``.
            if_exists: ``raise`` refuses if the benchmark is there; otherwise it is replaced.
            parent_artifact_id: The benchmark that this is a new version of, ``owner/slug``: its
                version is one more than the parent's. Say in ``benchmark.artifact_changelog`` what
                is new.

        Returns:
            What the hub now holds.

        Raises:
            InvalidBenchmarkError: A name or an owner is missing.
            PolarisCreateArtifactError: The dataset is not on the hub, or not this one.
        """
        return await self._open.publish_benchmark(
            benchmark,
            access=access,
            owner=owner,
            if_exists=if_exists,
            parent_artifact_id=parent_artifact_id,
        )
