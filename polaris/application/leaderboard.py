"""The leaderboard of a benchmark."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import attrs

from polaris.application.catalogue import ListArtifacts
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
from polaris.errors import DamagedFileError
from polaris.ports.artifacts import ArtifactRecord, ArtifactRepository

__all__ = ["Leaderboard", "main_metric_of"]

_ALL = 1_000_000


def main_metric_of(document: Mapping[str, Any]) -> MainMetric:
    """Return the main metric that a benchmark's canonical document names.

    Raises:
        DamagedFileError: The document names none that exists.
    """
    metrics = document.get("metrics") or ()
    by_name = {metric.get("name", metric.get("label")): metric.get("label") for metric in metrics}
    name = document.get("mainMetric") or next(iter(by_name), None)
    label = by_name.get(name)
    if not isinstance(name, str) or not isinstance(label, str) or label not in METRICS:
        raise DamagedFileError(
            f"The document of the benchmark {document.get('artifactId')} has no usable main metric",
            hint="Publish the benchmark again.",
        )
    return MainMetric(name, METRICS[label].direction)


@attrs.frozen
class Leaderboard:
    """Ranks all results on a benchmark.

    Attributes:
        artifacts: The hub's catalogue.
    """

    artifacts: ArtifactRepository

    async def __call__(self, owner: str | HubOwner, name: str) -> Ranking:
        """Return the main metric and the ranked entries, best first.

        Raises:
            ArtifactNotFoundError: The hub has no such benchmark.
        """
        ref = ArtifactRef.of(ArtifactKind.BENCHMARK, owner, name)
        metric = main_metric_of((await self.artifacts.get(ref)).document)
        records = await ListArtifacts(self.artifacts)(ArtifactKind.RESULT, limit=_ALL, subject=ref)
        entries = [_entry(record, metric.name) for record in records]
        return Ranking(metric, rank_entries(entries, metric.direction))


def _entry(record: ArtifactRecord, metric: str) -> LeaderboardEntry:
    rows = tuple(
        LeaderboardRow(
            row["testSet"],
            row["targetLabel"],
            {k: math.nan if v is None else v for k, v in row["scores"].items()},
        )
        for row in record.document.get("results", ())
    )
    return LeaderboardEntry(
        artifact_id=record.ref.artifact_id,
        name=record.document.get("name") or record.ref.slug,
        published_at=record.updated_at,
        rows=rows,
        score=mean_score(rows, metric),
    )
