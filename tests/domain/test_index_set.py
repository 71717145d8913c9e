"""Sets of row positions: what they accept, how they hand positions out, and their bytes."""

from __future__ import annotations

import hashlib
import pickle
from array import array
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap, FrozenBitMap

from polaris.domain.index_set import IndexSet, parse_index_set
from polaris.errors import InvalidInputError

positions = st.integers(0, 2**32 - 1)
# Clusters as well as singles, so that the bitmaps have containers of all three kinds.
runs = st.tuples(st.integers(0, 2**20), st.integers(1, 5000), st.integers(1, 3))
sets = st.builds(
    lambda singles, some: singles.union(*(range(s, s + n * k, k) for s, n, k in some)),
    st.frozensets(positions, max_size=20),
    st.lists(runs, max_size=3),
)
cases = pytest.mark.vector_cases("roaring.json", "cases")


def _indices_of(name: str) -> Any:
    return {
        "empty": [],
        "012": [0, 1, 2],
        "345": [3, 4, 5],
        "unsorted_dup": [5, 3, 4],
        "two_containers": [1, 65535, 65536, 200000],
        "range1000_from_list": list(range(1000)),
        "range1000_from_range": range(1000),
        "range1000_run_optimized": np.arange(1000),
        "range5000_from_list": list(range(5000)),
        "evens_10000": np.arange(0, 10_000, 2, dtype=np.uint32),
    }[name]


# -- bytes ----------------------------------------------------------------------------------------


@cases
def test_bytes_and_checksum_are_those_of_the_released_clients(case: Any, vectors: Path) -> None:
    made = IndexSet(_indices_of(case["name"]))
    data = (vectors / case["file"]).read_bytes()
    assert made.serialize() == data
    assert made.md5_checksum == case["md5Checksum"]
    assert made.datapoints == case["cardinality"]


@cases
def test_bytes_of_the_released_clients_are_read_and_kept(case: Any, vectors: Path) -> None:
    data = (vectors / case["file"]).read_bytes()
    read = IndexSet.deserialize(data)
    assert read == IndexSet(_indices_of(case["name"]))
    assert read.serialize() == data
    assert read.md5_checksum == case["md5_of_reserialized"]


def test_a_round_trip_keeps_indices_count_and_checksum() -> None:
    made = IndexSet([5, 0, 70_000, 2])
    read = IndexSet.deserialize(made.serialize())
    assert list(read) == [0, 2, 5, 70_000]
    assert read.datapoints == len(read) == 4
    assert read.md5_checksum == made.md5_checksum
    assert read == made


def test_bytes_of_another_encoding_are_kept_as_they_are() -> None:
    data = BitMap(list(range(1000)), optimize=False).serialize()
    read = IndexSet.deserialize(data)
    assert read.serialize() == data
    assert read.md5_checksum == hashlib.md5(data, usedforsecurity=False).hexdigest()
    assert read == IndexSet(range(1000))


def test_how_a_bitmap_is_encoded_has_no_influence() -> None:
    bitmap = BitMap(list(range(1000)), optimize=False)
    assert IndexSet(bitmap).md5_checksum == IndexSet(range(1000)).md5_checksum


_GOOD = IndexSet(range(0, 10_000, 2)).serialize()


@pytest.mark.parametrize(
    "data",
    [b"", b"hello", _GOOD[:-1], _GOOD + b"x", b"\xff" * 40, _GOOD[:16] + b"\xff" * 8192],
    ids=["nothing", "text", "cut", "longer", "noise", "wrong count"],
)
def test_bytes_that_are_no_bitmap_are_refused(data: bytes) -> None:
    with pytest.raises(InvalidInputError, match="no bitmap in the portable Roaring format"):
        IndexSet.deserialize(data)


@given(st.binary(max_size=64), st.integers(0, 63))
def test_altered_bytes_are_refused_or_read_as_a_set(noise: bytes, at: int) -> None:
    data = IndexSet([1, 65535, 65536, 200_000, *range(300_000, 301_000)]).serialize()
    altered = data[:at] + noise + data[at + len(noise) :]
    try:
        read = IndexSet.deserialize(altered)
    except InvalidInputError:
        return
    assert read.serialize() == altered
    held = list(read)
    assert held == sorted(set(held))
    assert len(held) == len(read)


# -- what is accepted -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given_as",
    [
        [5, 1, 3],
        (1, 3, 5),
        {1, 3, 5},
        range(1, 6, 2),
        range(5, 0, -2),
        np.array([5, 3, 1]),
        np.array([1, 3, 5], dtype=np.uint8),
        np.array([1, 0, 3, 0, 5], dtype=np.uint32)[::2],
        np.array([1.0, 3.0, 5.0]),
        pd.Series([1, 3, 5], index=list("abc")),
        array("q", [1, 3, 5]),
        BitMap([1, 3, 5]),
        FrozenBitMap([1, 3, 5]),
        BitMap([1, 3, 5]).serialize(),
        memoryview(BitMap([1, 3, 5]).serialize()),
    ],
    ids=lambda value: type(value).__name__,
)
def test_indices_are_accepted_in_many_forms(given_as: Any) -> None:
    made = IndexSet(given_as)
    assert list(made) == [1, 3, 5]
    assert made == IndexSet(indices=[1, 3, 5]) == parse_index_set({"indices": given_as})
    assert hash(made) == hash(IndexSet([1, 3, 5]))


