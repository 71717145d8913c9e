"""What each row does to a statistic, and what that says of its distribution."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from polaris.domain.statistics.study import Reduce, Study

__all__ = ["acceleration", "degrees_of_freedom", "row_effects"]


def row_effects(study: Study, reduce: Reduce) -> NDArray[np.float64]:
    """Return how much each unit, or block of units, raises a statistic; from its jackknife values.

    They are of size one at most, for only their proportions matter, and the powers of very small
    ones would be nothing. All are 0 where the statistic does not depend on the units.

    Source: Efron & Tibshirani, An Introduction to the Bootstrap (1993), chapter 11; for several
    samples as SciPy has it.

    Args:
        study: What is resampled.
        reduce: The statistic.

    Returns:
        Shape ``(n,)``; one NaN if the statistic does not exist without one of the units, so that
        nothing tells how much it varies with it.
    """
    parts = []
    for values in study.jackknife(reduce):
        if not np.isfinite(values).all():
            return np.array([np.nan])
        parts.append((values.mean() - values) * (len(values) - 1) / len(values))
    effects = np.concatenate(parts)
    largest = float(np.abs(effects).max(initial=0.0))
    return effects / largest if largest > 0 else effects


def acceleration(effects: NDArray[np.float64]) -> float:
    """Return how fast the spread of a statistic grows with it.

    Source: Efron & Tibshirani (1993), equation 14.15.

    Args:
        effects: What each unit does, from `row_effects`.
    """
    squares = float((effects**2).sum())
    return float((effects**3).sum() / (6 * squares**1.5)) if squares > 0 else 0.0


def degrees_of_freedom(effects: NDArray[np.float64], most: int) -> float:
    """Return how well the spread of a statistic is known, as degrees of freedom of Student's t.

    A spread that comes from few of the rows, such as the few that are positive, is known no better
    than from as few rows. The variance of the variance tells: with kurtosis k it is (k - 1) / n of
    the square, and with f degrees of freedom 2 / f.

    Source: Satterthwaite, Biometrics Bulletin 2 (1946), 110-114, for matching the two; Cramér,
    Mathematical Methods of Statistics (1946), section 27.4, for the variance of a variance.

    Args:
        effects: What each unit does, from `row_effects`.
        most: The degrees of freedom were all rows to say as much: their number less the samples'.

    Returns:
        NaN for effects that do not exist; else between 1 (if there are so many) and ``most``.
    """
    squares = float((effects**2).sum())
    if math.isnan(squares):
        return math.nan
    if squares == 0:
        return float(most)
    kurtosis = len(effects) * float((effects**4).sum()) / squares**2
    found = 2 * len(effects) / (kurtosis - 1) if kurtosis > 1 else float(most)
    return min(max(found, 1.0), float(most))
