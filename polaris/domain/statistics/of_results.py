"""Statistics of results: intervals, comparisons, and what a benchmark can tell apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from polaris.domain.examples import Examples
from polaris.domain.ground_truth import GroundTruth, HasGroundTruth
from polaris.domain.metrics.metric import Metric
from polaris.domain.results import BenchmarkResultsV1
from polaris.domain.statistics.comparison import Comparison, compare_in, pair_noise
from polaris.domain.statistics.interval import RESAMPLES, Interval, bootstrap_interval
from polaris.domain.statistics.power import DetectableDifference, detectable_difference
from polaris.domain.statistics.scores import contributions
from polaris.domain.statistics.study import SEED, check_count, mean_of_parts
from polaris.domain.statistics.submissions import JudgedStudy, reproduces, study_of
from polaris.errors import InvalidInputError, InvalidResultError

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "compare",
    "confidence_interval",
    "example_scores",
    "smallest_detectable_difference",
]


def _truth(results: Sequence[BenchmarkResultsV1], benchmark: object) -> GroundTruth:
    for one in results:
        if not isinstance(one, BenchmarkResultsV1):
            raise InvalidResultError(
                f"A {type(one).__name__} is no results of a benchmark",
                hint="Give what benchmark.evaluate() or client.get_results() returns.",
            )
    if benchmark is not None:
        if not isinstance(benchmark, HasGroundTruth):
            raise InvalidInputError(
                f"A {type(benchmark).__name__} is no benchmark with its dataset",
                hint="Load it with client.get_benchmark().",
            )
        return benchmark.ground_truth()
    for one in results:
        if one.examples is not None and one.examples.ground_truth is not None:
            return one.examples.ground_truth
    raise InvalidInputError(
        "The true values are not part of published or saved results",
        hint="Give the benchmark: benchmark=client.get_benchmark(owner, name).",
    )


def _examples(results: BenchmarkResultsV1, truth: GroundTruth, metric: Metric) -> Examples:
    """Return the predictions behind results; refuse those that do not give the scores."""
    if results.examples is None:
        raise InvalidResultError(
            f"{results!r} has no predictions of single rows, only scores",
            hint="Keep them: benchmark.evaluate(…, keep_examples=True).",
        )
    table = results.results
    rows = table[table["Metric"] == metric.name]
    stated = {
        (str(test), str(target)): float(score)
        for test, target, score in zip(
            rows["Test set"], rows["Target label"], rows["Score"], strict=True
        )
    }
    if not reproduces(truth, metric, results.examples, stated):
        raise InvalidResultError(
            f"The predictions of {results!r} do not give its scores by {metric.name}",
            hint="They belong to other results or another benchmark; evaluate them again.",
        )
    return results.examples


def _study(
    results: Sequence[BenchmarkResultsV1],
    benchmark: object,
    metric: Metric | str | None,
    test_set: str | None,
    target: str | None,
) -> JudgedStudy:
    truth = _truth(results, benchmark)
    chosen = truth.metric(metric)
    submissions = [_examples(one, truth, chosen) for one in results]
    return study_of(truth, chosen, submissions, test_set=test_set, target=target)


def confidence_interval(
    results: BenchmarkResultsV1, benchmark: object = None, *, metric: Metric | str | None = None,
    test_set: str | None = None, target: str | None = None, confidence: float = 0.95,
    method: str = "BCa", n_resamples: int = RESAMPLES, seed: int = SEED,
) -> Interval:  # fmt: skip
    """Return the confidence interval of a score.

    The score is the mean over all test sets and targets, as on leaderboards, unless one is chosen.
    What is resampled are rows, or the groups of a grouped metric; the same rows for all targets.
    The same arguments give the same interval.

    Source: Efron, Journal of the American Statistical Association 82 (1987), 171-185; see
    `polaris.domain.statistics.interval`.

    Args:
        results: The results, with the predictions that were kept.
        benchmark: The benchmark; results that were just evaluated know it.
        metric: One of its metrics, or the name of one; the main metric by default.
        test_set: Only this test set.
        target: Only this target.
        confidence: How often such an interval holds the score on endless test data.
        method: ``BCa`` or ``percentile``.
        n_resamples: How many resamples.
        seed: Which random numbers are drawn.

    Raises:
        InvalidInputError: An argument is out of range, or the true values are not at hand.
        InvalidResultError: The results have no predictions, or others than those that were scored.
    """
    judged = _study([results], benchmark, metric, test_set, target)
    return bootstrap_interval(
        judged.study,
        mean_of_parts(judged.columns[0]),
        confidence=confidence,
        method=method,
        n_resamples=n_resamples,
        seed=seed,
    )


def compare(
    first: BenchmarkResultsV1, second: BenchmarkResultsV1, benchmark: object = None, *,
    metric: Metric | str | None = None, test_set: str | None = None, target: str | None = None,
    confidence: float = 0.95, method: str = "BCa", n_resamples: int = RESAMPLES, seed: int = SEED,
) -> Comparison:  # fmt: skip
    """Compare two results on the same benchmark, row by row.

    Two methods often err on the same rows, so that their difference is known better than either
    score. The p-value is that of `exchange_test` for metrics that are sums over rows, and of
    Student's t with the bootstrap standard error for others.

    Source: Good, Permutation, Parametric and Bootstrap Tests of Hypotheses, 3rd ed. (2005); Efron &
    Tibshirani, An Introduction to the Bootstrap (1993), chapters 15 and 16.

    Args:
        first: Results, with the predictions that were kept.
        second: Results on the same benchmark.
        benchmark: The benchmark; results that were just evaluated know it.
        metric: One of its metrics, or the name of one; the main metric by default.
        test_set: Only this test set.
        target: Only this target.
        confidence: How often the interval is to hold the true advantage.
        method: ``BCa`` or ``percentile``.
        n_resamples: How many resamples.
        seed: Which random numbers are drawn.

    Raises:
        InvalidInputError: An argument is out of range, or the true values are not at hand.
        InvalidResultError: Results have no predictions, or others than those that were scored.
    """
    judged = _study([first, second], benchmark, metric, test_set, target)
    one, other = judged.columns
    return compare_in(
        judged.study,
        one,
        other,
        judged.metric.direction,
        metric=judged.metric.name,
        confidence=confidence,
        method=method,
        n_resamples=n_resamples,
        seed=seed,
    )


def smallest_detectable_difference(
    benchmark: object, results: Iterable[BenchmarkResultsV1], *,
    metric: Metric | str | None = None, test_set: str | None = None, target: str | None = None,
    alpha: float = 0.05, power: float = 0.8, n_resamples: int = RESAMPLES, seed: int = SEED,
) -> DetectableDifference:  # fmt: skip
    """Return the smallest difference of two scores that a benchmark is likely to show.

    How much the difference between two methods varies depends on how alike they are, so it is taken
    from results: the median over their pairs. Take those of methods as alike as the ones that you
    mean to compare; worse methods mostly vary more, so equally good ones promise too much.

    Source: Card et al., With Little Power Comes Great Responsibility, EMNLP (2020); see
    `detectable_difference`.

    Args:
        benchmark: The benchmark; None for that of results that were just evaluated.
        results: At least two results on it, with the predictions that were kept.
        metric: One of its metrics, or the name of one; the main metric by default.
        test_set: Only this test set.
        target: Only this target.
        alpha: How often two equally good methods may be called different.
        power: How often methods that differ by so much are to be called different.
        n_resamples: How many resamples.
        seed: Which random numbers are drawn.

    Raises:
        InvalidInputError: There are fewer than two results, or an argument is out of range.
        InvalidResultError: Results have no predictions, or others than those that were scored.
    """
    given = [*results] if isinstance(results, Iterable) else []
    if len(given) < 2:
        raise InvalidInputError(
            f"What a benchmark can show is told from at least two results, not {len(given)}",
            hint="Evaluate two methods of the kind that you mean to compare.",
        )
    judged = _study(given, benchmark, metric, test_set, target)
    study, columns = judged.study, judged.columns
    replicates = study.replicates(check_count("n_resamples", n_resamples, 100), seed)
    noise = [
        pair_noise(study, one, other, judged.metric.direction, replicates)
        for one, other in combinations(columns, 2)
    ]
    error, freedom = np.median(noise, axis=0)
    return detectable_difference(
        float(error),
        study.n_units,
        alpha=alpha,
        power=power,
        metric=judged.metric.name,
        freedom=float(freedom),
    )


def example_scores(
    results: BenchmarkResultsV1, benchmark: object = None, *, metric: Metric | str | None = None
) -> pd.DataFrame:
    """Return what each row adds to a score: its error, or 1 for a hit and 0 for a miss.

    Args:
        results: The results, with the predictions that were kept.
        benchmark: The benchmark; results that were just evaluated know it.
        metric: A metric that is a mean over rows; the main metric by default.

    Returns:
        Columns ``Test set``, ``Target label``, ``Row`` (its place in the test set, from 0) and
        ``Score``; rows without a true value are left out.

    Raises:
        InvalidInputError: The metric is no mean over rows, or the true values are not at hand.
        InvalidResultError: The results have no predictions, or others than those that were scored.
    """
    import pandas as pd

    from polaris.domain.metrics.metric import missing

    truth = _truth([results], benchmark)
    chosen = truth.metric(metric)
    examples = _examples(results, truth, chosen)
    parts = []
    for test in truth.test_sets():
        for target in truth.targets():
            y_true = truth.column(test, target)
            rows = np.flatnonzero(~missing(y_true))
            judged = examples.judged(chosen, test, target)
            assert judged is not None
            scores = contributions(chosen, y_true[rows], judged[rows])
            if scores is None:
                raise InvalidInputError(
                    f"{chosen.name} is no mean over rows, so that rows have no scores by it",
                    hint="Choose a metric such as mean_absolute_error or accuracy.",
                )
            columns = {"Test set": test, "Target label": target, "Row": rows, "Score": scores}
            parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)
