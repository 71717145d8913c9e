"""A part of an ordered choice of rows, such as every second one of the first million."""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray

from polaris.domain.positions import ArrayPositions, Positions, checked_ranks

__all__ = ["PositionSlice", "sliced"]

# Positions that are looked at together when the largest one is sought.
_BLOCK = 2**20


@attrs.frozen(eq=False)
class PositionSlice:
    """Those positions of a choice whose ranks are in a range; none of them is held in memory.

    Attributes:
        whole: The choice.
        ranks: Ranks in it, each in ``0 .. len(whole)-1``.
    """

    whole: Positions
    ranks: range

    @property
    def highest(self) -> int:
        """The largest position; -1 where there are none."""
        parts = (self.positions(start, start + _BLOCK) for start in range(0, len(self), _BLOCK))
        return max((int(part.max()) for part in parts), default=-1)

    def __len__(self) -> int:
        return len(self.ranks)

    def positions(self, start: int, stop: int, /) -> NDArray[np.int64]:
        """See `Positions`."""
        part = self.ranks[start:stop]
        if part.step == 1:
            return self.whole.positions(part.start, part.stop)
        return self.whole.take(np.arange(part.start, part.stop, part.step, dtype=np.int64))

    def take(self, ranks: NDArray[np.int64], /) -> NDArray[np.int64]:
        """See `Positions`."""
        checked = checked_ranks(ranks, len(self)).astype(np.int64)
        return self.whole.take(self.ranks.start + checked * self.ranks.step)


def sliced(positions: Positions, part: slice) -> Positions:
    """Return a part of a choice, as a list is sliced."""
    if isinstance(positions, ArrayPositions):
        return ArrayPositions(positions.array[part])
    if isinstance(positions, PositionSlice):
        return PositionSlice(positions.whole, positions.ranks[part])
    return PositionSlice(positions, range(len(positions))[part])
