"""A leaderboard with intervals, and with ranks that are shared by ties within noise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs
import numpy as np

from polaris.domain.examples import Examples
from polaris.domain.ground_truth import GroundTruth
from polaris.domain.leaderboard import LeaderboardEntry, rank_entries
from polaris.domain.metrics.metric import Metric
from polaris.domain.statistics.comparison import paired_p_value
from polaris.domain.statistics.exchange import PERMUTATIONS
from polaris.domain.statistics.interval import RESAMPLES, bootstrap_interval
from polaris.domain.statistics.study import SEED, mean_of_parts
from polaris.domain.statistics.submissions import reproduces, study_of
from polaris.domain.statistics.ties import tie_groups

__all__ = ["rank_with_noise"]

# Signs drawn for one comparison; with many rows fewer exchanges tell as much.
_MOST_SIGNS = 300_000_000


def rank_with_noise(
    entries: Sequence[LeaderboardEntry],
    examples: Mapping[str, Examples],
    truth: GroundTruth,
    metric: Metric,
    *,
    alpha: float = 0.05,
    seed: int = SEED,
) -> list[LeaderboardEntry]:
    """Return the entries ranked, best first, with intervals and shared ranks.

    An entry shares the rank of the best one of the group before it, unless it is significantly
    worse; see `tie_groups`. Entries without predictions, or whose predictions do not give their
    scores, have no interval; they keep the rank of their score and do not affect the others'.

    Args:
        entries: The submissions.
        examples: What their methods said of each row, by id of the results, where it is known.
        truth: The true values.
        metric: The main metric.
        alpha: How often equally good submissions may be told apart.
        seed: Which random numbers are drawn.
    """
    ranked = rank_entries(entries, metric.direction)
    known = [
        position
        for position, entry in enumerate(ranked)
        if entry.artifact_id in examples
        and reproduces(truth, metric, examples[entry.artifact_id], _scores(entry, metric))
        and np.isfinite(entry.score)
    ]
    if not known:
        return ranked
    judged = study_of(truth, metric, [examples[ranked[at].artifact_id] for at in known])
    study, columns = judged.study, judged.columns
    replicates = study.replicates(RESAMPLES, seed)
    tries = int(np.clip(_MOST_SIGNS // max(study.n_units, 1), 999, PERMUTATIONS))

    def p_value(one: int, other: int) -> float:
        return paired_p_value(
            study, columns[one], columns[other], metric.direction, replicates,
            n_permutations=tries, seed=seed,
        )[0]  # fmt: skip

    groups = tie_groups(len(known), p_value, alpha=alpha)
    for place, at in enumerate(known):
        interval = bootstrap_interval(study, mean_of_parts(columns[place]), replicates=replicates)
        best = ranked[known[groups[place]]]
        ranked[at] = attrs.evolve(ranked[at], interval=interval, rank=best.rank)
    return ranked


def _scores(entry: LeaderboardEntry, metric: Metric) -> dict[tuple[str, str], float]:
    return {
        (row.test_set, row.target_label): row.scores[metric.name]
        for row in entry.rows
        if metric.name in row.scores
    }
