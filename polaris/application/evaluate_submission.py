"""Scoring one submission and publishing its results."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

import attrs

from polaris.application.benchmark_classes import BenchmarkClasses
from polaris.application.fetch_benchmark import FetchBenchmark
from polaris.application.fetch_dataset import FetchDataset, verify_document, verifying
from polaris.application.layout import PREDICTIONS
from polaris.application.predictions_archive import read_predictions
from polaris.application.publish import Publish
from polaris.application.publish_competition import FetchCompetition
from polaris.application.reveal_targets import reveal_targets
from polaris.application.seen_artifacts import SeenArtifacts
from polaris.codec.competitions import submission_from_document
from polaris.codec.documents import to_document
from polaris.domain.benchmark_v1 import (
    MultiTaskBenchmarkSpecification,
    SingleTaskBenchmarkSpecification,
)
from polaris.domain.benchmark_v2 import BenchmarkV2Specification
from polaris.domain.checksums.sha256sums import Sha256Manifest
from polaris.domain.competition import CompetitionSpecification
from polaris.domain.dataset_v1 import DatasetV1
from polaris.domain.dataset_v2 import DatasetV2
from polaris.domain.evaluation import evaluate_benchmark
from polaris.domain.identity import ArtifactKind, ArtifactRef, HubOwner
from polaris.domain.predictions import BenchmarkPredictions
from polaris.domain.results import BenchmarkResultsV2, CompetitionResults, EvaluationResult
from polaris.domain.submissions import BenchmarkPredictionsV2, CompetitionPredictions
from polaris.errors import (
    ArtifactNotFoundError,
    DamagedFileError,
    InvalidPredictionsError,
)
from polaris.ports.archives import ArchivePort
from polaris.ports.artifact_storage import ArtifactStorage
from polaris.ports.artifacts import ArtifactRecord, ArtifactRepository
from polaris.ports.hidden_targets import HiddenTargets
from polaris.ports.jobs import Job
from polaris.ports.progress import ProgressPort

__all__ = ["EvaluateSubmission", "results_ref"]

_NO_OBJECTS = Sha256Manifest.of({})
_CLASSES = BenchmarkClasses(
    single_task=SingleTaskBenchmarkSpecification,
    multi_task=MultiTaskBenchmarkSpecification,
    v2=BenchmarkV2Specification,
    dataset=DatasetV1,
    dataset_v2=DatasetV2,
)


def results_ref(job: Job) -> ArtifactRef:
    """Return where the results of a submission are published.

    The id follows from the submission and its revision alone, so that whoever scores it, and
    however often, publishes one and the same artifact.
    """
    text = f"{job.submission.urn}\n{job.revision}"
    is_contest = job.submission.kind is ArtifactKind.COMPETITION_PREDICTION
    return ArtifactRef(
        ArtifactKind.COMPETITION_RESULT if is_contest else ArtifactKind.RESULT,
        job.submission.owner,
        f"eval-{hashlib.sha256(text.encode()).hexdigest()[:24]}",
    )


@attrs.frozen
class EvaluateSubmission:
    """Scores the submission of a job, against hidden targets where there are some.

    Attributes:
        artifacts: The hub's catalogue.
        storage: What the hub shows.
        hidden: What it keeps to itself.
        archives: Opens Zarr archives.
        publish: Publishes the results.
        progress: Shows how far it has come.
        may_see: Whether the first of two owners may read what the second keeps private: by nothing
            else are the submissions of the first judged. None where everybody may.
    """

    artifacts: ArtifactRepository
    storage: ArtifactStorage
    hidden: HiddenTargets
    archives: ArchivePort
    publish: Publish
    progress: ProgressPort
    may_see: Callable[[str, str], Awaitable[bool]] | None = None

    async def __call__(self, job: Job) -> ArtifactRef:
        """Score a submission, unless it has been, and return its results.

        Raises:
            PolarisError: It cannot be scored. What the error says may be told to whoever
                submitted; it holds nothing of the hidden targets.
        """
        there = await self.published(job)
        if there is not None:
            return there
        ref = results_ref(job)
        record = await self.artifacts.get(job.submission)
        if record.location.revision != job.revision:
            raise InvalidPredictionsError(
                f"The {job.submission} was replaced by a newer submission before it was scored",
                hint="See the job of the newer one.",
            )
        if job.submission.kind is ArtifactKind.COMPETITION_PREDICTION:
            results = await self._competition(record, job)
        else:
            results = await self._benchmark(record)
        results.name = ref.slug
        results.owner = HubOwner(ref.owner)
        results.description = f"Scores of {job.submission.artifact_id}, computed by the hub"
        document = to_document(results) | _origin(job)
        # Another worker may have held this one for dead, and have been faster.
        there = await self.published(job)
        if there is None:
            await self.publish(ref, document, access=record.access, subject=record.subject)
        return ref

    async def published(self, job: Job) -> ArtifactRef | None:
        """Return the results of a submission, if some worker has published them already.

        What somebody else may have put under their id does not count.
        """
        ref = results_ref(job)
        try:
            document = (await self.artifacts.get(ref)).document
        except ArtifactNotFoundError:
            return None
        return ref if all(document.get(k) == v for k, v in _origin(job).items()) else None

    def _seen_by(self, owner: str) -> ArtifactRepository:
        may_see = self.may_see
        if may_see is None:
            return self.artifacts
        return SeenArtifacts(self.artifacts, lambda of: may_see(owner, of))

    # -- benchmarks ---------------------------------------------------------------------------

    async def _benchmark(self, record: ArtifactRecord) -> EvaluationResult:
        store = await self.storage.open(record.location)
        document = record.document
        predictions = await read_predictions(
            self.archives,
            await verifying(record, store),
            PREDICTIONS,
            test_set_labels=list(document.get("testSetLabels") or []),
            target_labels=list(document.get("targetLabels") or []),
        )
        submission = submission_from_document(
            document, BenchmarkPredictionsV2, predictions=predictions
        )
        subject = _subject_of(record)
        artifacts = self._seen_by(record.ref.owner)
        datasets = FetchDataset(artifacts, self.storage, self.archives, self.progress)
        benchmark = await FetchBenchmark(artifacts, datasets)(
            subject.owner, subject.slug, _CLASSES, verify_checksum="verify_unless_zarr"
        )
        labels = _labels(benchmark, benchmark.test_set_labels)
        judged = BenchmarkPredictions(predictions=submission.predictions, **labels)
        table = (
            await asyncio.to_thread(benchmark.evaluate, judged, judged, keep_examples=False)
        ).results
        return BenchmarkResultsV2(
            results=table,
            benchmark_artifact_id=subject.artifact_id,
            contributors=submission.contributors,
            model=submission.model,
        )

    # -- competitions -------------------------------------------------------------------------

    async def _competition(self, record: ArtifactRecord, job: Job) -> EvaluationResult:
        verify_document(record, _NO_OBJECTS)
        submission = submission_from_document(record.document, CompetitionPredictions)
        subject = await self._seen_by(record.ref.owner).get(_subject_of(record))
        competition = await FetchCompetition(
            self.artifacts, self.storage, self.archives, self.progress
        ).of_record(subject, verify_checksum="verify_unless_zarr", cls=CompetitionSpecification)
        _refuse_untimely(job, competition)
        labels = _labels(competition, list(competition.split.tests))
        # Before the targets are read: these errors may be told in full.
        judged = BenchmarkPredictions(predictions=submission.predictions, **labels)
        truths = await reveal_targets(self.hidden, self.archives, subject, competition)
        try:
            table = await asyncio.to_thread(
                evaluate_benchmark,
                competition.target_cols,
                list(competition.split.tests),
                competition.test_set_sizes,
                competition.metrics,
                truths,
                judged,
                judged,
            )
        except Exception as cause:
            # Its words come from libraries that may have put a target into them.
            raise InvalidPredictionsError(
                "The predictions could not be judged by the competition's metrics",
                hint="Check that they are of the kind that the targets of the training set are.",
            ) from cause
        return CompetitionResults(
            results=table,
            competition_artifact_id=subject.ref.artifact_id,
            github_url=submission.github_url,
            paper_url=submission.paper_url,
            contributors=submission.contributors,
        )


def _origin(job: Job) -> dict[str, str]:
    """Return what the document of results says of the submission that they are of."""
    return {"submissionUrn": job.submission.urn, "submissionRevision": job.revision}


def _refuse_untimely(job: Job, competition: CompetitionSpecification) -> None:
    # Clients refuse too, but by their own clocks. When it is scored does not matter.
    if not competition.start_time <= job.queued_at <= competition.end_time:
        raise InvalidPredictionsError(
            f"The hub received it {job.queued_at.isoformat()}, when the competition was not open: "
            f"from {competition.start_time.isoformat()} to {competition.end_time.isoformat()}",
            hint="Submissions count between its start and its end only.",
        )


def _labels(judge: Any, test_set_labels: list[str]) -> dict[str, Any]:
    return {
        "target_labels": list(judge.target_cols),
        "test_set_labels": test_set_labels,
        "test_set_sizes": judge.test_set_sizes,
    }


def _subject_of(record: ArtifactRecord) -> ArtifactRef:
    if record.subject is None:
        raise DamagedFileError(
            f"The {record.ref} does not say what it is for", hint="Submit it again."
        )
    return record.subject
