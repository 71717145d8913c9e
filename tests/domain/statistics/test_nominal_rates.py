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
from polaris.domain.statistics.comparison import pair_noise, paired_p_value, standard_error
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


@pytest.mark.slow
def test_intervals_hold_with_thirty_rows_where_plain_ones_do_not(
    draw: Callable[..., Any], study: Callable[..., Study]
) -> None:
    random = np.random.default_rng(17)
    true, [judged] = draw("r2", 200_000, 1, random)
    truth = float(study("r2", true, [judged]).scores()[0, 0])
    runs, first = 1500, mean_of_parts([0])
    held = {"BCa": 0, "percentile": 0}
    for run in range(runs):
        true, judged = draw("r2", 30, 1, random)
        one = study("r2", true, judged)
        replicates = one.replicates(800, run)
        for method in held:
            found = bootstrap_interval(one, first, method=method, replicates=replicates)
            held[method] += truth in found
    assert least(0.95, runs) <= held["BCa"] <= most(0.95, runs)
    # The simulation can tell: percentiles of resamples alone are not enough.
    assert held["percentile"] < least(0.95, runs)


@pytest.mark.slow
def test_areas_that_rest_on_few_rows_are_told_apart_no_more_often_than_promised() -> None:
    random = np.random.default_rng(18)
    rejected = careless = 0
    for run in range(RUNS):
        true = (np.arange(30) < 2).astype(int)
        judged = [1.3 * true + random.normal(size=30) for _ in range(2)]
        study = Study((Stratum(tuple(weighted_scores(Metric("roc_auc"), true, judged))),))
        replicates = study.replicates(800, run)
        rejected += paired_p_value(study, [0], [1], "max", replicates)[0] <= 0.05
        difference = abs(float(np.diff(study.scores()[0])[0]))
        error = standard_error(study, [0], [1], "max", replicates)
        careless += error > 0 and 2 * stats.norm.sf(difference / error) <= 0.05
    assert rejected <= most(0.05)
    # The simulation can tell: the spread is known from two positive rows, not from thirty.
    assert careless > most(0.05)


@pytest.mark.parametrize("above", [1.05, 0.95])
def test_equally_far_from_the_best_value_is_equally_good(above: float) -> None:
    random = np.random.default_rng(19)
    rejected = careless = 0
    for run in range(RUNS):
        shared = random.normal(size=100)
        # Fold errors of mean 1.05 and 0.95, or both of mean 0.95.
        folds = [
            mean * np.exp(0.4 * (shared + 0.5 * random.normal(size=100)) - 0.1)
            for mean in (above, 0.95)
        ]
        metric = Metric("absolute_average_fold_error")
        study = Study((Stratum(tuple(weighted_scores(metric, np.ones(100), folds))),))
        p_value, test = paired_p_value(
            study, [0], [1], metric.direction, study.replicates(100, run), n_permutations=599,
            seed=run,
        )  # fmt: skip
        rejected += p_value <= 0.05
        careless += exchange_test(study, [0], [1], "min", n_permutations=599, seed=run) <= 0.05
    assert test == "exchange"
    assert rejected <= most(0.05)
    # The simulation can tell: scores on either side of the best value differ, and are as good.
    assert (careless > most(0.05)) == (above > 1)


@pytest.mark.slow
def test_a_difference_told_from_pilots_is_detected_as_often_as_promised() -> None:
    random = np.random.default_rng(20)
    rows = 120

    def areas(*shifts: float) -> Study:
        true = (np.arange(rows) % 3 == 0).astype(int)
        shared = random.normal(size=rows)
        judged = [shift * true + shared / 2 + random.normal(size=rows) for shift in shifts]
        return Study((Stratum(tuple(weighted_scores(Metric("roc_auc"), true, judged))),))

    # The area under the curve of two normal distributions of this spread.
    spread, worse = np.sqrt(2 * (1 + 0.25)), 1.3
    for _ in range(3):
        # Methods that are as unlike as those whose difference is to be seen.
        pilots = [areas(1.3, worse) for _ in range(60)]
        noise = [pair_noise(one, [0], [1], "max", one.replicates(400, 0)) for one in pilots]
        error, freedom = np.median(noise, axis=0)
        difference = float(detectable_difference(error, rows, freedom=freedom))
        worse = spread * stats.norm.ppf(stats.norm.cdf(1.3 / spread) - difference)
    found = half = 0
    for run in range(RUNS):
        for shift in (worse, (1.3 + worse) / 2):
            study = areas(1.3, shift)
            p_value, _ = paired_p_value(study, [0], [1], "max", study.replicates(400, run))
            found += p_value <= 0.05 and shift == worse
            half += p_value <= 0.05 and shift != worse
    assert least(0.8) <= found <= most(0.8)
    # The simulation can tell: half of the difference is seen far less often.
    assert half < least(0.8)
