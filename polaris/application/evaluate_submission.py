"""Scoring one submission and publishing its results."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any

import attrs

from polaris.application.benchmark_classes import BenchmarkClasses
from polaris.application.fetch_benchmark import FetchBenchmark
from polaris.application.fetch_dataset import FetchDataset, published_manifest, verify_document
from polaris.application.layout import MANIFEST, PREDICTIONS, TARGETS
from polaris.application.predictions_archive import read_predictions
from polaris.application.publish import Publish
from polaris.application.publish_competition import FetchCompetition
from polaris.application.verification import VerifyingStorage
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
from polaris.domain.revealed_dataset import RevealedDataset
from polaris.domain.submissions import BenchmarkPredictionsV2, CompetitionPredictions
from polaris.domain.subset import Subset
from polaris.errors import (
    ArtifactNotFoundError,
    DamagedFileError,
    InvalidPredictionsError,
    PolarisError,
)
from polaris.ports.archives import ArchivePort
from polaris.ports.artifact_storage import ArtifactStorage
from polaris.ports.artifacts import ArtifactRecord, ArtifactRepository
from polaris.ports.hidden_targets import HiddenTargets
from polaris.ports.jobs import Job
from polaris.ports.progress import ProgressPort
from polaris.ports.storage import Read

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
    """

    artifacts: ArtifactRepository
    storage: ArtifactStorage
    hidden: HiddenTargets
    archives: ArchivePort
    publish: Publish
    progress: ProgressPort

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
            results = await self._competition(record)
        else:
            results = await self._benchmark(record)
        results.name = ref.slug
        results.owner = HubOwner(ref.owner)
        results.description = f"Scores of {job.submission.artifact_id}, computed by the hub"
        document = to_document(results) | {
            "submissionUrn": job.submission.urn,
            "submissionRevision": job.revision,
        }
        await self.publish(ref, document, access=record.access, subject=record.subject)
        return ref

    async def published(self, job: Job) -> ArtifactRef | None:
        """Return the results of a submission, if some worker has published them already."""
        ref = results_ref(job)
        try:
            await self.artifacts.get(ref)
        except ArtifactNotFoundError:
            return None
        return ref

    # -- benchmarks ---------------------------------------------------------------------------

    async def _benchmark(self, record: ArtifactRecord) -> EvaluationResult:
        store = await self.storage.open(record.location)
        manifest = await published_manifest(record, store)
        document = record.document
        predictions = await read_predictions(
            self.archives,
            VerifyingStorage(store, manifest, record.ref.artifact_id),
            PREDICTIONS,
            test_set_labels=list(document.get("testSetLabels") or []),
            target_labels=list(document.get("targetLabels") or []),
        )
        submission = submission_from_document(
            document, BenchmarkPredictionsV2, predictions=predictions
        )
        subject = _subject_of(record)
        datasets = FetchDataset(self.artifacts, self.storage, self.archives, self.progress)
        benchmark = await FetchBenchmark(self.artifacts, datasets)(
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

    async def _competition(self, record: ArtifactRecord) -> EvaluationResult:
        verify_document(record, _NO_OBJECTS)
        submission = submission_from_document(record.document, CompetitionPredictions)
        subject = _subject_of(record)
        competition = await FetchCompetition(
            self.artifacts, self.storage, self.archives, self.progress
        )(subject.artifact_id, verify_checksum="verify_unless_zarr", cls=CompetitionSpecification)
        labels = _labels(competition, list(competition.split.tests))
        # Before the targets are read: these errors may be told in full.
        judged = BenchmarkPredictions(predictions=submission.predictions, **labels)
        truths = await self._truths(subject, competition)
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
        except PolarisError as cause:
            # Its words come from libraries that may have put a target into them.
            raise InvalidPredictionsError(
                "The predictions could not be judged by the competition's metrics",
                hint="Check that they are of the kind that the targets of the training set are.",
            ) from cause
        return CompetitionResults(
            results=table,
            competition_artifact_id=subject.artifact_id,
            github_url=submission.github_url,
            paper_url=submission.paper_url,
            contributors=submission.contributors,
        )

    async def _truths(
        self, ref: ArtifactRef, competition: CompetitionSpecification
    ) -> dict[str, Subset]:
        """Return the test sets of a competition with their true targets."""
        location = (await self.artifacts.get(ref)).location
        store = await self.hidden.reveal(location)
        [data] = await store.get([Read(MANIFEST)])
        if data is None:
            raise DamagedFileError(
                f"The hub has lost the test targets of the {ref}",
                hint="The organiser has to publish the competition again.",
            )
        manifest = Sha256Manifest.parse(data.decode("utf-8", "replace"))
        checked = VerifyingStorage(store, manifest, f"the test targets of {ref.artifact_id}")
        source = self.archives.source(checked, TARGETS)
        adapters = {
            column: adapter
            for column, adapter in competition.default_adapters.items()
            if column in competition.target_cols
        }
        truth = await asyncio.to_thread(DatasetV2, archive=source, default_adapters=adapters)
        revealed = RevealedDataset(competition, truth, frozenset(competition.target_cols))
        return {
            name: Subset(revealed, rows, competition.input_cols, competition.target_cols)
            for name, rows in competition.split.tests.items()
        }


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
