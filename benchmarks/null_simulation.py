"""Simulate equally good methods, and count how often the statistics say something wrong.

    python -m benchmarks.null_simulation [--runs 1000] [--rows 30 100 1000] [--only TEXT]
                                         [--tables intervals pairs boards power]

Four tables: how often intervals hold the true score; how often two equally good methods are told
apart; how often leaderboards of equally good methods are split; how often the smallest detectable
difference is detected. The Monte-Carlo standard error of a share that is as promised is
sqrt(p (1 - p) / runs), and is printed; a mark ``!`` says that a share is off by more than three of
them to the wrong side. Lines of 100 rows take seconds, of leaderboards minutes; all takes hours.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from polaris.domain.leaderboard import distance_to_best
from polaris.domain.metrics.metric import Metric
from polaris.domain.statistics.comparison import pair_noise, paired_p_value
from polaris.domain.statistics.interval import bootstrap_interval
from polaris.domain.statistics.power import detectable_difference
from polaris.domain.statistics.scores import weighted_scores
from polaris.domain.statistics.study import Stratum, Study, mean_of_parts
from polaris.domain.statistics.ties import tie_groups

# True values of some rows, and what methods predict for them.
Drawn = tuple[NDArray[Any], list[NDArray[Any]]]
Draw = Callable[[int, int, np.random.Generator], Drawn]

RESAMPLES = 2000
PERMUTATIONS = 1999
# Rows from which the true score is told.
POPULATION = 1_000_000
SHARED = 0.5


@attrs.frozen
class Scenario:
    """Methods that are equally good by a metric.

    Attributes:
        name: What is special about them.
        label: The metric.
        draw: Draws rows, and what a number of methods predict.
    """

    name: str
    label: str
    draw: Draw

    @property
    def direction(self) -> str | float:
        """Which scores are better."""
        return Metric(self.label).direction

    def study(self, rows: int, methods: int, random: np.random.Generator) -> Study:
        """Return the scores of some methods on a new test set."""
        true, judged = self.draw(rows, methods, random)
        return Study((Stratum(tuple(weighted_scores(Metric(self.label), true, judged))),))

    def truth(self) -> float:
        """Return the score on a very large test set."""
        return float(self.study(POPULATION, 1, np.random.default_rng(99)).scores()[0, 0])


def measured(rows: int, methods: int, random: np.random.Generator) -> Drawn:
    """Draw measured values; methods err by normal errors, in part the same ones."""
    true, shared = random.normal(size=(2, rows))
    return true, [true + SHARED * shared + 0.7 * random.normal(size=rows) for _ in range(methods)]


def heavy(freedom: float) -> Draw:
    """Return what draws measured values, with errors of Student's t."""

    def draw(rows: int, methods: int, random: np.random.Generator) -> Drawn:
        true = random.normal(size=rows)
        return true, [true + 0.5 * random.standard_t(freedom, size=rows) for _ in range(methods)]

    return draw


def unlike_errors(rows: int, methods: int, random: np.random.Generator) -> Drawn:
    """Draw errors of mean absolute size 1: of even methods normal, of odd ones mostly small."""
    true = random.normal(size=rows)
    errors = [
        math.sqrt(math.pi / 2) * random.normal(size=rows)
        if number % 2 == 0
        else random.choice([-1, 1], size=rows) * random.gamma(0.4, 2.5, size=rows)
        for number in range(methods)
    ]
    return true, [true + error for error in errors]


def folds(rows: int, methods: int, random: np.random.Generator) -> Drawn:
    """Draw positive values; predictions are off by factors, of even methods up, of odd ones down.

    Their mean fold errors are 1.05 and 0.95, which are equally far from 1.
    """
    true = np.exp(random.normal(size=rows))
    shared = random.normal(size=rows)
    middle = math.exp(0.4**2 * (1 + SHARED**2) / 2)
    return true, [
        true
        * np.exp(0.4 * (shared + SHARED * random.normal(size=rows)))
        * ((1.05 if number % 2 == 0 else 0.95) / middle)
        for number in range(methods)
    ]


