"""Simulations: intervals and ties hold the rates that they promise.

Methods that are equally good in truth are drawn again and again. How often an interval then misses
the truth, or a tie is split, is a binomial number, and has to lie where such a number with the
promised rate lies in all but one case of ten thousand. Seeds are fixed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from polaris.domain.metrics.metric import Metric
from polaris.domain.statistics.comparison import paired_p_value
from polaris.domain.statistics.exchange import exchange_test
from polaris.domain.statistics.interval import bootstrap_interval
from polaris.domain.statistics.power import detectable_difference
from polaris.domain.statistics.scores import weighted_scores
from polaris.domain.statistics.study import Stratum, Study, mean_of_parts
from polaris.domain.statistics.ties import tie_groups

RUNS = 500
RARE = 1e-4
METHODS = 4


def most(rate: float, runs: int = RUNS) -> int:
    """Return the largest count that is not too large for a rate."""
    return int(stats.binom.isf(RARE, runs, rate))


def least(rate: float, runs: int = RUNS) -> int:
    """Return the smallest count that is not too small for a rate."""
    return int(stats.binom.ppf(RARE, runs, rate))


@attrs.define
class Pairs:
    """The p-values of all pairs of methods, in some order."""

    study: Study
    direction: str | float
    replicates: NDArray[np.float64]
    seed: int
    order: NDArray[np.int64] = attrs.field(factory=lambda: np.arange(METHODS))

    def __call__(self, one: int, other: int) -> float:
        first, second = [int(self.order[one])], [int(self.order[other])]
        return paired_p_value(
            self.study, first, second, self.direction, self.replicates, n_permutations=599,
            seed=self.seed,
        )[0]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("label", "rows"),
    [
        ("mean_absolute_error", 100), ("r2", 100), ("pearsonr", 100), ("spearmanr", 60),
        ("accuracy", 100), ("mcc", 100), ("roc_auc", 100), ("pr_auc", 100),
    ],
)  # fmt: skip
def test_equally_good_methods_are_told_apart_no_more_often_than_promised(
    draw: Callable[..., Any], study: Callable[..., Study], label: str, rows: int
) -> None:
    random = np.random.default_rng(11)
    direction = Metric(label).direction
    true, [judged] = draw(label, 200_000, 1, random)
    truth = float(study(label, true, [judged]).scores()[0, 0])
    held = rejected = split = 0
    for run in range(RUNS):
        true, judged = draw(label, rows, METHODS, random)
        one = study(label, true, judged)
        replicates = one.replicates(800, run)
        held += truth in bootstrap_interval(one, mean_of_parts([0]), replicates=replicates)
        p_value = Pairs(one, direction, replicates, run)
        rejected += p_value(0, 1) <= 0.05
        p_value.order = np.argsort(one.scores()[0] * (1 if direction == "min" else -1))
        split += len(set(tie_groups(METHODS, p_value))) > 1
    assert least(0.95) <= held
    assert rejected <= most(0.05)
    assert split <= most(0.05)


@pytest.mark.slow
def test_intervals_of_grouped_metrics_hold_where_rows_of_a_group_are_alike() -> None:
    random = np.random.default_rng(12)
    metric = Metric("mean_absolute_error", config={"group_by": "g"})
    groups = np.repeat(np.arange(60), 5)
    held = by_row = 0
    for run in range(RUNS):
        # Errors of mean 1: half of each is shared by its group.
        shared = np.repeat(random.exponential(size=60), 5)
        errors = (shared + random.exponential(size=300)) / 2
        zero = np.zeros(300)
        grouped = Study((Stratum(tuple(weighted_scores(metric, zero, [errors], groups))),))
        rows = weighted_scores(Metric("mean_absolute_error"), zero, [errors])
        held += 1.0 in bootstrap_interval(grouped, mean_of_parts([0]), n_resamples=800, seed=run)
        by_row += 1.0 in bootstrap_interval(
            Study((Stratum(tuple(rows)),)), mean_of_parts([0]), n_resamples=800, seed=run
        )
    assert least(0.95) <= held <= most(0.95)
    # The simulation can tell: resampling single rows would promise too much.
    assert by_row < least(0.95)


def test_intervals_over_two_test_sets_hold() -> None:
    random = np.random.default_rng(13)
    held = 0
    for run in range(RUNS):
        strata = []
        for rows in (50, 120):
            errors = random.gamma(3, 1 / 3, size=rows)
            scores = weighted_scores(Metric("mean_absolute_error"), np.zeros(rows), [errors])
            strata.append(Stratum(tuple(scores)))
        study = Study(tuple(strata))
        found = bootstrap_interval(study, mean_of_parts([0, 1]), n_resamples=800, seed=run)
        held += 1.0 in found
    assert least(0.95) <= held <= most(0.95)


def test_the_exchange_test_holds_its_level_with_very_few_rows() -> None:
    random = np.random.default_rng(14)
    runs, rejected = 4000, 0
    for _ in range(runs):
        errors = [np.abs(random.standard_t(3, size=8)) for _ in range(2)]
        scores = weighted_scores(Metric("mean_absolute_error"), np.zeros(8), errors)
        study = Study((Stratum(tuple(scores)),))
        rejected += exchange_test(study, [0], [1], "min") <= 0.05
    assert least(0.045, runs) <= rejected <= most(0.05, runs)


@pytest.mark.slow
def test_the_best_of_ten_is_told_apart_no_more_often_than_promised() -> None:
    random = np.random.default_rng(15)
    split = careless = 0
    for run in range(RUNS):
        errors = sorted(random.exponential(size=(10, 60)), key=lambda one: float(one.mean()))
        scores = weighted_scores(Metric("mean_absolute_error"), np.zeros(60), errors)
        study = Study((Stratum(tuple(scores)),))

        def p_value(a: int, b: int, *, study: Study = study, run: int = run) -> float:
            return exchange_test(study, [a], [b], "min", n_permutations=1999, seed=run)

        split += len(set(tie_groups(10, p_value))) > 1
        careless += p_value(0, 9) * 9 <= 0.05
    assert split <= most(0.05)
    # The simulation can tell: correcting for the comparisons with the best alone is not enough.
    assert careless > most(0.05)


def test_a_difference_that_is_detectable_is_detected_as_often_as_promised() -> None:
    random = np.random.default_rng(16)
    rows = 80
    noise = 0.3
    target = detectable_difference(noise * np.sqrt(2 / rows), rows, power=0.8)
    found = 0
    for run in range(RUNS):
        errors = 3 + noise * random.normal(size=(2, rows))
        errors[1] += target.value
        scores = weighted_scores(Metric("mean_absolute_error"), np.zeros(rows), list(errors))
        study = Study((Stratum(tuple(scores)),))
        found += exchange_test(study, [0], [1], "min", n_permutations=999, seed=run) <= 0.05
    assert least(0.8) <= found <= most(0.8)
