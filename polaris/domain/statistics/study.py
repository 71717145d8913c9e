"""What is resampled: the test sets of a benchmark, with the scores of one or several methods."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

import attrs
import numpy as np
from numpy.typing import NDArray

from polaris.domain.statistics.additive import AdditiveScore
from polaris.domain.statistics.scores import WeightedScore
from polaris.errors import InvalidInputError

__all__ = [
    "SEED",
    "Reduce",
    "Stratum",
    "Study",
    "advantage_of",
    "better_by",
    "check_count",
    "chunks",
    "mean_of_parts",
]

# Which random numbers are drawn unless the caller says so: the same ones for everybody.
SEED = 0
# Numbers in memory at once: 32 MiB of them.
_CHUNK = 4 * 2**20
# Above this many units, whole blocks of them are left out where every one would take too long.
_MOST_LEFT_OUT = 1000
_BLOCKS = 400

# From the scores of all parts of all methods, shape ``(b, scores)``, to a statistic, ``(b,)``.
Reduce = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def check_count(name: str, value: int, least: int) -> int:
    """Return a whole number; refuse one that is too small.

    Raises:
        InvalidInputError: It is no whole number, or less than ``least``.
    """
    if isinstance(value, bool) or not hasattr(value, "__index__") or value < least:
        raise InvalidInputError(
            f"{name} has to be a whole number from {least} up, not {value!r}",
            hint="Leave it out to have the default.",
        )
    return int(value)


@attrs.frozen(eq=False)
class Stratum:
    """Units that are resampled together, such as the rows of one test set.

    Attributes:
        scores: Scores over these units.
    """

    scores: tuple[WeightedScore, ...]

    @property
    def n_units(self) -> int:
        """How many units there are."""
        return self.scores[0].n_units

    def values(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the scores of each resample, shape ``(b, scores)``."""
        return np.stack([score.values(weights) for score in self.scores], axis=1)

    def without_each(self) -> NDArray[np.float64]:
        """Return the scores without each unit, or block of units, shape ``(blocks, scores)``."""
        count = self.n_units
        additive = all(isinstance(score, AdditiveScore) for score in self.scores)
        n_blocks = count if additive or count <= _MOST_LEFT_OUT else _BLOCKS
        blocks = np.arange(count) % max(n_blocks, 1)
        return np.stack([score.without(blocks, n_blocks) for score in self.scores], axis=1)


@attrs.frozen(eq=False)
class Study:
    """Test sets, each resampled by itself, and their scores.

    Attributes:
        strata: The test sets; the scores of all of them, one test set after the other, are what
            `Reduce` functions get.
    """

    strata: tuple[Stratum, ...]

    @cached_property
    def _left_out(self) -> list[NDArray[np.float64]]:
        # All methods' scores at once; each pair of methods of a leaderboard asks for them.
        return [stratum.without_each() for stratum in self.strata]

    @property
    def n_units(self) -> int:
        """How many units there are in all."""
        return sum(stratum.n_units for stratum in self.strata)

    @property
    def degrees_of_freedom(self) -> int:
        """Units less one for each stratum; at least 1."""
        return max(self.n_units - len(self.strata), 1)

    def scores(self) -> NDArray[np.float64]:
        """Return the scores as they are, shape ``(1, scores)``."""
        parts = [stratum.values(np.ones((1, stratum.n_units))) for stratum in self.strata]
        return np.concatenate(parts, axis=1)

    def replicates(self, n_resamples: int, seed: int) -> NDArray[np.float64]:
        """Return the scores of bootstrap resamples, shape ``(n_resamples, scores)``.

        With one stratum and the same seed the resamples are those of ``scipy.stats.bootstrap``.

        Source: Efron & Tibshirani, An Introduction to the Bootstrap (1993), chapters 6 and 8.

        Args:
            n_resamples: How many.
            seed: Which random numbers are drawn.
        """
        columns = []
        for stratum, generator in zip(self.strata, self.generators(seed), strict=True):
            parts = [
                stratum.values(_counts(generator, stratum.n_units, size))
                for size in chunks(n_resamples, stratum.n_units)
            ]
            columns.append(np.concatenate(parts))
        return np.concatenate(columns, axis=1)

    def generators(self, seed: int) -> list[np.random.Generator]:
        """Return a stream of random numbers for each stratum."""
        first = np.random.default_rng(check_count("seed", seed, 0))
        return [first] if len(self.strata) == 1 else first.spawn(len(self.strata))

    def jackknife(self, reduce: Reduce) -> Iterator[NDArray[np.float64]]:
        """Yield, for each stratum, a statistic without each of its units or blocks in turn."""
        full = self.scores()
        first = 0
        for parts in self._left_out:
            scores = np.repeat(full, len(parts), axis=0)
            scores[:, first : first + parts.shape[1]] = parts
            first += parts.shape[1]
            yield reduce(scores)


def chunks(total: int, width: int) -> Iterator[int]:
    """Yield sizes that add up to a total, each small enough to be held in memory."""
    step = max(1, _CHUNK // max(width, 1))
    for first in range(0, total, step):
        yield min(step, total - first)


def _counts(generator: np.random.Generator, units: int, resamples: int) -> NDArray[np.float64]:
    """Draw units with replacement and return how often each was drawn, ``(resamples, units)``."""
    drawn = generator.integers(0, units, size=(resamples, units))
    drawn += np.arange(resamples)[:, None] * units
    counts = np.bincount(drawn.ravel(), minlength=resamples * units)
    return counts.reshape(resamples, units).astype(float)


def mean_of_parts(columns: Sequence[int]) -> Reduce:
    """Return the statistic that is the mean of some scores."""
    chosen = list(columns)
    return lambda scores: scores[:, chosen].mean(axis=1)


def better_by(
    one: NDArray[np.float64], other: NDArray[np.float64], direction: str | float
) -> NDArray[np.float64]:
    """Return by how much scores are better than others, negative where they are worse.

    Args:
        one: Scores, shape ``(b,)``.
        other: Scores, shape ``(b,)``.
        direction: ``"min"``, ``"max"``, or the value that is best; then it is their distances to
            that value which are compared.
    """
    if direction == "max":
        return one - other
    if direction == "min":
        return other - one
    return np.abs(other - float(direction)) - np.abs(one - float(direction))


def advantage_of(first: Sequence[int], second: Sequence[int], direction: str | float) -> Reduce:
    """Return the statistic by how much the mean of some scores is better than that of others."""
    one, other = mean_of_parts(first), mean_of_parts(second)
    return lambda scores: better_by(one(scores), other(scores), direction)
