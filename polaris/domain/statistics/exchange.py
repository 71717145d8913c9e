"""The test that exchanges two methods row by row."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from polaris.domain.statistics.additive import AdditiveScore
from polaris.domain.statistics.scores import WeightedScore
from polaris.domain.statistics.study import SEED, Study, better_by, chunks

__all__ = ["PERMUTATIONS", "exchange_test"]

PERMUTATIONS = 9999
# With so few rows that differ, all exchanges are tried: at most 2**13 = 8192.
_ALL_EXCHANGES = 13
# So many large differences tell a p-value to 4.5% of it, as all exchanges do for one of 0.05.
_ENOUGH = 500


@attrs.frozen(eq=False)
class _Pair:
    """Two methods' scores for the same part of a benchmark."""

    first: AdditiveScore
    second: AdditiveScore

    def scores(self, signs: Any, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return both scores after exchanges, shape ``(b, 2)``, given signs ``(b, rows)``."""
        middle = (self.first.totals + self.second.totals) / 2
        half = (self.first.features - self.second.features)[rows] / 2
        # What the rows that are always alike add is in the middle; the others go either way.
        moved = np.asarray(signs @ half)
        return np.stack(
            [self.first.finish(middle + moved), self.second.finish(middle - moved)], axis=1
        )

    def differing(self) -> NDArray[np.bool_]:
        """Return which units tell the two apart."""
        apart = abs(self.first.features - self.second.features).sum(axis=1)
        return np.asarray(apart).ravel() > 0


def exchange_test(
    study: Study,
    first: Sequence[int],
    second: Sequence[int],
    direction: str,
    *,
    n_permutations: int = PERMUTATIONS,
    seed: int = SEED,
) -> float:
    """Return the two-sided p-value of a paired comparison of two methods.

    Were the two equally good, exchanging their predictions in any rows would change nothing but
    noise. How often do such exchanges give a difference as large as the one that was seen? For a
    mean over rows this is the paired sign-flip test, and for hits and misses McNemar's. It needs no
    large test set. With few rows that differ, all exchanges are tried; with many, no more than it
    takes to see that the p-value is large. Where no exchange that was tried gives as large a
    difference, the bound of Hoeffding for signs (exact for means, an approximation for others) says
    how small the p-value can be.

    The level is exact where the two err alike. Where they err in different ways, such as one often
    a little and the other seldom but much, it is approached with the number of rows.

    Source: Good, Permutation, Parametric and Bootstrap Tests of Hypotheses, 3rd ed. (2005),
    chapter 3; Edgington (1969); Phipson & Smyth (2010) for counting what was seen as one more;
    Besag & Clifford, Biometrika 78 (1991), 301-304, for stopping early; Hoeffding (1963) for the
    bound.

    Args:
        study: Its scores are all sums.
        first: The columns of the first method's scores, whose mean is compared.
        second: Those of the second's, part by part the same.
        direction: ``"min"`` or ``"max"``.
        n_permutations: How many exchanges to try.
        seed: Which random numbers are drawn.
    """
    scores = [score for stratum in study.strata for score in stratum.scores]
    starts = np.cumsum([0, *(len(stratum.scores) for stratum in study.strata)])
    by_stratum = [
        [
            _pair(scores[a], scores[b])
            for a, b in zip(first, second, strict=True)
            if begin <= a < end
        ]
        for begin, end in pairwise(starts)
    ]
    rows = [
        np.flatnonzero(np.any([pair.differing() for pair in found], axis=0)) for found in by_stratum
    ]
    unchanged = [np.ones((1, len(r))) for r in rows]
    seen = abs(float(_advantages(by_stratum, rows, unchanged, direction)[0]))
    if not math.isfinite(seen):
        return math.nan
    differing = sum(map(len, rows))
    if differing == 0:
        return 1.0
    if differing <= _ALL_EXCHANGES:
        tried = _advantages(by_stratum, rows, _all_signs(rows), direction)
        return float(_as_large(tried, seen).mean())
    generators = study.generators(seed)
    count, squares, tries = 1, 0.0, 0
    for size in chunks(n_permutations, differing):
        signs = [_signs(g, size, len(r)) for g, r in zip(generators, rows, strict=True)]
        tried = _advantages(by_stratum, rows, signs, direction)
        large = np.cumsum(_as_large(tried, seen))
        if count - 1 + large[-1] >= _ENOUGH:
            last = int(np.searchsorted(large, _ENOUGH - (count - 1)))
            return _ENOUGH / (tries + last + 1)
        count += int(large[-1])
        squares += float(np.nansum(tried**2))
        tries += size
    p_value = count / (tries + 1)
    if count == 1 and squares > 0:
        p_value = min(p_value, 2 * math.exp(-(seen**2) * tries / (2 * squares)))
    return p_value


def _pair(first: WeightedScore, second: WeightedScore) -> _Pair:
    assert isinstance(first, AdditiveScore)
    assert isinstance(second, AdditiveScore)
    return _Pair(first, second)


def _advantages(
    by_stratum: Sequence[Sequence[_Pair]],
    rows: Sequence[NDArray[np.int64]],
    signs: Sequence[NDArray[np.float64]],
    direction: str,
) -> NDArray[Any]:
    parts = [
        pair.scores(signs[position], rows[position])
        for position, pairs in enumerate(by_stratum)
        for pair in pairs
    ]
    both = (np.stack(parts).sum(axis=0) / len(parts)).astype(np.float64)
    return better_by(both[:, 0], both[:, 1], direction)


def _as_large(tried: NDArray[np.float64], seen: float) -> NDArray[np.bool_]:
    # Equal but for rounding counts as equal; a difference that does not exist, as large.
    return ~(np.abs(tried) < seen * (1 - 1e-10))


def _signs(generator: np.random.Generator, tries: int, rows: int) -> NDArray[np.float64]:
    """Draw a fair sign for each row of each try, shape ``(tries, rows)``."""
    drawn = np.frombuffer(generator.bytes(-(-tries * rows // 8)), dtype=np.uint8)
    signs = np.unpackbits(drawn, count=tries * rows).reshape(tries, rows).astype(float)
    # In place, for this is most of the work.
    signs *= 2
    signs -= 1
    return signs


def _all_signs(rows: Sequence[NDArray[np.int64]]) -> list[NDArray[np.float64]]:
    """Return every combination of signs, split by stratum."""
    total = sum(map(len, rows))
    every = ((np.arange(2**total)[:, None] >> np.arange(total)) & 1) * 2.0 - 1.0
    return np.split(every, np.cumsum([len(r) for r in rows])[:-1], axis=1)
