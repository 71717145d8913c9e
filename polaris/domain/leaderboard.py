"""Ranking results on a benchmark by its main metric."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import attrs

from polaris.domain.html import card

if TYPE_CHECKING:
    import pandas as pd

    from polaris.domain.statistics.interval import Interval

__all__ = [
    "LeaderboardEntry",
    "LeaderboardRow",
    "MainMetric",
    "Ranking",
    "distance_to_best",
    "mean_score",
    "rank_entries",
]


@attrs.frozen
class MainMetric:
    """The metric that a benchmark ranks by.

    Attributes:
        name: The name under which results carry it.
        direction: ``"min"``, ``"max"``, or the value that is best.
    """

    name: str
    direction: str | float


@attrs.frozen
class LeaderboardRow:
    """The scores of one submission on one target of one test set.

    Attributes:
        test_set: Name of the test set.
        target_label: Target column.
        scores: Metric name to score.
    """

    test_set: str
    target_label: str
    scores: Mapping[str, float]


@attrs.frozen
class LeaderboardEntry:
    """One submission on a leaderboard.

    Attributes:
        artifact_id: ``owner/slug`` of the results.
        name: Their name.
        published_at: When they were published, UTC.
        rows: Their scores.
        score: Mean of the main metric over all rows that have it; NaN if none has.
        rank: From 1; equal scores share a rank, and the next one is passed over (1, 1, 3). With
            statistics those share a rank whose difference may be noise.
        interval: The confidence interval of the score; None without statistics, or where the
            predictions behind the scores are not known.
        submission_id: ``owner/slug`` of the submission that the hub scored; None for results that
            were uploaded.
    """

    artifact_id: str
    name: str
    published_at: datetime
    rows: tuple[LeaderboardRow, ...]
    score: float
    rank: int = 0
    interval: Interval | None = None
    submission_id: str | None = None


class Ranking(NamedTuple):
    """A leaderboard; printed, it is a table.

    Attributes:
        metric: What is ranked by.
        entries: The submissions, best first.
    """

    metric: MainMetric
    entries: list[LeaderboardEntry]

    @property
    def score_names(self) -> list[str]:
        """The metrics that any submission has a score for, the main one first."""
        rows = [row for entry in self.entries for row in entry.rows]
        return list(dict.fromkeys([self.metric.name, *(n for row in rows for n in row.scores)]))

    def to_frame(self) -> pd.DataFrame:
        """Return a row for each submission: ``rank``, its id, and its mean score by each metric.

        Where the hub has scored any, ``submission`` is the id of what was submitted.
        With statistics there are ``low`` and ``high``, the ends of the main metric's interval.
        """
        import pandas as pd

        columns: dict[str, list[Any]] = {
            "rank": [entry.rank for entry in self.entries],
            "results": [entry.artifact_id for entry in self.entries],
        }
        if any(entry.submission_id for entry in self.entries):
            columns["submission"] = [entry.submission_id for entry in self.entries]
        columns |= {n: [mean_score(e.rows, n) for e in self.entries] for n in self.score_names}
        if any(entry.interval for entry in self.entries):
            for end in ("low", "high"):
                columns[end] = [getattr(e.interval, end, math.nan) for e in self.entries]
        return pd.DataFrame(columns)

    def __repr__(self) -> str:
        if not self.entries:
            return f"No results yet, ranked by {self.metric.name}"
        return self.to_frame().to_string(index=False, max_rows=20, max_cols=12)

    def __str__(self) -> str:
        return repr(self)

    def _repr_html_(self) -> str:
        table = self.to_frame()
        return card(
            "Leaderboard",
            {"Ranked by": self.metric.name, "Submissions": len(self.entries)},
            heading=["Rank", "Results", *table.columns[2:]],
            rows=table.itertuples(index=False),
            total=len(self.entries),
        )


def mean_score(rows: Sequence[LeaderboardRow], metric: str) -> float:
    """Return the mean of a metric over the rows that have it; NaN if none has."""
    values = [row.scores[metric] for row in rows if metric in row.scores]
    return math.fsum(values) / len(values) if values else math.nan


def distance_to_best(score: float, direction: str | float) -> float:
    """Return how far a score is from the best one could have; smaller is better.

    Args:
        score: The score; NaN is farther than all others.
        direction: ``"min"``, ``"max"``, or the value that is best.
    """
    if math.isnan(score):
        return math.inf
    if isinstance(direction, str):
        return -score if direction == "max" else score
    return abs(score - direction)


def rank_entries(
    entries: Sequence[LeaderboardEntry], direction: str | float
) -> list[LeaderboardEntry]:
    """Return the entries ranked, best first; equal ones in the order of publication."""
    keyed = sorted(
        entries,
        key=lambda e: (distance_to_best(e.score, direction), e.published_at, e.artifact_id),
    )
    ranked: list[LeaderboardEntry] = []
    for position, entry in enumerate(keyed, start=1):
        distance = distance_to_best(entry.score, direction)
        tied = ranked and distance == distance_to_best(ranked[-1].score, direction)
        ranked.append(attrs.evolve(entry, rank=ranked[-1].rank if tied else position))
    return ranked
