"""What a client can do with results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from polaris.application.catalogue import OwnerNarrowing
from polaris.domain.identity import ArtifactKind, ArtifactRef, HubOwner
from polaris.hub.methods.catalogue import CatalogueMethods

if TYPE_CHECKING:
    from polaris.domain.leaderboard import Ranking
    from polaris.domain.results import BenchmarkResultsV1 as DomainResults
    from polaris.hub.artifacts.results import BenchmarkResults
    from polaris.ports.artifacts import Access, ArtifactRecord

__all__ = ["ResultMethods"]


class ResultMethods(CatalogueMethods):
    """What a client can do with results."""

    async def list_results(
        self,
        benchmark: str | None = None,
        limit: int = 100,
        offset: int = 0,
        **narrowing: Unpack[OwnerNarrowing],
    ) -> list[str]:
        """List results, newest first.

        Args:
            benchmark: Only those on this benchmark, ``owner/slug``.
            limit: At most so many.
            offset: Pass over so many.
            **narrowing: ``owner``, ``search``, ``tags``, ``sort``, ``descending``,
                ``created_since`` and ``updated_since``; see
                `polaris.application.catalogue.OwnerNarrowing`.

        Returns:
            Their ids, ``owner/slug``.

        Raises:
            ArtifactNotFoundError: The hub has no such benchmark.
        """
        subject = None
        if benchmark is not None:
            subject = ArtifactRef.parse(ArtifactKind.BENCHMARK, benchmark)
        return await self._ids(ArtifactKind.RESULT, limit, offset, subject, **narrowing)

    async def get_results(self, owner: str | HubOwner, name: str) -> BenchmarkResults:
        """Load results.

        Args:
            owner: Who published them.
            name: Their name or slug.

        Raises:
            ArtifactNotFoundError: The hub has no such results.
        """
        from polaris.hub.artifacts.results import BenchmarkResults, BenchmarkResultsV2

        return await self._open.fetch_results(
            owner, name, cls=BenchmarkResults, cls_v2=BenchmarkResultsV2
        )

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

    async def leaderboard(
        self, owner: str | HubOwner, name: str, statistics: bool | None = None
    ) -> Ranking:
        """Rank all results on a benchmark by its main metric.

        Where results kept their predictions, entries have a confidence interval, and share a rank
        if their difference may be noise. The benchmark and its data are loaded for it.

        Args:
            owner: Owner of the benchmark.
            name: Its name or slug.
            statistics: Whether to do so; None does unless benchmark, data or predictions cannot be
                loaded; False ranks by the scores alone, and loads nothing.

        Returns:
            The main metric and the entries, best first; printed, it is a table.

        Raises:
            ArtifactNotFoundError: The hub has no such benchmark.
            PolarisError: ``statistics`` is True, and something that it needs cannot be loaded.
        """
        return await self._open.leaderboard(owner, name, statistics=statistics)
