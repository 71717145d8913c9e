"""Splits of index sets: what they accept and refuse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from polaris.domain.index_set import IndexSet
from polaris.domain.split_v2 import SplitV2, parse_splits
from polaris.errors import InvalidBenchmarkError

small_sets = st.sets(st.integers(0, 30), max_size=8)


def test_counts_and_the_largest_index() -> None:
    split = SplitV2(training=IndexSet([0, 1, 9]), test=IndexSet([3, 4]))
    assert (split.n_train_datapoints, split.n_test_datapoints, split.max_index) == (3, 2, 9)


@pytest.mark.parametrize("form", [list, set, np.array, BitMap, IndexSet])
def test_sets_are_accepted_as_indices(form: Any) -> None:
    split = SplitV2(training=form([0, 1]), test=form([2]))
    assert split == SplitV2(training=IndexSet([0, 1]), test=IndexSet([2]))


def test_sets_are_accepted_as_bytes() -> None:
    split = SplitV2(training=BitMap([0, 1]).serialize(), test=BitMap([2]).serialize())
    assert split == SplitV2(training=[0, 1], test=[2])


def test_sets_are_accepted_as_fields() -> None:
    split = SplitV2(training={"indices": [0, 1]}, test={"indices": [2], "datapoints": 1})
    assert split == SplitV2(training=[0, 1], test=[2])


def test_the_training_set_may_be_empty() -> None:
    split = SplitV2(training=[], test=[4, 7])
    assert (split.n_train_datapoints, split.max_index) == (0, 7)


def test_an_empty_test_set_is_refused() -> None:
    with pytest.raises(InvalidBenchmarkError, match="test: is empty"):
        SplitV2(training=[1], test=[])


def test_sets_that_overlap_are_refused() -> None:
    with pytest.raises(InvalidBenchmarkError, match="overlaps with the training set: 3, 4, 5 and"):
        SplitV2(training=range(10), test=range(3, 20))


@given(small_sets, small_sets)
def test_exactly_the_disjoint_sets_with_test_rows_are_accepted(
    train: set[int], test: set[int]
) -> None:
    if test and not train & test:
        split = SplitV2(training=train, test=test)
        assert split.max_index == max(train | test)
    else:
        with pytest.raises(InvalidBenchmarkError):
            SplitV2(training=train, test=test)


def test_every_problem_is_reported_at_once() -> None:
    with pytest.raises(InvalidBenchmarkError) as caught:
        SplitV2(training=[-1], test=[])
    assert [problem.path for problem in caught.value.problems] == ["training", "test"]


def test_a_missing_set_is_refused() -> None:
    with pytest.raises(InvalidBenchmarkError, match="test: is required"):
        SplitV2(training=[1])  # type: ignore[call-arg]


def test_it_cannot_be_changed() -> None:
    split = SplitV2(training=[0], test=[1])
    with pytest.raises(AttributeError):
        split.test = IndexSet([0])  # type: ignore[misc]


def test_a_single_split_gets_a_label() -> None:
    split = SplitV2(training=[0], test=[1])
    assert parse_splits(split) == {"test": split}
    assert parse_splits({"training": [0], "test": [1]}) == {"test": split}
    assert parse_splits({"training": IndexSet([0]), "test": {"indices": [1]}}) == {"test": split}


@pytest.mark.parametrize("pair", [tuple, list])
def test_a_split_may_be_a_pair(pair: type) -> None:
    expected = SplitV2(training=[0, 1], test=[2])
    assert parse_splits(pair([[0, 1], [2]])) == {"test": expected}
    assert parse_splits({"random": pair([range(2), {2}])}) == {"random": expected}


def test_labels_may_be_the_names_of_the_sets() -> None:
    split = SplitV2(training=[0], test=[1])
    both = {"training": split, "test": split}
    assert parse_splits(both) == both
    nested = {label: {"training": [0], "test": [1]} for label in ("training", "test")}
    assert parse_splits(nested) == both


def test_splits_keep_their_order() -> None:
    given_order = {label: {"training": [], "test": [1]} for label in ("zeta", "alpha", "mid")}
    assert list(parse_splits(given_order)) == ["zeta", "alpha", "mid"]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({}, "at least one split must be specified"),
        (None, "must map labels to splits, not NoneType"),
        ([[0], [1], [2]], "must map labels to splits, not list"),
        ([0, 1], "must map labels to splits, not list"),
        ({"a": [0, 1]}, "a: must be a split, not list"),
        ({3: SplitV2([0], [1])}, "3 is no label"),
        ({"": SplitV2([0], [1])}, "no label"),
        ({"a": {"test": [1]}}, r"a\.training: is required"),
    ],
    ids=str,
)
def test_what_is_no_collection_of_splits_is_refused(wrong: Any, message: str) -> None:
    with pytest.raises(InvalidBenchmarkError, match=message):
        parse_splits(wrong)


def test_problems_name_split_and_set() -> None:
    with pytest.raises(InvalidBenchmarkError) as caught:
        parse_splits({"a": {"training": [1, 1], "test": [2]}, "b": {"training": [1], "test": [1]}})
    assert [problem.path for problem in caught.value.problems] == ["a.training", "b.test"]


def test_its_text_stays_short() -> None:
    assert len(repr(SplitV2(training=range(10**6), test=range(10**6, 10**7)))) < 200