def labels(share: float) -> Draw:
    """Return what draws two classes, and predicted labels of which 15% are wrong."""

    def draw(rows: int, methods: int, random: np.random.Generator) -> Drawn:
        true = (random.random(rows) < share).astype(int)
        hard = random.random(rows) < 0.1
        return true, [
            np.where(hard | (random.random(rows) < 0.06), 1 - true, true) for _ in range(methods)
        ]

    return draw


def kinds(rows: int, methods: int, random: np.random.Generator) -> Drawn:
    """Draw four classes, and predicted ones of which three in four are right."""
    true = random.integers(0, 4, rows)
    return true, [
        np.where(random.random(rows) < 0.7, true, random.integers(0, 4, rows))
        for _ in range(methods)
    ]


def bold_and_shy(rows: int, methods: int, random: np.random.Generator) -> Drawn:
    """Draw labels of equal F1 (3/4): even methods find more, odd ones are more often right."""
    true = (random.random(rows) < 0.3).astype(int)
    judged = []
    for number in range(methods):
        recall = 0.9 if number % 2 == 0 else 9 / 14
        precision = 9 / 14 if number % 2 == 0 else 0.9
        false_alarm = 0.3 * recall * (1 - precision) / precision / 0.7
        judged.append((random.random(rows) < np.where(true == 1, recall, false_alarm)).astype(int))
    return true, judged


def scores(share: float) -> Draw:
    """Return what draws two classes, and scores that are higher for the rarer one."""

    def draw(rows: int, methods: int, random: np.random.Generator) -> Drawn:
        true = (random.random(rows) < share).astype(int)
        shared = random.normal(size=rows)
        return true, [
            1.3 * true + SHARED * shared + random.normal(size=rows) for _ in range(methods)
        ]

    return draw


def unlike_curves(rows: int, methods: int, random: np.random.Generator) -> Drawn:
    """Draw scores of equal area under curves of different shape: binormal, spread 1 or 3."""
    true = (random.random(rows) < 0.3).astype(int)
    judged = []
    for number in range(methods):
        spread = 1.0 if number % 2 == 0 else 3.0
        shift = 1.0 * math.sqrt(1 + spread**2)
        noise = random.normal(size=rows) * np.where(true == 1, spread, 1.0)
        judged.append(shift * true + noise)
    return true, judged


SCENARIOS = [
    Scenario("normal errors", "mean_absolute_error", measured),
    Scenario("heavy tails", "mean_absolute_error", heavy(3)),
    Scenario("unlike errors", "mean_absolute_error", unlike_errors),
    Scenario("normal errors", "mean_squared_error", measured),
    Scenario("normal errors", "r2", measured),
    Scenario("heavy tails", "r2", heavy(5)),
    Scenario("normal errors", "pearsonr", measured),
    Scenario("normal errors", "spearmanr", measured),
    Scenario("either side of 1", "absolute_average_fold_error", folds),
    Scenario("even classes", "accuracy", labels(0.5)),
    Scenario("one in five", "balanced_accuracy", labels(0.2)),
    Scenario("one in five", "mcc", labels(0.2)),
    Scenario("bold and shy", "f1", bold_and_shy),
    Scenario("four classes", "f1_macro", kinds),
    Scenario("four classes", "cohen_kappa", kinds),
    Scenario("even classes", "roc_auc", scores(0.5)),
    Scenario("one in ten", "roc_auc", scores(0.1)),
    Scenario("unlike curves", "roc_auc", unlike_curves),
    Scenario("even classes", "pr_auc", scores(0.5)),
    Scenario("one in ten", "pr_auc", scores(0.1)),
]