@pytest.mark.parametrize("nothing", [[], (), set(), range(0), np.array([]), BitMap()], ids=repr)
def test_a_set_may_be_empty(nothing: Any) -> None:
    made = IndexSet(nothing)
    assert made == IndexSet()
    assert (len(made), made.highest, list(made)) == (0, -1, [])
    assert made.positions(0, 10).shape == (0,)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ([0, -1], "negative index: -1"),
        (np.array([-5, 3]), "negative index: -5"),
        (range(-3, 2), "negative index: -3"),
        ([2**32], "too large: 4294967296"),
        (np.array([2**63], dtype=np.uint64), "too large: 9223372036854775808"),
        (range(0, 2**40, 2**39), "too large"),
        ([1.5], r"whole numbers only, not 1\.5"),
        ([float("nan")], "whole numbers only"),
        (["a"], "whole numbers only"),
        ([None], "whole numbers only"),
        ([3, 1, 3], "duplicates: 3"),
        (np.array([7, 7, 8, 8, 9, 9, 10, 10]), "duplicates: 7, 8, 9 and 1 more"),
        (np.array([True, False, True]), "not a boolean mask"),
        ([[1], [2]], "one list of indices"),
        (np.zeros((2, 2), int), "one list of indices"),
        (5, "must be a list of indices, not int"),
        (None, "must be a list of indices, not NoneType"),
        ("12", "must be a list of indices, not str"),
    ],
    ids=str,
)
def test_what_is_no_set_of_positions_is_refused(wrong: Any, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        IndexSet(wrong)


def test_fields_without_indices_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="has no indices"):
        parse_index_set({"datapoints": 3})


# -- like a set -----------------------------------------------------------------------------------


@given(sets, sets)
def test_it_behaves_like_a_set(left: frozenset[int], right: frozenset[int]) -> None:
    one, other = IndexSet(left), IndexSet(right)
    assert list(one) == sorted(left)
    assert (len(one), one.datapoints, one.highest) == (len(left), len(left), max(left, default=-1))
    assert one.intersect(other) == bool(left & right)
    assert set(one.shared(other)) == left & right
    assert (one == other) == (left == right)
    assert all((position in one) == (position in left) for position in sorted(right)[:50])


@given(sets, st.integers(0, 20_000), st.integers(0, 20_000), st.data())
def test_positions_come_in_pieces(
    held: frozenset[int], start: int, stop: int, data: st.DataObject
) -> None:
    made, ordered = IndexSet(held), np.array(sorted(held), dtype=np.int64)
    piece = made.positions(start, stop)
    assert piece.dtype == np.int64
    assert not piece.flags.writeable
    np.testing.assert_array_equal(piece, ordered[start:stop])
    ranks = st.lists(st.integers(0, max(len(held) - 1, 0)), max_size=30 if held else 0)
    asked = np.array(data.draw(ranks), dtype=np.int64)
    np.testing.assert_array_equal(made.take(asked), ordered[asked])


def test_many_ranks_are_taken_in_the_order_asked_for() -> None:
    rng = np.random.default_rng(0)
    ordered = np.sort(rng.choice(5_000_000, 2_000_000, replace=False))
    made = IndexSet(ordered)
    ranks = rng.integers(0, len(ordered), 50_000)
    np.testing.assert_array_equal(made.take(ranks), ordered[ranks])


@pytest.mark.parametrize("rank", [-1, 3])
def test_a_rank_beyond_the_end_is_refused(rank: int) -> None:
    with pytest.raises(IndexError, match=f"none of rank {rank}") as caught:
        IndexSet([1, 2, 3]).take(np.array([0, rank]))
    assert isinstance(caught.value, InvalidInputError)


@pytest.mark.parametrize("other", [-1, 2**32, 2**70, 1.0, "1", None])
def test_what_is_no_position_is_in_no_set(other: Any) -> None:
    assert other not in IndexSet([1, 2, 3])


def test_it_equals_nothing_else() -> None:
    assert IndexSet([1]) != [1]
    assert IndexSet([1]) != {1}


def test_it_goes_to_other_processes() -> None:
    made = IndexSet(range(0, 1000, 3))
    came = pickle.loads(pickle.dumps(made))
    assert came == made
    assert came.md5_checksum == made.md5_checksum


def test_it_cannot_be_changed() -> None:
    made = IndexSet([1])
    with pytest.raises(AttributeError):
        made.indices = FrozenBitMap([2])  # type: ignore[misc]
    assert not hasattr(made.indices, "add")


def test_its_text_stays_short() -> None:
    assert repr(IndexSet([4, 2])) == "IndexSet([2, 4])"
    assert repr(IndexSet(range(10**8))) == "IndexSet(100000000 positions, 0 to 99999999)"


# -- large ----------------------------------------------------------------------------------------


def test_a_hundred_million_consecutive_positions_take_next_to_nothing() -> None:
    made = IndexSet(range(10**8))
    assert made.datapoints == 10**8
    assert len(made.serialize()) < 30_000
    np.testing.assert_array_equal(made.positions(99_999_998, 2 * 10**8), [99_999_998, 99_999_999])
    np.testing.assert_array_equal(made.take(np.array([10**8 - 1, 7])), [10**8 - 1, 7])
