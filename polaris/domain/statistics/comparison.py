"""Whether one method is better than another on the same rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import count

import attrs
import numpy as np
from numpy.typing import NDArray

from polaris.domain.statistics.additive import AdditiveScore
from polaris.domain.statistics.exchange import PERMUTATIONS, exchange_test
from polaris.domain.statistics.influence import degrees_of_freedom, row_effects
from polaris.domain.statistics.interval import RESAMPLES, Interval, bootstrap_interval
from polaris.domain.statistics.scores import mirrored
from polaris.domain.statistics.study import (
    SEED,
    Stratum,
    Study,
    advantage_of,
    mean_of_parts,
)

__all__ = ["Comparison", "compare_in", "pair_noise", "paired_p_value", "standard_error"]


@attrs.frozen
class Comparison:
    """What the same rows say of two methods.

    Attributes:
        first: Score of the first method.
        second: Score of the second method.
        advantage: By how much the first is better, negative where it is worse, with its interval.
        p_value: How probable so large an advantage, of either, is where both are equally good; NaN
            where a score does not exist, or hangs on a single row.
        test: ``exchange``, see `exchange_test`; or ``bootstrap``, Student's t with the bootstrap
            standard error, for metrics that are no sums over rows.
        metric: Name of the metric.
    """

    first: float
    second: float
    advantage: Interval
    p_value: float
    test: str
    metric: str = ""

    def is_significant(self, alpha: float = 0.05) -> bool:
        """Whether the two differ by more than noise, at a level of significance."""
        return self.p_value <= alpha

    @property
    def better(self) -> str | None:
        """``"first"`` or ``"second"``; None where the difference may be noise.

        The level of significance is what the interval leaves out: 5% for one of 95%.
        """
        if not self.is_significant(1 - self.advantage.confidence):
            return None
        return "first" if self.advantage.estimate > 0 else "second"

    def __str__(self) -> str:
        found = {"first": "the first is better", "second": "the second is better"}
        return (
            f"{self.metric}: {self.first:.4f} and {self.second:.4f}, "
            f"{found.get(self.better or '', 'the difference may be noise')} "
            f"(p = {self.p_value:.2g})"
        )


def standard_error(
    study: Study, first: Sequence[int], second: Sequence[int], direction: str | float,
    replicates: NDArray[np.float64],
) -> float:  # fmt: skip
    """Return the bootstrap standard error of an advantage; NaN where it cannot be told.

    Source: Efron & Tibshirani, An Introduction to the Bootstrap (1993), chapter 6; widened by the
    root of n / (n - 1), for resamples spread a little less than samples do.
    """
    values = advantage_of(first, second, direction)(replicates)
    finite = values[np.isfinite(values)]
    if len(finite) * 2 < len(values):
        return math.nan
    freedom = study.degrees_of_freedom
    return float(finite.std(ddof=1) * math.sqrt((freedom + 1) / freedom))


def pair_noise(
    study: Study, first: Sequence[int], second: Sequence[int], direction: str | float,
    replicates: NDArray[np.float64],
) -> tuple[float, float]:  # fmt: skip
    """Return the standard error of an advantage, and by how many degrees of freedom it is known.

    Both are NaN where a score hangs on a single row.

    See `standard_error` and `degrees_of_freedom`: where 5 rows of 100 are positive, areas under
    curves are compared by hardly more than those 5.
    """
    error = standard_error(study, first, second, direction, replicates)
    if _is_additive(study, first, second):
        # Exchanges need no estimate of the spread.
        return error, float(study.degrees_of_freedom)
    effects = row_effects(study, advantage_of(first, second, direction))
    most = study.degrees_of_freedom
    # Half of it, for the kurtosis of a sample is too small where few rows matter; and widened as
    # `standard_error` is, but for as many rows as matter.
    freedom = np.fmax(degrees_of_freedom(effects, most) / 2, 1.0)
    if np.isnan(effects).any():
        return math.nan, math.nan
    return error * math.sqrt((freedom + 1) / freedom * most / (most + 1)), float(freedom)


def _is_additive(study: Study, first: Sequence[int], second: Sequence[int]) -> bool:
    scores = [score for stratum in study.strata for score in stratum.scores]
    return all(isinstance(scores[column], AdditiveScore) for column in {*first, *second})


def paired_p_value(
    study: Study, first: Sequence[int], second: Sequence[int], direction: str | float,
    replicates: NDArray[np.float64], *, n_permutations: int = PERMUTATIONS, seed: int = SEED,
) -> tuple[float, str]:  # fmt: skip
    """Return the two-sided p-value of a paired comparison, and the name of the test.

    Args:
        study: What is resampled.
        first: The columns of the first method's scores.
        second: The columns of the second's, part by part the same.
        direction: Which scores are better.
        replicates: The scores of bootstrap resamples.
        n_permutations: How many exchanges are tried where the metric is a sum over rows.
        seed: Which random numbers are drawn.
    """
    if isinstance(direction, str):
        return _p_value(study, first, second, direction, replicates, n_permutations, seed)
    # Equally far from the best value is who scores the same, or as far above as the other is below.
    # Unlike are two only if both can be ruled out, so the larger p-value counts: the
    # intersection-union test of Berger, Technometrics 24 (1982), 295-300.
    mirrored = _mirrored(study, second, direction)
    other = np.array(replicates)
    other[:, list(second)] = 2 * direction - other[:, list(second)]
    found = [
        _p_value(one, first, second, "min", drawn, n_permutations, seed)
        for one, drawn in ((study, replicates), (mirrored, other))
    ]
    return float(np.max([p_value for p_value, _ in found])), found[0][1]


def _mirrored(study: Study, columns: Sequence[int], best: float) -> Study:
    """Return a study some of whose scores are as far below a value as they were above it."""
    every = count()
    return Study(
        tuple(
            Stratum(
                tuple(
                    mirrored(score, best) if next(every) in columns else score
                    for score in stratum.scores
                )
            )
            for stratum in study.strata
        )
    )


def _p_value(
    study: Study, first: Sequence[int], second: Sequence[int], direction: str,
    replicates: NDArray[np.float64], n_permutations: int, seed: int,
) -> tuple[float, str]:  # fmt: skip
    if _is_additive(study, first, second):
        p_value = exchange_test(
            study, first, second, direction, n_permutations=n_permutations, seed=seed
        )
        return p_value, "exchange"
    from scipy import stats

    advantage = float(advantage_of(first, second, direction)(study.scores())[0])
    error, freedom = pair_noise(study, first, second, direction, replicates)
    if not math.isfinite(advantage) or math.isnan(error):
        return math.nan, "bootstrap"
    if error == 0:
        # Nothing tells how much noise there is.
        return 1.0, "bootstrap"
    return float(2 * stats.t.sf(abs(advantage) / error, freedom)), "bootstrap"


def compare_in(
    study: Study, first: Sequence[int], second: Sequence[int], direction: str | float, *,
    metric: str = "", confidence: float = 0.95, method: str = "BCa",
    n_resamples: int = RESAMPLES, seed: int = SEED,
) -> Comparison:  # fmt: skip
    """Compare two methods whose scores are in one study.

    The interval is the paired bootstrap's: each resample has the same rows for both.

    Args:
        study: What is resampled.
        first: The columns of the first method's scores, whose mean is compared.
        second: Those of the second's, part by part the same.
        direction: Which scores are better.
        metric: Name of the metric.
        confidence: How often the interval is to hold the true advantage.
        method: ``BCa`` or ``percentile``.
        n_resamples: How many resamples.
        seed: Which random numbers are drawn.

    Raises:
        InvalidInputError: An argument is out of range.
    """
    replicates = study.replicates(n_resamples, seed)
    interval = bootstrap_interval(
        study,
        advantage_of(first, second, direction),
        confidence=confidence,
        method=method,
        n_resamples=n_resamples,
        replicates=replicates,
    )
    p_value, test = paired_p_value(study, first, second, direction, replicates, seed=seed)
    scores = study.scores()
    return Comparison(
        first=float(mean_of_parts(first)(scores)[0]),
        second=float(mean_of_parts(second)(scores)[0]),
        advantage=interval,
        p_value=p_value,
        test=test,
        metric=metric,
    )
