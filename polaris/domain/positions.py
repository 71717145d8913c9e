"""Row positions of a subset, whether they are an array or too many to be one."""

from __future__ import annotations

from typing import Any, Protocol

import attrs
import numpy as np
from numpy.typing import NDArray

from polaris.errors import OutOfRangeError

__all__ = ["ArrayPositions", "Positions", "checked_ranks"]


class Positions(Protocol):
    """An ordered choice of rows, handed out in pieces so that it need not be held as an array.

    A *position* is the place of a row in its dataset; a *rank* is the place of a position in the
    choice. Both count from 0. Implementations do not change and can be pickled.
    """

    @property
    def highest(self) -> int:
        """The largest position; -1 where there are none."""
        ...

    def __len__(self) -> int: ...

    def positions(self, start: int, stop: int, /) -> NDArray[np.int64]:
        """Return the positions at the ranks ``start .. stop-1``.

        Args:
            start: First rank, from 0.
            stop: One past the last rank; what lies beyond the end is left out, as in a slice.

        Returns:
            Shape ``(n,)``, read only.
        """
        ...

    def take(self, ranks: NDArray[np.int64], /) -> NDArray[np.int64]:
        """Return the positions at many ranks, in the order asked for, repeats included.

        Args:
            ranks: Shape ``(n,)``, every one in ``0 .. len(self)-1``.

        Returns:
            Shape ``(n,)``, read only.

        Raises:
            OutOfRangeError: A rank is out of range.
        """
        ...


@attrs.frozen(eq=False)
class ArrayPositions:
    """Positions that are held as an array, in any order and with repeats.

    Attributes:
        array: Shape ``(n,)``, int64, none of them negative; made read only.
    """

    array: NDArray[np.int64] = attrs.field(repr=False)

    def __attrs_post_init__(self) -> None:
        self.array.flags.writeable = False

    @property
    def highest(self) -> int:
        """The largest position; -1 where there are none."""
        return int(self.array.max(initial=-1))

    def __len__(self) -> int:
        return len(self.array)

    def positions(self, start: int, stop: int, /) -> NDArray[np.int64]:
        """See `Positions`."""
        return self.array[start:stop]

    def take(self, ranks: NDArray[np.int64], /) -> NDArray[np.int64]:
        """See `Positions`."""
        taken: NDArray[np.int64] = self.array[checked_ranks(ranks, len(self.array))]
        taken.flags.writeable = False
        return taken


def checked_ranks(ranks: NDArray[Any], length: int) -> NDArray[Any]:
    """Return ranks unchanged; refuse those that a choice of ``length`` positions does not have.

    Raises:
        OutOfRangeError: One is out of range.
    """
    if ranks.size and (ranks.min() < 0 or ranks.max() >= length):
        wrong = ranks[(ranks < 0) | (ranks >= length)][0]
        raise OutOfRangeError(
            f"There are {length} positions; there is none of rank {wrong}",
            hint="Ranks count from 0.",
        )
    return ranks
