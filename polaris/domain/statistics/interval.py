"""Confidence intervals by resampling."""

from __future__ import annotations

import math
from typing import Any, Literal, cast, get_args

import attrs
import numpy as np
from numpy.typing import NDArray

from polaris.domain.statistics.study import SEED, Reduce, Study, check_count
from polaris.errors import InvalidInputError

__all__ = ["RESAMPLES", "Interval", "IntervalMethod", "bootstrap_interval", "check_share"]

# Enough for the ends of a 95% interval: Efron & Tibshirani (1993), section 14.3.
RESAMPLES = 2000
IntervalMethod = Literal["BCa", "percentile"]


def check_share(name: str, value: Any) -> float:
    """Return a number between 0 and 1; refuse any other.

    Raises:
        InvalidInputError: It is none.
    """
    if isinstance(value, (int, float, np.number)) and 0 < value < 1:
        return float(value)
    raise InvalidInputError(
        f"{name} has to be a number between 0 and 1, not {value!r}", hint="Give 0.95, for instance."
    )


@attrs.frozen
class Interval:
    """A score and how far it may be off.

    Attributes:
        estimate: The score.
        low: Lower end; NaN where there is no interval.
        high: Upper end; NaN where there is no interval.
        confidence: How often such an interval holds the true value, such as 0.95.
        method: ``BCa`` or ``percentile``.
    """

    estimate: float
    low: float
    high: float
    confidence: float = 0.95
    method: IntervalMethod = "BCa"

    @property
    def is_known(self) -> bool:
        """Whether there is an interval; there is none where all resamples score the same."""
        return math.isfinite(self.low) and math.isfinite(self.high)

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high

    def __str__(self) -> str:
        return f"{self.low:.4f} .. {self.high:.4f}" if self.is_known else "unknown"


def parse_method(value: str) -> IntervalMethod:
    """Return how an interval is made, whatever the case it is written in.

    Raises:
        InvalidInputError: There is no such method.
    """
    for method in get_args(IntervalMethod):
        if isinstance(value, str) and value.lower() == method.lower():
            return cast("IntervalMethod", method)
    raise InvalidInputError(f"There is no method {value!r}", hint="Give 'BCa' or 'percentile'.")


def bootstrap_interval(
    study: Study,
    reduce: Reduce,
    *,
    confidence: float = 0.95,
    method: str = "BCa",
    n_resamples: int = RESAMPLES,
    seed: int = SEED,
    replicates: NDArray[np.float64] | None = None,
) -> Interval:
    """Return the bootstrap confidence interval of a statistic.

    The BCa interval corrects the percentile interval for bias and for a spread that depends on the
    true value. Resamples in which the statistic does not exist are passed over; there is no
    interval where that is half of them, or where all others give the same value. An interval that
    would leave out the estimate is extended to it.

    Source: Efron, Journal of the American Statistical Association 82 (1987), 171-185 (BCa);
    Efron & Tibshirani, An Introduction to the Bootstrap (1993), chapters 13 and 14.

    Args:
        study: What is resampled.
        reduce: The statistic.
        confidence: How often the interval is to hold the true value.
        method: ``BCa`` or ``percentile``.
        n_resamples: How many resamples.
        seed: Which random numbers are drawn.
        replicates: The scores of resamples that were drawn before, ``(n_resamples, scores)``.

    Raises:
        InvalidInputError: An argument is out of range.
    """
    chosen, level = parse_method(method), check_share("confidence", confidence)
    count = check_count("n_resamples", n_resamples, 100)
    estimate = float(reduce(study.scores())[0])
    drawn = study.replicates(count, seed) if replicates is None else replicates
    values = reduce(drawn)
    values = values[np.isfinite(values)]
    unknown = Interval(estimate, math.nan, math.nan, level, chosen)
    if not math.isfinite(estimate) or len(values) * 2 < len(drawn) or np.ptp(values) == 0:
        return unknown
    if np.ptp(values) < 1e-12 * float(np.abs(values).max()):
        return unknown
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    if chosen == "BCa":
        tails = _corrected(tails, values, estimate, _acceleration(study, reduce))
    low, high = np.percentile(values, 100 * tails)
    return Interval(estimate, min(float(low), estimate), max(float(high), estimate), level, chosen)


def _corrected(
    tails: NDArray[np.float64], values: NDArray[np.float64], estimate: float, acceleration: float
) -> NDArray[np.float64]:
    """Return the percentiles at which the ends of a BCa interval lie."""
    from scipy.special import ndtr, ndtri

    below = ((values < estimate).sum() + (values <= estimate).sum()) / (2 * len(values))
    smallest = 1 / (2 * len(values))
    bias = ndtri(np.clip(below, smallest, 1 - smallest))
    shifted = bias + ndtri(tails)
    return np.asarray(ndtr(bias + shifted / np.maximum(1 - acceleration * shifted, 1e-6)))


def _acceleration(study: Study, reduce: Reduce) -> float:
    """Return how fast the spread grows with the statistic, from its jackknife values.

    Source: Efron & Tibshirani (1993), equation 14.15; for several samples as SciPy has it.
    """
    parts = []
    for values in study.jackknife(reduce):
        finite = values[np.isfinite(values)]
        if len(finite) > 1:
            parts.append((finite.mean() - finite) * (len(finite) - 1) / len(finite))
    effects = np.concatenate(parts) if parts else np.zeros(1)
    largest = float(np.abs(effects).max())
    if largest == 0:
        return 0.0
    # Of size one, for the cubes of very small effects would be nothing.
    effects /= largest
    return float((effects**3).sum() / (6 * (effects**2).sum() ** 1.5))
