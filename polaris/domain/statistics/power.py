"""How small a difference a test set can show."""

from __future__ import annotations

import attrs

from polaris.domain.statistics.interval import check_share
from polaris.domain.statistics.study import check_count
from polaris.errors import InvalidInputError

__all__ = ["DetectableDifference", "detectable_difference"]


@attrs.frozen
class DetectableDifference:
    """The smallest difference between two methods that a benchmark is likely to show.

    Attributes:
        value: The difference, in units of the metric.
        standard_error: How much the difference of two methods varies from test set to test set.
        n_units: Rows of the test sets, or groups of a grouped metric.
        alpha: How often two equally good methods may be called different.
        power: How often methods that differ by so much are to be called different.
        metric: Name of the metric.
    """

    value: float
    standard_error: float
    n_units: int
    alpha: float
    power: float
    metric: str = ""

    def __float__(self) -> float:
        return self.value


def detectable_difference(
    standard_error: float,
    n_units: int,
    *,
    alpha: float = 0.05,
    power: float = 0.8,
    metric: str = "",
    freedom: float | None = None,
) -> DetectableDifference:
    """Return the difference that a two-sided paired test finds as often as is asked for.

    Source: Cohen, Statistical Power Analysis for the Behavioral Sciences, 2nd ed. (1988), chapter
    2; Card et al., With Little Power Comes Great Responsibility, EMNLP (2020), for benchmarks.

    Args:
        standard_error: Of the difference between two methods.
        n_units: Rows, or groups.
        alpha: How often two equally good methods may be called different.
        power: How often methods that differ by so much are to be called different.
        metric: Name of the metric.
        freedom: By how many degrees of freedom the standard error is known; ``n_units`` - 1 by
            default.

    Raises:
        InvalidInputError: An argument is out of range.
    """
    from scipy import stats

    level, wanted = check_share("alpha", alpha), check_share("power", power)
    units = check_count("The number of rows", n_units, 2)
    if not standard_error >= 0:
        raise InvalidInputError(
            f"The standard error of the difference cannot be {standard_error}",
            hint="Compare other results, whose scores exist.",
        )
    known = units - 1 if freedom is None else freedom
    quantiles = stats.t.ppf(1 - level / 2, known) + stats.t.ppf(wanted, known)
    value = float(quantiles) * float(standard_error)
    return DetectableDifference(value, float(standard_error), units, level, wanted, metric)