@attrs.frozen
class Judge:
    """The p-values of the first methods of a study, by their places in a ranking of them."""

    study: Study
    direction: str | float
    seed: int
    replicates: NDArray[np.float64]
    order: NDArray[np.int64]

    @classmethod
    def of(
        cls,
        scenario: Scenario,
        study: Study,
        seed: int,
        replicates: NDArray[np.float64],
        count: int,
    ) -> Judge:
        """Rank the first methods by their scores, the best first."""
        distances = [
            distance_to_best(float(score), scenario.direction)
            for score in study.scores()[0, :count]
        ]
        order = np.argsort(distances, kind="stable")
        return cls(study, scenario.direction, seed, replicates, order)

    def __call__(self, one: int, other: int) -> float:
        """Return the p-value of two places."""
        return paired_p_value(
            self.study, [int(self.order[one])], [int(self.order[other])], self.direction,
            self.replicates, n_permutations=PERMUTATIONS, seed=self.seed,
        )[0]  # fmt: skip


def shown(found: int, runs: int, promised: float, *, at_least: bool) -> str:
    """Return a share in percent, marked where it is off to the wrong side."""
    if runs == 0:
        return "-"
    share = found / runs
    error = math.sqrt(promised * (1 - promised) / runs)
    off = (promised - share if at_least else share - promised) > 3 * error
    return f"{share:.1%}{'!' if off else ' '}"


def intervals(scenario: Scenario, rows: int, runs: int) -> Iterator[tuple[str, str]]:
    """Count how often intervals of 90% and 95% hold the true score, and on which side they miss."""
    random = np.random.default_rng([1, rows])
    truth = scenario.truth()
    one = mean_of_parts([0])
    held = {0.90: 0, 0.95: 0}
    above = below = known = 0
    for run in range(runs):
        study = scenario.study(rows, 1, random)
        replicates = study.replicates(RESAMPLES, run)
        for confidence in held:
            found = bootstrap_interval(study, one, confidence=confidence, replicates=replicates)
            if confidence == 0.95:
                known += found.is_known
                below += found.high < truth
                above += found.low > truth
            held[confidence] += truth in found
    for level, count in held.items():
        yield f"{level:.0%} holds", shown(count, known, level, at_least=True)
    for side, count in (("too low", below), ("too high", above)):
        yield side, shown(count, known, 0.025, at_least=False)
    yield "unknown", f"{(runs - known) / runs:.1%} "


def pairs(scenario: Scenario, rows: int, runs: int) -> Iterator[tuple[str, str]]:
    """Count how often two equally good methods are told apart at 10%, 5% and 1%."""
    random = np.random.default_rng([2, rows])
    found = []
    for run in range(runs):
        study = scenario.study(rows, 2, random)
        judge = Judge.of(scenario, study, run, study.replicates(RESAMPLES, run), 2)
        found.append(judge(0, 1))
    p_values = np.asarray(found)
    for alpha in (0.10, 0.05, 0.01):
        count = int((p_values <= alpha).sum())
        yield f"at {alpha:.0%}", shown(count, runs, alpha, at_least=False)


def boards(scenario: Scenario, rows: int, runs: int) -> Iterator[tuple[str, str]]:
    """Count how often leaderboards of 2, 5 and 10 equally good methods are split."""
    random = np.random.default_rng([3, rows])
    split = {2: 0, 5: 0, 10: 0}
    for run in range(runs):
        study = scenario.study(rows, max(split), random)
        replicates = study.replicates(RESAMPLES, run)
        for count in split:
            judge = Judge.of(scenario, study, run, replicates, count)
            split[count] += len(set(tie_groups(count, judge))) > 1
    for methods, count in split.items():
        yield f"of {methods}", shown(count, runs, 0.05, at_least=False)


