"""Row positions as users write them."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polaris.domain.index_arrays import Occupancy, parse_indices
from polaris.errors import InvalidInputError

# Dense lists take the path with marks, far-flung ones the path that sorts.
dense = st.lists(st.integers(0, 50), max_size=40)
sparse = st.lists(st.one_of(st.integers(0, 5), st.integers(-(2**62), 2**62)), max_size=40)


@pytest.mark.parametrize(
    "written",
    [
        [3, 1, 2],
        (3, 1, 2),
        np.array([3, 1, 2]),
        np.array([3, 1, 2], dtype=np.uint8),
        np.array([3, 1, 2], dtype=np.uint64),
        np.array([3.0, 1.0, 2.0]),
        np.array(["3", "1", "2"]),
        np.array([3, 1, 2], dtype=object),
        [np.int32(3), np.int64(1), np.uint8(2)],
        [3.0, 1.0, 2.0],
        ["3", "1", "2"],
        [3, "1", 2.0],
        pd.Series([3, 1, 2], index=["a", "b", "c"]),
        pd.Index([3, 1, 2]),
        pd.Series([3, 1, 2], dtype="Int64"),
        (index for index in (3, 1, 2)),
        {3: "a", 1: "b", 2: "c"}.keys(),
    ],
    ids=lambda written: f"{type(written).__name__}",
)
def test_every_way_to_write_indices_gives_the_same_array(written: Any) -> None:
    indices = parse_indices(written)
    assert indices.dtype == np.int64
    assert indices.tolist() == [3, 1, 2]


def test_a_set_is_sorted_because_it_has_no_order() -> None:
    assert parse_indices({30, 4, 1000, 1}).tolist() == [1, 4, 30, 1000]


@pytest.mark.parametrize("nothing", [[], (), np.array([]), range(0), set()])
def test_no_indices_are_an_empty_array_of_whole_numbers(nothing: Any) -> None:
    indices = parse_indices(nothing)
    assert indices.shape == (0,)
    assert indices.dtype == np.int64


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ([1, 2.5], "must hold whole numbers only, not 2.5"),
        ([1, "two"], "two"),
        ([1, None], "must hold whole numbers only, not None"),
        ([float("nan")], "must hold whole numbers only, not nan"),
        (np.array([1.0, np.inf]), "must hold whole numbers only, not inf"),
        ([1, 10**30], "must hold whole numbers only"),
        (
            np.array([2**63], dtype=np.uint64),
            "must hold whole numbers only, not 9223372036854775808",
        ),
        ([1, "1.5"], "must hold whole numbers only, not '1.5'"),
        (np.array([1j]), "must hold whole numbers only, not complex128"),
        (pd.Series(["2020-01-01"], dtype="datetime64[ns]"), "not datetime64"),
        ([[1, 2], [3, 4]], "must be one list of indices, not a 2-dimensional array"),
        ([[1, 2], [3]], "must hold whole numbers only"),
        ([np.zeros((2, 1)), np.zeros((2, 3))], "must be one list of indices, not nested arrays"),
        (np.array(3), "must be one list of indices, not a 0-dimensional array"),
        ("123", "must be a list of indices, not str"),
        (b"123", "must be a list of indices, not bytes"),
        ({0: 1}, "must be a list of indices, not dict"),
        (7, "must be a list of indices, not int"),
        (None, "must be a list of indices, not NoneType"),
    ],
)
def test_what_is_no_list_of_whole_numbers_is_refused(written: Any, message: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_indices(written)
    assert message in caught.value.message


def test_the_array_is_independent_of_the_one_that_was_given() -> None:
    written = np.array([0, 1, 2])
    indices = parse_indices(written)
    written[0] = 99
    assert indices.tolist() == [0, 1, 2]


@given(st.one_of(dense, sparse))
def test_occupancy_finds_the_repeats_that_counting_finds(indices: list[int]) -> None:
    counted = sorted(index for index, times in Counter(indices).items() if times > 1)
    assert Occupancy.of(parse_indices(indices)).repeated.tolist() == counted


@given(st.one_of(dense, sparse), st.lists(st.integers(-60, 60) | st.just(2**62)))
def test_occupancy_contains_what_a_set_contains(indices: list[int], asked: list[int]) -> None:
    contained = Occupancy.of(parse_indices(indices)).contains(parse_indices(asked))
    assert contained.tolist() == [index in set(indices) for index in asked]


@pytest.mark.parametrize("mask", [[True, False], np.array([True, False]), [np.True_, np.False_]])
def test_a_boolean_mask_is_not_a_list_of_indices(mask: object) -> None:
    with pytest.raises(InvalidInputError, match="mask") as caught:
        parse_indices(mask)
    assert "flatnonzero" in caught.value.hint
