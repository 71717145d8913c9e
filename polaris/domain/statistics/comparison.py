"""Whether one method is better than another on the same rows."""

from __future__ import annotations

import math
from collections.abc import Sequence

import attrs
import numpy as np
from numpy.typing import NDArray

from polaris.domain.statistics.additive import AdditiveScore
from polaris.domain.statistics.exchange import PERMUTATIONS, exchange_test
from polaris.domain.statistics.interval import RESAMPLES, Interval, bootstrap_interval
from polaris.domain.statistics.study import (
    SEED,
    Study,
    advantage_of,
    mean_of_parts,
)

__all__ = ["Comparison", "compare_in", "paired_p_value", "standard_error"]


@attrs.frozen
class Comparison:
    """What the same rows say of two methods.

    Attributes:
        first: Score of the first method.
        second: Score of the second method.
        advantage: By how much the first is better, negative where it is worse, with its interval.
        p_value: How probable so large an advantage, of either, is where both are equally good; NaN
            where a score does not exist.
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
    columns = {*first, *second}
    scores = [score for stratum in study.strata for score in stratum.scores]
    if all(isinstance(scores[column], AdditiveScore) for column in columns):
        p_value = exchange_test(
            study, first, second, direction, n_permutations=n_permutations, seed=seed
        )
        return p_value, "exchange"
    from scipy import stats

    advantage = float(advantage_of(first, second, direction)(study.scores())[0])
    error = standard_error(study, first, second, direction, replicates)
    if not math.isfinite(advantage) or math.isnan(error):
        return math.nan, "bootstrap"
    if error == 0:
        # Nothing tells how much noise there is.
        return 1.0, "bootstrap"
    p_value = 2 * stats.t.sf(abs(advantage) / error, study.degrees_of_freedom)
    return float(p_value), "bootstrap"


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
