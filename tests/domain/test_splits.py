"""Splits into a training set and test sets."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polaris.domain.splits import SplitV1, parse_split
from polaris.errors import InvalidBenchmarkError
from polaris.message_text import presentable

indices = st.lists(st.integers(-1, 12), max_size=8)
named = st.dictionaries(st.text(max_size=3), indices, max_size=3)


def _problems(split: Any) -> list[tuple[str, str]]:
    with pytest.raises(InvalidBenchmarkError) as caught:
        parse_split(split)
    return [(problem.path, problem.message) for problem in caught.value.problems]


def _naive_problems(train: list[int], tests: dict[str, list[int]]) -> set[tuple[str, str]]:
    """What is wrong with a split, by the definitions and without any regard to speed."""
    found = set() if tests else {("test", "no test set")}
    # Errors show names on one line.
    named = ((presentable(f"test.{name}"), part) for name, part in tests.items())
    for path, part in [("train", train), *named]:
        if any(index < 0 for index in part):
            found.add((path, "negative"))
        if len(set(part)) < len(part):
            found.add((path, "duplicates"))
        if path != "train" and not part:
            found.add((path, "empty"))
        if path != "train" and set(part) & set(train):
            found.add((path, "overlaps"))
    return found


@given(train=indices, tests=named)
def test_a_split_is_refused_for_exactly_the_reasons_that_a_naive_check_finds(
    train: list[int], tests: dict[str, list[int]]
) -> None:
    kinds = ("no test set", "negative", "duplicates", "empty", "overlaps")
    try:
        split = parse_split((train, tests))
    except InvalidBenchmarkError as error:
        reported = {
            (problem.path, kind)
            for problem in error.problems
            for kind in kinds
            if kind in problem.message
        }
    else:
        reported = set()
        assert split.as_lists() == [train, tests]
    assert reported == _naive_problems(train, tests)


@pytest.mark.parametrize("pair", [tuple, list])
def test_a_plain_test_set_is_named_test(pair: type) -> None:
    split = parse_split(pair([[0, 1], [2]]))
    assert split.as_lists() == [[0, 1], {"test": [2]}]


def test_a_split_unpacks_and_indexes_like_the_pair_it_was_written_as() -> None:
    split = parse_split(([0, 1], {"iid": [2], "ood": [3]}))
    train, tests = split
    assert train is split[0]
    assert tests is split[1]
    assert len(split) == 2
    assert {name: part.tolist() for name, part in tests.items()} == {"iid": [2], "ood": [3]}


def test_numpy_arrays_and_texts_are_accepted_as_parts() -> None:
    split = parse_split((np.array([1, 0]), {"a": ["3"], "b": np.array([2.0])}))
    assert split.as_lists() == [[1, 0], {"a": [3], "b": [2]}]


def test_a_two_row_array_is_a_pair() -> None:
    assert parse_split(np.array([[0, 1], [2, 3]])).as_lists() == [[0, 1], {"test": [2, 3]}]


def test_unused_indices_and_an_empty_training_set_are_fine() -> None:
    assert parse_split(([], [5, 9])).as_lists() == [[], {"test": [5, 9]}]


def test_two_test_sets_may_share_an_index() -> None:
    assert len(parse_split(([0], {"a": [1, 2], "b": [2]})).tests) == 2


@pytest.mark.parametrize(
    ("split", "path", "message"),
    [
        (([0],), "", "must be a pair of training and test indices, not 1 parts"),
        (([0], [1], [2]), "", "must be a pair of training and test indices, not 3 parts"),
        ("ab", "", "must be a pair of training and test indices, not str"),
        (None, "", "must be a pair of training and test indices, not NoneType"),
        ({"train": [0], "test": [1]}, "", "must be a pair of training and test indices, not dict"),
        (np.array(1), "", "must be a pair of training and test indices, not ndarray"),
        (([0], []), "test.test", "is empty"),
        (([0], {"a": [1], "b": []}), "test.b", "is empty"),
        (([0], {}), "test", "has no test set"),
        (([0, 1], [1, 2]), "test.test", "overlaps with the training set: 1"),
        (([0], {"a": [1], "b": [0]}), "test.b", "overlaps with the training set: 0"),
        (([0, 0], [1]), "train", "has duplicates: 0"),
        (([0], [1, 1]), "test.test", "has duplicates: 1"),
        (([0], {"a": [2], "b": [1, 1]}), "test.b", "has duplicates: 1"),
        (([-1], [1]), "train", "has negative indices: -1"),
        (([0], [-1]), "test.test", "has negative indices: -1"),
        (([0.5], [1]), "train", "must hold whole numbers only, not 0.5"),
        (([0], {7: [1]}), "test.7", "is named by int, not by a text"),
        ((5, [1]), "train", "must be a list of indices, not int"),
    ],
)
def test_a_bad_split_is_refused_with_its_place_and_reason(
    split: Any, path: str, message: str
) -> None:
    assert _problems(split) == [(path, message)]


def test_all_problems_of_all_sets_are_reported_together() -> None:
    split = ([0, 0, -1], {"a": [], "b": [0, 5, 5], "c": ["x"]})
    assert [path for path, _ in _problems(split)] == [
        "train",
        "train",
        "test.a",
        "test.b",
        "test.b",
        "test.c",
    ]


def test_a_long_list_of_culprits_is_cut_short() -> None:
    assert _problems((range(100), range(100))) == [
        ("test.test", "overlaps with the training set: 0, 1, 2 and 97 more")
    ]


def test_an_absurdly_large_index_needs_no_memory_of_its_size() -> None:
    split = parse_split(([0, 10**15], [10**15 + 1]))
    assert split.tests["test"].tolist() == [10**15 + 1]


def test_the_constructor_checks_like_the_parser() -> None:
    with pytest.raises(InvalidBenchmarkError):
        SplitV1(np.array([0]), {"test": np.array([0])})
    assert SplitV1(np.array([0]), {"test": np.array([1])}) == ([0], [1])


def test_the_sets_cannot_be_changed_afterwards() -> None:
    split = parse_split(([0, 1], [2]))
    with pytest.raises(ValueError, match="read-only"):
        split.train[0] = 2


def test_equality_is_by_content_and_order_of_the_indices() -> None:
    split = parse_split(([0, 1], {"b": [2], "a": [3]}))
    assert split == parse_split(([0, 1], {"a": [3], "b": [2]}))
    assert split == ([0, 1], {"a": [3], "b": [2]})
    assert split != ([1, 0], {"a": [3], "b": [2]})
    assert split != ([0, 1], {"a": [2], "b": [3]})
    assert split != "no split"


def test_a_parsed_split_is_not_parsed_again() -> None:
    split = parse_split(([0], [1]))
    assert parse_split(split) is split


def test_copies_and_pickles_hold_the_same_split() -> None:
    split = parse_split(([0], {"a": [1]}))
    assert copy.deepcopy(split) == split
    assert pickle.loads(pickle.dumps(split)) == split


def test_the_json_form_round_trips_in_the_given_order() -> None:
    text = json.dumps(parse_split(([3, 1], {"z": [2], "a": [0]})).as_lists())
    assert text == '[[3, 1], {"z": [2], "a": [0]}]'
    assert parse_split(json.loads(text)) == ([3, 1], {"z": [2], "a": [0]})


def test_the_repr_stays_small_however_many_indices_there_are() -> None:
    split = parse_split((range(100_000), {"test": range(100_000, 100_010)}))
    assert repr(split) == "SplitV1(train=100000, tests={'test': 10})"
