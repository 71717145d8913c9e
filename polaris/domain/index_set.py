"""Sets of row positions, compressed: a hundred million take kilobytes to a few megabytes."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import pairwise
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray
from pyroaring import AbstractBitMap, BitMap, FrozenBitMap

from polaris.domain.index_arrays import parse_indices
from polaris.domain.positions import checked_ranks
from polaris.errors import InvalidInputError

__all__ = ["IndexSet", "parse_index_set"]

_BEYOND = 2**32
_SHOWN = 3
# Decoding so many positions costs what finding the first of them does.
_NEAR = 512
# Positions that are put into a bitmap at once.
_TAKEN = 1 << 18
# Positions that are decoded at once, at most.
_BLOCK = 1 << 20


def _bitmap(value: Any) -> FrozenBitMap:
    if isinstance(value, AbstractBitMap):
        return FrozenBitMap(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return _deserialized(bytes(value))
    if isinstance(value, range):
        _check_bounds(*((min(value[0], value[-1]), max(value[0], value[-1])) if value else ()))
        return FrozenBitMap(value if value.step > 0 else value[::-1])
    return _of_array(_as_uint32(value))


def _as_uint32(value: Any) -> NDArray[np.uint32]:
    """Return positions as the bitmap library takes them in bulk."""
    if isinstance(value, np.ndarray) and value.ndim == 1 and value.dtype == np.uint32:
        return np.ascontiguousarray(value, np.uint32)
    if isinstance(value, np.ndarray) and value.ndim == 1 and value.dtype.kind in "iu":
        given: NDArray[Any] = value
    else:
        given = parse_indices(value)
    if given.size:
        _check_bounds(int(given.min()), int(given.max()))
    return given.astype(np.uint32)


def _check_bounds(lowest: int = 0, highest: int = 0) -> None:
    if lowest < 0:
        raise InvalidInputError(
            f"has a negative index: {lowest}",
            hint="Count rows from 0; an index from the end is not understood.",
        )
    if highest >= _BEYOND:
        raise InvalidInputError(
            f"has an index that is too large: {highest}",
            hint=f"Row positions are less than {_BEYOND}.",
        )


def _of_array(positions: NDArray[np.uint32]) -> FrozenBitMap:
    if not bool(np.all(positions[1:] > positions[:-1])):
        positions = np.sort(positions)
        repeated = np.unique(positions[1:][positions[1:] == positions[:-1]])
        if repeated.size:
            raise InvalidInputError(f"has duplicates: {_some(repeated)}", hint=_DUPLICATES)
    found = BitMap()
    # In blocks that stay in the processor's cache, so that positions are not copied in full.
    for start in range(0, positions.size, _TAKEN):
        # Only from this type of array does the library take numbers without an object for each.
        numbers = array("I")
        numbers.frombytes(positions[start : start + _TAKEN].data.cast("B"))
        found.update(numbers)
    return FrozenBitMap(found)


_DUPLICATES = "List each row once; turn a boolean mask into indices with numpy.flatnonzero."


def _deserialized(data: bytes) -> FrozenBitMap:
    try:
        bitmap = FrozenBitMap.deserialize(data)
        whole = bitmap.serialize() == data
    except (ValueError, IndexError) as cause:
        raise InvalidInputError(
            f"is no bitmap in the portable Roaring format: {len(data)} bytes ({cause})",
            hint="Give the bytes that serialize() returned; they may have been cut or altered.",
        ) from cause
    if not whole:
        raise InvalidInputError(
            f"is no bitmap in the portable Roaring format: {len(data)} bytes, of which some follow "
            "the bitmap",
            hint="Give the bytes that serialize() returned, and nothing else.",
        )
    return bitmap


def _some(indices: NDArray[np.uint32]) -> str:
    shown = ", ".join(str(index) for index in indices[:_SHOWN].tolist())
    more = indices.size - _SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


@attrs.frozen(eq=False, repr=False)
class IndexSet:
    """A set of row positions from 0 to 2**32 - 1, kept as a roaring bitmap.

    It is ordered from the smallest position to the largest, does not change, and hands out its
    positions in pieces (see `polaris.domain.positions.Positions`), so that it is never held as an
    array. Its bytes are the portable form of the Roaring format specification, which other
    languages read as well.

    Attributes:
        indices: The bitmap. Accepted are lists, tuples, sets, ranges and arrays of whole numbers,
            bitmaps of pyroaring, and the bytes that `serialize` returns.

    Raises:
        InvalidInputError: A position is negative, 2**32 or more, no whole number, or given twice,
            or the bytes are no bitmap.
    """

    indices: FrozenBitMap = attrs.field(default=FrozenBitMap(), converter=_bitmap)

    # -- what it holds ------------------------------------------------------------------------

    @property
    def datapoints(self) -> int:
        """How many positions there are."""
        return len(self.indices)

    @property
    def highest(self) -> int:
        """The largest position; -1 where there are none."""
        return self.indices.max() if self.indices else -1

    @cached_property
    def md5_checksum(self) -> str:
        """MD5 of what `serialize` returns, 32 hex digits."""
        return hashlib.md5(self.indices.serialize(), usedforsecurity=False).hexdigest()

    def intersect(self, other: IndexSet) -> bool:
        """Return whether there is a position that both sets have."""
        return self.indices.intersect(other.indices)

    def shared(self, other: IndexSet) -> IndexSet:
        """Return the positions that both sets have."""
        return IndexSet(self.indices.intersection(other.indices))

    # -- in pieces ----------------------------------------------------------------------------

    def positions(self, start: int, stop: int, /) -> NDArray[np.int64]:
        """Return the positions at the ranks ``start .. stop-1``, ascending.

        Args:
            start: First rank, from 0.
            stop: One past the last rank; what lies beyond the end is left out, as in a slice.

        Returns:
            Shape ``(n,)``, read only.
        """
        found = np.frombuffer(self.indices[start:stop].to_array(), np.uint32).astype(np.int64)
        found.flags.writeable = False
        return found

    def take(self, ranks: NDArray[np.int64], /) -> NDArray[np.int64]:
        """Return the positions at many ranks, in the order asked for, repeats included.

        Args:
            ranks: Shape ``(n,)``, every one in ``0 .. len(self)-1``.

        Returns:
            Shape ``(n,)``, read only.

        Raises:
            OutOfRangeError: A rank is out of range.
        """
        order = np.argsort(checked_ranks(ranks, len(self)))
        ascending = ranks[order]
        taken = np.empty(len(ranks), np.int64)
        for near in _near_each_other(ascending):
            first, last = int(ascending[near.start]), int(ascending[near.stop - 1])
            found = self.positions(first, last + 1)
            taken[order[near]] = found[ascending[near] - first]
        taken.flags.writeable = False
        return taken

    def __len__(self) -> int:
        return len(self.indices)

    def __iter__(self) -> Iterator[int]:
        return iter(self.indices)

    def __contains__(self, position: object) -> bool:
        if not isinstance(position, (int, np.integer)):
            return False
        return 0 <= int(position) < _BEYOND and int(position) in self.indices

    # -- as bytes -----------------------------------------------------------------------------

    def serialize(self) -> bytes:
        """Return the set in the portable Roaring format."""
        return self.indices.serialize()

    @staticmethod
    def deserialize(data: bytes) -> IndexSet:
        """Return the set that bytes in the portable Roaring format hold.

        They are kept as they are encoded, so that `serialize` returns the same bytes.

        Raises:
            InvalidInputError: They are not in that format, or something follows them.
        """
        return IndexSet(bytes(data))

    # -- compared -----------------------------------------------------------------------------

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, IndexSet):
            return NotImplemented
        return self.indices == other.indices

    def __hash__(self) -> int:
        return hash(self.indices)

    def __repr__(self) -> str:
        if len(self) <= _SHOWN:
            return f"IndexSet({list(self)})"
        return f"IndexSet({len(self)} positions, {self.indices.min()} to {self.indices.max()})"


def _near_each_other(ascending: NDArray[np.int64]) -> Iterator[slice]:
    """Yield runs of ranks that are worth decoding together, no run longer than a block."""
    if not ascending.size:
        return
    far = np.flatnonzero((np.diff(ascending) > _NEAR) | (np.diff(ascending // _BLOCK) > 0)) + 1
    bounds = [0, *far.tolist(), ascending.size]
    for start, stop in pairwise(bounds):
        yield slice(start, stop)


def parse_index_set(value: Any) -> IndexSet:
    """Return an index set, made from its fields (``{"indices": …}``) or its indices if need be.

    Raises:
        InvalidInputError: It is none; see `IndexSet`.
    """
    if isinstance(value, IndexSet):
        return value
    if isinstance(value, Mapping):
        if "indices" not in value:
            raise InvalidInputError(
                "has no indices", hint='Write {"indices": [0, 1]}, or give an IndexSet.'
            )
        value = value["indices"]
    return IndexSet(value)
