"""The client of a hub."""

from __future__ import annotations

from typing import TYPE_CHECKING

from polaris.domain.identity import ArtifactKind, ArtifactRef, HubOwner
from polaris.hub.async_session import AsyncHubSession
from polaris.hub.timeouts import TimeoutTypes, check_timeout

if TYPE_CHECKING:
    import zarr

    from polaris.domain.benchmark_v1 import BenchmarkV1Specification as DomainBenchmark
    from polaris.domain.dataset_v1 import DatasetV1 as DomainDataset
    from polaris.domain.leaderboard import Ranking
    from polaris.domain.results import BenchmarkResultsV1 as DomainResults
    from polaris.hub.artifacts.benchmark import BenchmarkSpecification
    from polaris.hub.artifacts.dataset import Dataset
    from polaris.hub.artifacts.results import BenchmarkResults
    from polaris.ports.archives import IOMode
    from polaris.ports.artifacts import Access, ArtifactRecord

__all__ = ["AsyncPolarisHubClient"]


class AsyncPolarisHubClient(AsyncHubSession):
    """A client of a hub for code in an event loop; `PolarisHubClient` is its blocking twin.

    ``settings.hub_url`` alone decides which hub: ``file:///…`` is one in a folder of this machine,
    ``memory://…`` one in this process, for tests.

    Example:
        >>> import asyncio
        >>> from polaris.hub.settings import PolarisHubSettings
        >>> async def names() -> list[str]:
        ...     settings = PolarisHubSettings(hub_url="memory://example")
        ...     async with AsyncPolarisHubClient(settings) as client:
        ...         return await client.list_datasets()
        >>> asyncio.run(names())
        []

    Args:
        settings: Where the hub is and how to reach it; read from the environment and the profile
            file when omitted.
        cache_auth_token: Whether a sign-in is kept for the next client.
        container: The wiring; made from ``settings`` when omitted. Its owner closes it.
        **kwargs: Handed to the hub's HTTP client; of no effect on hubs without HTTP.

    Raises:
        InvalidSettingsError: The settings cannot be read, or break a rule.
        UnknownTransportError: No transport serves the scheme of the hub's URL.
    """

    # -- datasets -----------------------------------------------------------------------------

    async def list_datasets(self, limit: int = 100, offset: int = 0) -> list[str]:
        """List the datasets of the hub, newest first.

        Args:
            limit: At most so many.
            offset: Pass over so many.

        Returns:
            Their ids, ``owner/slug``.
        """
        return await self._ids(ArtifactKind.DATASET, limit, offset)

    async def get_dataset(
        self, owner: str | HubOwner, name: str, verify_checksum: bool | str = True
    ) -> Dataset:
        """Load a dataset: its table into memory; its archive stays where it is till it is read.

        Args:
            owner: User or organization that owns it.
            name: Its name or slug.
            verify_checksum: ``True`` or ``"verify"`` checks all of it now, every byte of its
                archive included; ``"verify_unless_zarr"`` checks an archive's chunks when they are
                read; ``False`` or ``"ignore"`` checks nothing.

        Raises:
            ArtifactNotFoundError: The hub has no such dataset.
            PolarisChecksumError: It is not what was published.
        """
        from polaris.hub.artifacts.dataset import Dataset

        return await self._open.fetch_dataset(
            owner, name, verify_checksum=verify_checksum, cls=Dataset
        )

    async def upload_dataset(
        self,
        dataset: DomainDataset,
        access: Access = "private",
        timeout: TimeoutTypes = (10, 200),
        owner: HubOwner | str | None = None,
        if_exists: str = "replace",
    ) -> ArtifactRecord:
        """Publish a dataset; it becomes visible at once and whole, or not at all.

        Running the same upload again after an interruption sends only what is missing.

        Args:
            dataset: The dataset; it needs a name, an owner and a license.
            access: ``public`` or ``private``.
            timeout: Seconds for one network operation, or (connect, write) seconds; ``"timeout"``
                for the client's default, ``"never"`` for none. Hubs without a network take no
                notice.
            owner: User or organization; takes precedence over ``dataset.owner``.
            if_exists: ``raise`` refuses if the dataset is there; ``replace`` publishes a new
                revision; ``skip`` does so too but alters no file of the archive that is there.

        Returns:
            What the hub now holds.

        Raises:
            InvalidDatasetError: Something required is missing; all problems are reported.
            ArtifactExistsError: ``if_exists`` is ``raise`` and the dataset is there.
            ObjectExistsError: ``if_exists`` is ``skip`` and a file of the archive would change.
        """
        check_timeout(timeout)
        return await self._open.publish_dataset(
            dataset, access=access, owner=owner, if_exists=if_exists
        )

    async def open_zarr_file(
        self,
        owner: str | HubOwner,
        name: str,
        path: str,
        mode: IOMode,
        as_consolidated: bool = True,
    ) -> zarr.Group:
        """Open a Zarr archive of a dataset where it lies.

        Writing changes the published revision: loading the dataset with verification is refused
        from then on, until it is published again.

        Args:
            owner: User or organization that owns the dataset.
            name: The dataset's name or slug.
            path: Path of the archive within the dataset, such as ``data.zarr``.
            mode: ``r`` read; ``r+`` read and write, must exist; ``a`` read and write, created where
                missing; ``w`` emptied first; ``w-`` created, must not exist.
            as_consolidated: Read all metadata from one object; for ``r`` and ``r+`` only.

        Raises:
            ArtifactNotFoundError: The hub has no such dataset.
            ObjectNotFoundError: ``r`` or ``r+`` and there is no such archive.
            ObjectExistsError: ``w-`` and there is one.
        """
        return await self._open.open_archive(
            owner, name, path, mode, as_consolidated=as_consolidated
        )

    # -- benchmarks ---------------------------------------------------------------------------

    async def list_benchmarks(self, limit: int = 100, offset: int = 0) -> list[str]:
        """List the benchmarks of the hub, newest first.

        Args:
            limit: At most so many.
            offset: Pass over so many.

        Returns:
            Their ids, ``owner/slug``.
        """
        return await self._ids(ArtifactKind.BENCHMARK, limit, offset)

    async def get_benchmark(
        self, owner: str | HubOwner, name: str, verify_checksum: bool | str = True
    ) -> BenchmarkSpecification:
        """Load a benchmark and its dataset.

        Args:
            owner: User or organization that owns it.
            name: Its name or slug.
            verify_checksum: As for `get_dataset`; covers the dataset and the benchmark.

        Raises:
            ArtifactNotFoundError: The hub has no such benchmark, or not its dataset.
            PolarisChecksumError: One of them is not what was published.
        """
        from polaris.hub.artifacts.benchmark import (
            BenchmarkSpecification,
            MultiTaskBenchmarkSpecification,
            SingleTaskBenchmarkSpecification,
        )
        from polaris.hub.artifacts.dataset import Dataset

        benchmark = await self._open.fetch_benchmark(
            owner,
            name,
            verify_checksum=verify_checksum,
            single_task=SingleTaskBenchmarkSpecification,
            multi_task=MultiTaskBenchmarkSpecification,
            dataset_cls=Dataset,
        )
        assert isinstance(benchmark, BenchmarkSpecification)
        return benchmark

    async def upload_benchmark(
        self,
        benchmark: DomainBenchmark,
        access: Access = "private",
        owner: HubOwner | str | None = None,
        if_exists: str = "replace",
    ) -> ArtifactRecord:
        """Publish a benchmark on a dataset that is on the hub already.

        Args:
            benchmark: The benchmark; it and its dataset need a name and an owner.
            access: ``public`` or ``private``.
            owner: User or organization; takes precedence over ``benchmark.owner``.
            if_exists: ``raise`` refuses if the benchmark is there; otherwise it is replaced.

        Returns:
            What the hub now holds.

        Raises:
            InvalidBenchmarkError: A name or an owner is missing.
            PolarisCreateArtifactError: The dataset is not on the hub, or not this one.
        """
        return await self._open.publish_benchmark(
            benchmark, access=access, owner=owner, if_exists=if_exists
        )

    # -- results ------------------------------------------------------------------------------

    async def list_results(
        self, benchmark: str | None = None, limit: int = 100, offset: int = 0
    ) -> list[str]:
        """List results, newest first.

        Args:
            benchmark: Only those on this benchmark, ``owner/slug``.
            limit: At most so many.
            offset: Pass over so many.

        Returns:
            Their ids, ``owner/slug``.
        """
        subject = None
        if benchmark is not None:
            subject = ArtifactRef.parse(ArtifactKind.BENCHMARK, benchmark)
        return await self._ids(ArtifactKind.RESULT, limit, offset, subject)

    async def get_results(self, owner: str | HubOwner, name: str) -> BenchmarkResults:
        """Load results.

        Args:
            owner: Who published them.
            name: Their name or slug.

        Raises:
            ArtifactNotFoundError: The hub has no such results.
        """
        from polaris.hub.artifacts.results import BenchmarkResults

        return await self._open.fetch_results(owner, name, cls=BenchmarkResults)

    async def upload_results(
        self,
        results: DomainResults,
        access: Access = "private",
        owner: HubOwner | str | None = None,
    ) -> ArtifactRecord:
        """Publish the results of a method on a benchmark that is on the hub.

        Results without a name are named after their content; results under a name that the owner
        has used before replace those.

        Args:
            results: The results; ``benchmark.evaluate`` says in them which benchmark they are on.
            access: ``public`` or ``private``.
            owner: Takes precedence over ``results.owner``; by default whoever is signed in.

        Returns:
            What the hub now holds.

        Raises:
            InvalidResultError: The benchmark is not named, or a score is not a number.
            PolarisCreateArtifactError: The benchmark is not on the hub.
        """
        return await self._open.publish_results(results, access=access, owner=owner)

    async def leaderboard(self, owner: str | HubOwner, name: str) -> Ranking:
        """Rank all results on a benchmark by its main metric.

        Args:
            owner: Owner of the benchmark.
            name: Its name or slug.

        Returns:
            The main metric and the entries, best first; printed, it is a table.

        Raises:
            ArtifactNotFoundError: The hub has no such benchmark.
        """
        return await self._open.leaderboard(owner, name)

    # -- the catalogue ------------------------------------------------------------------------

    async def get_record(
        self, kind: ArtifactKind | str, owner: str | HubOwner, name: str
    ) -> ArtifactRecord:
        """Return what the catalogue says of one artifact, without loading its data.

        Args:
            kind: ``dataset``, ``benchmark`` or ``result``.
            owner: Its owner.
            name: Its name or slug.

        Raises:
            ArtifactNotFoundError: The hub has no such artifact.
        """
        return await self._open.look_up(ArtifactKind(kind), owner, name)

    async def list_records(
        self,
        kind: ArtifactKind | str,
        limit: int = 100,
        offset: int = 0,
        owner: str | HubOwner | None = None,
    ) -> list[ArtifactRecord]:
        """Return what the catalogue says of the artifacts of a kind, newest first.

        Args:
            kind: ``dataset``, ``benchmark`` or ``result``.
            limit: At most so many.
            offset: Pass over so many.
            owner: Only those of this owner.
        """
        return await self._open.list_artifacts(
            ArtifactKind(kind), limit=limit, offset=offset, owner=owner
        )

    async def _ids(
        self, kind: ArtifactKind, limit: int, offset: int, subject: ArtifactRef | None = None
    ) -> list[str]:
        records = await self._open.list_artifacts(kind, limit=limit, offset=offset, subject=subject)
        return [record.ref.artifact_id for record in records]