@attrs.frozen
class Graded:
    """Methods by a metric, of which some are worse by as much as is asked for."""

    label: str
    draw: Callable[[int, Sequence[float], np.random.Generator], Drawn]

    def study(self, rows: int, steps: Sequence[float], random: np.random.Generator) -> Study:
        """Return the scores of methods that are worse by these steps on a new test set."""
        true, judged = self.draw(rows, steps, random)
        return Study((Stratum(tuple(weighted_scores(Metric(self.label), true, judged))),))

    def step(self, difference: float) -> float:
        """Return the step at which the true score is worse by a difference."""
        low, high = 0.0, 2.0
        for _ in range(16):
            middle = (low + high) / 2
            study = self.study(POPULATION // 4, [0.0, middle], np.random.default_rng(98))
            found = abs(float(np.diff(study.scores()[0])[0]))
            low, high = (middle, high) if found < difference else (low, middle)
        return (low + high) / 2


def _graded_errors(rows: int, steps: Sequence[float], random: np.random.Generator) -> Drawn:
    true, shared = random.normal(size=(2, rows))
    return true, [
        true + SHARED * shared + 0.7 * (1 + step) * random.normal(size=rows) for step in steps
    ]


def _graded_scores(rows: int, steps: Sequence[float], random: np.random.Generator) -> Drawn:
    true = (random.random(rows) < 0.3).astype(int)
    shared = random.normal(size=rows)
    return true, [
        (1.3 - step / 2) * true + SHARED * shared + random.normal(size=rows) for step in steps
    ]


GRADED = [
    Graded("mean_absolute_error", _graded_errors),
    Graded("r2", _graded_errors),
    Graded("spearmanr", _graded_errors),
    Graded("roc_auc", _graded_scores),
]


def power(graded: Graded, rows: int, runs: int) -> Iterator[tuple[str, str]]:
    """Count how often the smallest detectable difference of pilot studies is detected.

    It is told first from methods that are equally good, and then from ones that differ as much.
    """
    random = np.random.default_rng([4, rows])
    direction, step = Metric(graded.label).direction, 0.0
    for pilots in ("alike", "unlike"):
        told = []
        for run in range(60):
            study = graded.study(rows, [0.0, step], random)
            noise = pair_noise(study, [0], [1], direction, study.replicates(RESAMPLES, run))
            told.append(detectable_difference(noise[0], rows, freedom=noise[1]).value)
        difference = float(np.median(told))
        step = graded.step(difference)
        found = 0
        for run in range(runs):
            study = graded.study(rows, [0.0, step], random)
            found += paired_p_value(
                study, [0], [1], direction, study.replicates(RESAMPLES, run),
                n_permutations=PERMUTATIONS, seed=run,
            )[0] <= 0.05  # fmt: skip
        yield f"{pilots}: {difference:.3f}, detected", shown(found, runs, 0.8, at_least=True)


TABLES = {"intervals": intervals, "pairs": pairs, "boards": boards}


def main() -> None:
    """Print the tables that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--rows", type=int, nargs="+", default=[30, 100, 1000])
    parser.add_argument("--only", default="", help="part of the name of a metric or scenario")
    parser.add_argument("--tables", nargs="+", default=[*TABLES, "power"])
    options = parser.parse_args()
    for table in options.tables:
        errors = [math.sqrt(rate * (1 - rate) / options.runs) for rate in (0.2, 0.1, 0.05, 0.01)]
        print(
            f"\n{table}, {options.runs} runs; standard error at 20/80%, 10/90%, 5/95%, 1%: "
            + ", ".join(f"{error:.1%}" for error in errors)
        )
        for subject in GRADED if table == "power" else SCENARIOS:
            name = f"{subject.label}, {getattr(subject, 'name', 'one is worse')}"
            if options.only not in name:
                continue
            for rows in options.rows:
                cells = dict(
                    power(subject, rows, options.runs)
                    if isinstance(subject, Graded)
                    else TABLES[table](subject, rows, options.runs)
                )
                text = "  ".join(f"{key} {value:>7}" for key, value in cells.items())
                print(f"{name:<46}{rows:>6}  {text}", flush=True)


if __name__ == "__main__":
    main()
