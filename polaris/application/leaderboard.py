"""The leaderboards of benchmarks and competitions."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from polaris.application.benchmark_classes import BenchmarkClasses
from polaris.application.catalogue import ListArtifacts
from polaris.application.fetch_benchmark import FetchBenchmark
from polaris.application.kept_examples import read_published_examples
from polaris.domain.benchmark_v1 import BenchmarkV1Specification
from polaris.domain.benchmark_v2 import BenchmarkV2Specification
from polaris.domain.dataset_v1 import DatasetV1
from polaris.domain.dataset_v2 import DatasetV2
from polaris.domain.examples import Examples
from polaris.domain.ground_truth import HasGroundTruth
from polaris.domain.identity import ArtifactKind, ArtifactRef, HubOwner
from polaris.domain.leaderboard import (
    LeaderboardEntry,
    LeaderboardRow,
    MainMetric,
    Ranking,
    mean_score,
    rank_entries,
)
from polaris.domain.metrics.registry import METRICS
from polaris.domain.statistics.board import rank_with_noise
from polaris.errors import DamagedFileError, InvalidInputError, PolarisError
from polaris.ports.artifact_storage import ArtifactStorage
from polaris.ports.artifacts import ArtifactRecord, ArtifactRepository

__all__ = ["Leaderboard", "main_metric_of"]

_ALL = 1_000_000
_CLASSES = BenchmarkClasses(
    single_task=BenchmarkV1Specification,
    multi_task=BenchmarkV1Specification,
    v2=BenchmarkV2Specification,
    dataset=DatasetV1,
    dataset_v2=DatasetV2,
)


def main_metric_of(document: Mapping[str, Any]) -> MainMetric:
    """Return the main metric that the canonical document of a benchmark or competition names.

    Raises:
        InvalidInputError: The benchmark is one that need not have metrics, and has none.
        DamagedFileError: The document names none that exists.
    """
    metrics = document.get("metrics") or ()
    by_name = {metric.get("name", metric.get("label")): metric.get("label") for metric in metrics}
    name = document.get("mainMetric") or next(iter(by_name), None)
    label = by_name.get(name)
    if not metrics and document.get("version") == BenchmarkV2Specification.version:
        raise InvalidInputError(
            f"The benchmark {document.get('artifactId')} has no metrics that could rank results",
            hint="Set benchmark.metrics and publish it again.",
        )
    if not isinstance(name, str) or not isinstance(label, str) or label not in METRICS:
        raise DamagedFileError(
            f"The document of {document.get('urn')} has no usable main metric",
            hint="Publish it again.",
        )
    return MainMetric(name, METRICS[label].direction)


@attrs.frozen
class Leaderboard:
    """Ranks all results on a benchmark, or in a competition.

    Attributes:
        artifacts: The hub's catalogue.
        storage: The hub's objects, where predictions are kept.
        fetch_benchmark: Loads the benchmark with the true values of its test sets.
    """

    artifacts: ArtifactRepository
    storage: ArtifactStorage
    fetch_benchmark: FetchBenchmark

    async def __call__(
        self, owner: str | HubOwner, name: str, *, statistics: bool | None = None
    ) -> Ranking:
        """Return the main metric and the ranked entries, best first.

        Args:
            owner: Owner of the benchmark.
            name: Its name or slug.
            statistics: Whether to add intervals, and to let ties within noise share a rank; None
                does so unless benchmark, data or predictions cannot be loaded.

        Raises:
            ArtifactNotFoundError: The hub has no such benchmark.
            PolarisError: ``statistics`` is True, and something that it needs cannot be loaded.
        """
        if statistics not in (True, False, None):
            raise InvalidInputError(
                f"statistics cannot be {statistics!r}", hint="Give True, False or None."
            )
        ref = ArtifactRef.of(ArtifactKind.BENCHMARK, owner, name)
        metric, records = await self._scored(ref, ArtifactKind.RESULT)
        entries = [_entry(record, metric.name) for record in records]
        if statistics is not False:
            is_required = statistics is True
            examples = await self._examples(records, is_required=is_required)
            try:
                if examples:
                    return Ranking(metric, await self._with_noise(ref, entries, examples))
            except PolarisError:
                # The scores stand for themselves; what is known of their noise is an addition.
                if is_required:
                    raise
        return Ranking(metric, rank_entries(entries, metric.direction))

    async def of_competition(self, artifact_id: str) -> Ranking:
        """Return the ranking of a competition, by the scores alone.

        What is known of their noise takes the true targets, which the hub shows to nobody.

        Args:
            artifact_id: The competition, ``owner/slug``.

        Raises:
            ArtifactNotFoundError: The hub has no such competition.
        """
        ref = ArtifactRef.parse(ArtifactKind.COMPETITION, artifact_id)
        metric, records = await self._scored(ref, ArtifactKind.COMPETITION_RESULT)
        entries = [_entry(record, metric.name) for record in records]
        return Ranking(metric, rank_entries(entries, metric.direction))

    async def _scored(
        self, ref: ArtifactRef, kind: ArtifactKind
    ) -> tuple[MainMetric, list[ArtifactRecord]]:
        """Return by what something is ranked, and its results; of each submission the latest."""
        metric = main_metric_of((await self.artifacts.get(ref)).document)
        latest: dict[str, ArtifactRecord] = {}
        for record in await ListArtifacts(self.artifacts)(kind, limit=_ALL, subject=ref):
            key = _submission_of(record) or record.ref.urn
            if key not in latest or record.updated_at > latest[key].updated_at:
                latest[key] = record
        return metric, [*latest.values()]

    async def _examples(
        self, records: Sequence[ArtifactRecord], *, is_required: bool
    ) -> dict[str, Examples]:
        """Return the predictions that were kept, by id of the results."""
        examples: dict[str, Examples] = {}
        for record in records:
            try:
                store = await self.storage.open(record.location)
                found = await read_published_examples(record, store)
            except PolarisError:
                # One damaged submission must not take the statistics from all others.
                if is_required:
                    raise
                continue
            if found is not None:
                examples[record.ref.artifact_id] = found
        return examples

    async def _with_noise(
        self,
        ref: ArtifactRef,
        entries: Sequence[LeaderboardEntry],
        examples: Mapping[str, Examples],
    ) -> list[LeaderboardEntry]:
        # What of an archive is read is checked then; its other files are not looked at.
        benchmark = await self.fetch_benchmark(
            ref.owner, ref.slug, _CLASSES, verify_checksum="verify_unless_zarr"
        )
        return await asyncio.to_thread(_ranked, entries, examples, benchmark)


def _ranked(
    entries: Sequence[LeaderboardEntry], examples: Mapping[str, Examples], benchmark: HasGroundTruth
) -> list[LeaderboardEntry]:
    truth = benchmark.ground_truth()
    return rank_with_noise(entries, examples, truth, truth.main_metric)


def _submission_of(record: ArtifactRecord) -> str | None:
    """Return what results are of; nobody's take the place of what somebody else has submitted."""
    found = record.document.get("submissionUrn")
    is_own = isinstance(found, str) and found.split(":")[-2:-1] == [record.ref.owner]
    return found if is_own else None


def _entry(record: ArtifactRecord, metric: str) -> LeaderboardEntry:
    rows = tuple(
        LeaderboardRow(
            row["testSet"],
            row["targetLabel"],
            {k: math.nan if v is None else v for k, v in row["scores"].items()},
        )
        for row in record.document.get("results", ())
    )
    submission = _submission_of(record)
    return LeaderboardEntry(
        artifact_id=record.ref.artifact_id,
        name=record.document.get("name") or record.ref.slug,
        published_at=record.updated_at,
        rows=rows,
        score=mean_score(rows, metric),
        submission_id="/".join(submission.split(":")[-2:]) if submission else None,
    )
