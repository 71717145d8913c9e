"""What a client can do with competitions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from polaris.application.catalogue import OwnerNarrowing
from polaris.domain.identity import ArtifactKind, ArtifactRef, HubOwner
from polaris.hub.methods.catalogue import CatalogueMethods

if TYPE_CHECKING:
    from polaris.domain.competition import CompetitionSpecification as DomainCompetition
    from polaris.domain.leaderboard import Ranking
    from polaris.domain.submissions import CompetitionPredictions as DomainPredictions
    from polaris.hub.artifacts.competition import CompetitionSpecification
    from polaris.hub.artifacts.results import CompetitionResults
    from polaris.ports.artifacts import Access, ArtifactRecord

__all__ = ["CompetitionMethods"]


class CompetitionMethods(CatalogueMethods):
    """What a client can do with competitions."""

    async def list_competitions(
        self, limit: int = 100, offset: int = 0, **narrowing: Unpack[OwnerNarrowing]
    ) -> list[str]:
        """List the competitions of the hub, newest first.

        Args:
            limit: At most so many.
            offset: Pass over so many.
            **narrowing: ``owner``, ``search``, ``tags``, ``sort``, ``descending``,
                ``created_since`` and ``updated_since``; see
                `polaris.application.catalogue.OwnerNarrowing`.

        Returns:
            Their ids, ``owner/slug``.
        """
        return await self._ids(ArtifactKind.COMPETITION, limit, offset, **narrowing)

    async def get_competition(
        self, artifact_id: str, verify_checksum: bool | str = True
    ) -> CompetitionSpecification:
        """Load a competition; the targets of its test rows are masked.

        Args:
            artifact_id: Its id, ``owner/slug``, or its URN.
            verify_checksum: As for `get_dataset`.

        Raises:
            ArtifactNotFoundError: The hub has no such competition.
            PolarisChecksumError: It is not what was published.
        """
        from polaris.hub.artifacts.competition import CompetitionSpecification

        return await self._open.fetch_competition(
            artifact_id, verify_checksum=verify_checksum, cls=CompetitionSpecification
        )

    async def upload_competition(
        self,
        competition: DomainCompetition,
        access: Access = "private",
        owner: HubOwner | str | None = None,
        if_exists: str = "replace",
        parent_artifact_id: str | None = None,
    ) -> ArtifactRecord:
        """Publish a competition, as its organiser.

        The targets of the test rows go to an area of the hub that no client can read; what
        everybody gets has them masked. Your own archive stays as it is.

        Args:
            competition: The competition; it needs a name, an owner, a license and a metric.
            access: ``public`` or ``private``.
            owner: User or organization; takes precedence over ``competition.owner``.
            if_exists: ``raise`` refuses if the competition is there; otherwise it is replaced.
            parent_artifact_id: The competition that this is a new version of, ``owner/slug``.

        Returns:
            What the hub now holds.

        Raises:
            InvalidCompetitionError: Something required is missing, or its test targets are masked
                already; all problems are reported.
        """
        return await self._open.publish_competition(
            competition,
            access=access,
            owner=owner,
            if_exists=if_exists,
            parent_artifact_id=parent_artifact_id,
        )

    async def submit_competition_predictions(
        self,
        competition: DomainCompetition | str,
        competition_predictions: DomainPredictions,
        *,
        access: Access = "private",
    ) -> ArtifactRecord:
        """Submit predictions to a competition, which the hub then scores.

        Args:
            competition: The competition, or its id.
            competition_predictions: The predictions.
            access: Who may see them, and their scores: ``public`` or ``private``.

        Returns:
            What the hub now holds; `submission_status` tells what comes of it.

        Raises:
            InvalidPredictionsError: They do not fit the competition.
            PolarisCreateArtifactError: The hub has no such competition, or it is not open.
        """
        artifact_id = competition if isinstance(competition, str) else competition.artifact_id
        return await self._open.submit_predictions.to_competition(
            competition_predictions, str(artifact_id), access=access
        )

    async def list_competition_results(
        self,
        competition: str | None = None,
        limit: int = 100,
        offset: int = 0,
        **narrowing: Unpack[OwnerNarrowing],
    ) -> list[str]:
        """List what the hub scored, newest first.

        Args:
            competition: Only in this competition, ``owner/slug``.
            limit: At most so many.
            offset: Pass over so many.
            **narrowing: ``owner``, ``search``, ``tags``, ``sort``, ``descending``,
                ``created_since`` and ``updated_since``; see
                `polaris.application.catalogue.OwnerNarrowing`.

        Returns:
            Ids of results, ``owner/slug``.
        """
        subject = None
        if competition is not None:
            subject = ArtifactRef.parse(ArtifactKind.COMPETITION, competition)
        return await self._ids(ArtifactKind.COMPETITION_RESULT, limit, offset, subject, **narrowing)

    async def competition_leaderboard(self, competition: str) -> Ranking:
        """Rank what was submitted to a competition by its main metric; of each the latest results.

        Args:
            competition: Its id, ``owner/slug``.

        Returns:
            The main metric and the entries, best first; printed, it is a table. Ranks are those of
            the scores alone, and only equal scores share one.

        Raises:
            ArtifactNotFoundError: The hub has no such competition.
        """
        return await self._open.leaderboard.of_competition(competition)

    async def get_competition_results(self, artifact_id: str) -> CompetitionResults:
        """Load the scores of a submission to a competition.

        Args:
            artifact_id: Their id, ``owner/slug``, or their URN.

        Raises:
            ArtifactNotFoundError: The hub has no such results.
        """
        from polaris.hub.artifacts.results import CompetitionResults

        return await self._open.fetch_competition_results(artifact_id, cls=CompetitionResults)
