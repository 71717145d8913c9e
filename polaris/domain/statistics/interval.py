"""Confidence intervals by resampling."""

from __future__ import annotations

import math
from typing import Any, Literal, cast, get_args

import attrs
import numpy as np
from numpy.typing import NDArray

from polaris.domain.statistics.influence import acceleration, degrees_of_freedom, row_effects
from polaris.domain.statistics.study import SEED, Reduce, Study, check_count
from polaris.errors import InvalidInputError

__all__ = ["RESAMPLES", "Interval", "IntervalMethod", "bootstrap_interval", "check_share"]

# Enough for the ends of a 95% interval: Efron & Tibshirani (1993), section 14.3.
RESAMPLES = 2000
# With fewer degrees of freedom, tails of 95% lie beyond all of so many resamples.
_FEWEST = 4.0
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
        """Whether there is one; see `bootstrap_interval` for where there is none."""
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
    true value. It does not know that the spread itself is estimated, and is too narrow where rows
    are few. So here its tails are those of Student's t instead of the normal distribution, with as
    many degrees of freedom as the spread is known by; see `degrees_of_freedom`. The percentile
    interval is the plain one.

    Resamples in which the statistic does not exist are passed over. There is no interval where that
    is half of them, where all others give the same value, or where the statistic hangs on a single
    unit, such as the only positive row. An interval that would leave out the estimate is extended
    to it.

    Source: Efron, Journal of the American Statistical Association 82 (1987), 171-185 (BCa);
    Efron & Tibshirani, An Introduction to the Bootstrap (1993), chapters 13 and 14; Hesterberg, The
    American Statistician 69 (2015), 371-386, for the tails.

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
        effects = row_effects(study, reduce)
        if np.isnan(effects).any():
            return unknown
        freedom = degrees_of_freedom(effects, study.degrees_of_freedom)
        quantiles = _quantiles(tails, study, freedom)
        tails = _corrected(quantiles, values, estimate, acceleration(effects))
    low, high = np.percentile(values, 100 * tails)
    return Interval(estimate, min(float(low), estimate), max(float(high), estimate), level, chosen)


def _quantiles(tails: NDArray[np.float64], study: Study, freedom: float) -> NDArray[np.float64]:
    """Return where tails of Student's t end, in units of the spread of the resamples.

    Resamples spread a little less than samples do, by the root of (n - 1) / n.
    """
    from scipy.special import stdtrit

    most = study.degrees_of_freedom
    known = max(freedom, min(_FEWEST, most))
    return np.asarray(math.sqrt((most + 1) / most) * stdtrit(known, tails))


def _corrected(
    quantiles: NDArray[np.float64],
    values: NDArray[np.float64],
    estimate: float,
    acceleration: float,
) -> NDArray[np.float64]:
    """Return the percentiles at which the ends of a BCa interval lie."""
    from scipy.special import ndtr, ndtri

    below = ((values < estimate).sum() + (values <= estimate).sum()) / (2 * len(values))
    smallest = 1 / (2 * len(values))
    bias = ndtri(np.clip(below, smallest, 1 - smallest))
    shifted = bias + quantiles
    return np.asarray(ndtr(bias + shifted / np.maximum(1 - acceleration * shifted, 1e-6)))
