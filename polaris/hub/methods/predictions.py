"""What a client can do with predictions for benchmarks, and with all that is submitted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack, cast

from polaris.application.catalogue import OwnerNarrowing
from polaris.domain.identity import ArtifactKind, ArtifactRef, HubOwner
from polaris.hub.methods.catalogue import CatalogueMethods
from polaris.hub.timeouts import TimeoutTypes, check_timeout

if TYPE_CHECKING:
    from polaris.domain.submissions import BenchmarkPredictionsV2 as DomainPredictions
    from polaris.hub.artifacts.submissions import BenchmarkPredictionsV2
    from polaris.ports.artifacts import Access, ArtifactRecord
    from polaris.ports.jobs import Job

__all__ = ["PredictionMethods"]

_SUBMISSIONS = (ArtifactKind.COMPETITION_PREDICTION, ArtifactKind.PREDICTION)


class PredictionMethods(CatalogueMethods):
    """What a client can do with predictions for benchmarks, and with all that is submitted."""

    async def list_predictions(
        self,
        benchmark: str | None = None,
        limit: int = 100,
        offset: int = 0,
        **narrowing: Unpack[OwnerNarrowing],
    ) -> list[str]:
        """List predictions for benchmarks, newest first.

        Args:
            benchmark: Only those for this benchmark, ``owner/slug``.
            limit: At most so many.
            offset: Pass over so many.
            **narrowing: ``owner``, ``search``, ``tags``, ``sort``, ``descending``,
                ``created_since`` and ``updated_since``; see
                `polaris.application.catalogue.OwnerNarrowing`.

        Returns:
            Their ids, ``owner/slug``.
        """
        subject = None
        if benchmark is not None:
            subject = ArtifactRef.parse(ArtifactKind.BENCHMARK, benchmark)
        return await self._ids(ArtifactKind.PREDICTION, limit, offset, subject, **narrowing)

    async def get_predictions(self, artifact_id: str) -> BenchmarkPredictionsV2:
        """Load predictions for a benchmark.

        Args:
            artifact_id: Their id, ``owner/slug``, or their URN.

        Raises:
            ArtifactNotFoundError: The hub has no such predictions.
            PolarisChecksumError: They are not what was submitted.
        """
        from polaris.hub.artifacts.submissions import BenchmarkPredictionsV2

        return await self._open.fetch_predictions(artifact_id, cls=BenchmarkPredictionsV2)

    async def submit_benchmark_predictions(
        self,
        prediction: DomainPredictions,
        timeout: TimeoutTypes = (10, 200),
        owner: HubOwner | str | None = None,
        if_exists: str = "replace",
        *,
        access: Access = "private",
    ) -> ArtifactRecord:
        """Submit predictions for a benchmark, which the hub then scores.

        Args:
            prediction: The predictions; they name their benchmark.
            timeout: As for `upload_dataset`.
            owner: Takes precedence over ``prediction.owner``.
            if_exists: ``raise`` refuses if a submission of that name is there; otherwise it is
                replaced, and the new one scored.
            access: Who may see them, and their scores: ``public`` or ``private``.

        Returns:
            What the hub now holds; `submission_status` tells what comes of it.

        Raises:
            InvalidPredictionsError: They do not fit the benchmark, or cannot be stored.
            PolarisCreateArtifactError: The hub has no such benchmark, or it has no metrics.
        """
        check_timeout(timeout)
        return await self._open.submit_predictions.to_benchmark(
            prediction, access=access, owner=owner, if_exists=if_exists
        )

    async def list_submissions(
        self,
        subject: str | None = None,
        owner: HubOwner | str | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> list[Job]:
        """List what was submitted and what has come of it, newest first.

        Args:
            subject: Only those to this competition or benchmark, by its URN; an id ``owner/slug``
                is taken for that of a competition.
            owner: Only those of this user or organization.
            limit: At most so many.
            offset: Pass over so many.

        Returns:
            The scoring of the newest revision of each submission.

        Raises:
            ArtifactNotFoundError: The hub has no such competition or benchmark.
            InvalidInputError: An argument cannot be what it is for.
        """
        return await self._open.list_submissions(
            None if subject is None else _subject(subject), owner=owner, limit=limit, offset=offset
        )

    async def submission_status(self, submission: ArtifactRecord | str) -> Job | None:
        """Tell what has come of the newest revision of a submission.

        Args:
            submission: What submitting returned, or the URN of the submission, or its id
                ``owner/slug``, for which competitions are looked through first.

        Returns:
            Its state, and its results or the reason why it could not be scored; None if the hub
            has no such submission.
        """
        for ref in _refs(submission):
            found = await self._open.jobs.find(ref)
            if found:
                # Predictions that were submitted before the newest ones may have been so again.
                current = (await self._open.transport.artifacts.get(ref)).location.revision
                return next((job for job in found if job.revision == current), found[0])
        return None


def _subject(subject: str) -> ArtifactRef:
    is_benchmark = str(subject).startswith(f"urn:polaris:{ArtifactKind.BENCHMARK}:")
    kind = ArtifactKind.BENCHMARK if is_benchmark else ArtifactKind.COMPETITION
    return ArtifactRef.parse(kind, subject)


def _refs(submission: ArtifactRecord | str) -> list[ArtifactRef]:
    ref = getattr(submission, "ref", None)
    if isinstance(ref, ArtifactRef):
        return [ref]
    for kind in _SUBMISSIONS:
        if str(submission).startswith(f"urn:polaris:{kind}:"):
            return [ArtifactRef.parse(kind, cast("str", submission))]
    return [ArtifactRef.parse(kind, cast("str", submission)) for kind in _SUBMISSIONS]
