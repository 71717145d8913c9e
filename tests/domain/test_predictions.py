"""Predictions in every accepted shape."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polaris.domain.predictions import BenchmarkPredictions
from polaris.errors import InvalidInputError, InvalidPredictionsError

A3, A2 = [1.0, 2.0, 3.0], [4.0, 5.0]


def _predictions(predictions: Any, targets: Any, sizes: dict[str, int]) -> BenchmarkPredictions:
    return BenchmarkPredictions(
        predictions=predictions,
        target_labels=targets,
        test_set_labels=list(sizes),
        test_set_sizes=sizes,
    )


def _lists(predictions: BenchmarkPredictions) -> dict[str, dict[str, list[Any]]]:
    found = predictions.model_dump()["predictions"]
    assert isinstance(found, dict)
    return found


def _problems(predictions: Any, targets: Any, sizes: dict[str, int]) -> list[tuple[str, str]]:
    with pytest.raises(InvalidPredictionsError) as caught:
        _predictions(predictions, targets, sizes)
    return [(problem.path, problem.message) for problem in caught.value.problems]


# -- accepted shapes ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_", "targets", "sizes", "nested"),
    [
        (A3, ["y"], {"test": 3}, {"test": {"y": A3}}),
        ({"test": {"y": A3}}, ["y"], {"test": 3}, {"test": {"y": A3}}),
        ({"a": A3, "b": A2}, ["y"], {"a": 3, "b": 2}, {"a": {"y": A3}, "b": {"y": A2}}),
        (
            {"a": {"y": A3}, "b": {"y": A2}},
            ["y"],
            {"a": 3, "b": 2},
            {"a": {"y": A3}, "b": {"y": A2}},
        ),
        ({"y": A3, "z": A3}, ["y", "z"], {"test": 3}, {"test": {"y": A3, "z": A3}}),
        ({"test": {"z": A3, "y": A3}}, ["y", "z"], {"test": 3}, {"test": {"z": A3, "y": A3}}),
        (
            {"a": {"y": A3, "z": A3}, "b": {"y": A2, "z": A2}},
            ["y", "z"],
            {"a": 3, "b": 2},
            {"a": {"y": A3, "z": A3}, "b": {"y": A2, "z": A2}},
        ),
    ],
    ids=[
        "one target, one test set",
        "the same in full",
        "one target, several test sets",
        "the same in full",
        "several targets, one test set",
        "the same in full",
        "several targets, several test sets",
    ],
)
def test_every_accepted_shape_becomes_the_nested_one(
    given_: Any, targets: Any, sizes: dict[str, int], nested: Any
) -> None:
    predictions = _predictions(given_, targets, sizes)
    assert _lists(predictions) == nested
    for by_target in predictions.predictions.values():
        assert all(isinstance(array, np.ndarray) for array in by_target.values())


@pytest.mark.parametrize(
    "written",
    [A3, tuple(A3), np.array(A3), pd.Series(A3, index=[7, 8, 9]), np.array(A3, dtype=np.float32)],
    ids=lambda written: type(written).__name__,
)
def test_an_array_may_be_any_sequence(written: Any) -> None:
    assert _lists(_predictions(written, ["y"], {"test": 3})) == {"test": {"y": A3}}


def test_arrays_keep_their_type_and_texts_become_objects() -> None:
    for values in (
        np.array([1, 2], np.int8),
        np.array([True, False]),
        np.array([0.5, 1], np.float32),
    ):
        kept = _predictions(values, ["y"], {"test": 2}).flatten()
        assert kept.dtype == values.dtype
    texts = _predictions(["CC", "CCO"], ["y"], {"test": 2}).flatten()
    assert texts.dtype == object
    assert texts.tolist() == ["CC", "CCO"]


def test_a_matrix_of_scores_has_a_row_a_prediction() -> None:
    scores = [[0.2, 0.8], [0.5, 0.5], [1.0, 0.0]]
    assert _predictions(scores, ["y"], {"test": 3}).flatten().shape == (3, 2)


# -- refused shapes -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_", "targets", "sizes"),
    [
        (A3, ["y"], {"a": 3, "b": 3}),
        (A3, ["y", "z"], {"test": 3}),
        ({"y": A3}, ["y"], {"a": 3, "b": 3}),
        ({"a": A3}, ["y"], {"a": 3, "b": 3}),
        ({"a": {"y": A3}}, ["y"], {"a": 3, "b": 3}),
        ({"a": {"y": A3}, "b": A3}, ["y"], {"a": 3, "b": 3}),
        ({"test": "CCO"}, ["y"], {"test": 3}),
        ({"test": {"y": "CCO"}}, ["y"], {"test": 3}),
        ({"test": {"wrong": A3}}, ["y"], {"test": 3}),
        ({"wrong": {"y": A3}}, ["y"], {"test": 3}),
        ({"y": A3}, ["y"], {"test": 3}),
        ({"test": A3}, ["y"], {"test": 3}),
        ({"y": A3, "z": A3, "x": A3}, ["y", "z"], {"test": 3}),
        ({"a": A3, "b": A3, "c": A3}, ["y"], {"a": 3, "b": 3}),
        ({"test": {"y": A3, "z": A3}}, ["y"], {"test": 3}),
        ({"test": {"y": {"deep": A3}}}, ["y"], {"test": 3}),
        (A2, ["y"], {"test": 3}),
        ({}, ["y"], {"test": 3}),
        (None, ["y"], {"test": 3}),
        (5, ["y"], {"test": 3}),
        (np.array(5.0), ["y"], {"test": 1}),
        ("CCO", ["y"], {"test": 3}),
        ([[1], [1, 2], [3]], ["y"], {"test": 3}),
        ({1.0, 2.0, 3.0}, ["y"], {"test": 3}),
    ],
)
def test_every_other_shape_is_refused(given_: Any, targets: Any, sizes: dict[str, int]) -> None:
    found = _problems(given_, targets, sizes)
    assert all(path.startswith("predictions") for path, _ in found)


def test_the_expected_shape_is_shown_where_there_is_another() -> None:
    [(path, message)] = _problems(A3, ["y"], {"a": 3, "b": 3})
    assert path == "predictions"
    assert (
        message
        == "do not have the shape {test set: array} for ['a', 'b'], or {test set: {target: array}}"
    )


def test_all_missing_extra_and_short_parts_are_reported_together() -> None:
    given_ = {"a": {"y": A2, "x": A3}, "c": {"y": A3, "z": A3}}
    found = _problems(given_, ["y", "z"], {"a": 3, "b": 3})
    assert found == [
        ("predictions", "'c' is not one: the test sets are ['a', 'b']"),
        ("predictions", "'b' is missing: the test sets are ['a', 'b']"),
        ("predictions.a", "'x' is not one: the targets are ['y', 'z']"),
        ("predictions.a", "'z' is missing: the targets are ['y', 'z']"),
        ("predictions.a.y", "Predictions size mismatch: there are 2 for 3 rows"),
    ]


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"target_labels": ["y", "y"]}, "target_labels"),
        ({"target_labels": "y"}, "target_labels"),
        ({"target_labels": None}, "target_labels"),
        ({"test_set_labels": ["test", "test"]}, "test_set_labels"),
        ({"test_set_sizes": {"other": 3}}, "test_set_sizes"),
        ({"test_set_sizes": [3]}, "test_set_sizes"),
        ({"test_set_sizes": {"test": "many"}}, "test_set_sizes.test"),
        ({"test_set_sizes": {"test": None}}, "test_set_sizes.test"),
    ],
)
def test_bad_labels_and_sizes_are_refused(fields: dict[str, Any], path: str) -> None:
    given_ = {
        "predictions": A3,
        "target_labels": ["y"],
        "test_set_labels": ["test"],
        "test_set_sizes": {"test": 3},
    }
    with pytest.raises(InvalidPredictionsError) as caught:
        BenchmarkPredictions(**(given_ | fields))
    assert path in [problem.path for problem in caught.value.problems]


# -- parts --------------------------------------------------------------------------------------


@pytest.fixture
def several() -> BenchmarkPredictions:
    return _predictions(
        {"a": {"y": A3, "z": A3}, "b": {"y": A2, "z": A2}}, ["y", "z"], {"a": 3, "b": 2}
    )


@pytest.mark.parametrize(
    ("tests", "targets", "size"),
    [
        (None, None, 10),
        (["a"], None, 6),
        (["b"], None, 4),
        (None, ["y"], 5),
        (None, ["z"], 5),
        (["a"], ["z"], 3),
    ],
)
def test_the_size_counts_the_chosen_predictions(
    several: BenchmarkPredictions, tests: Any, targets: Any, size: int
) -> None:
    assert several.get_size(tests, targets) == size
    assert len(several.get_subset(tests, targets)) == size


def test_the_length_counts_all_predictions(several: BenchmarkPredictions) -> None:
    assert len(several) == 10
    assert repr(several) == "BenchmarkPredictions({'a': 3, 'b': 2}, targets ['y', 'z'])"


def test_a_part_has_only_what_was_asked_for(several: BenchmarkPredictions) -> None:
    part = several.get_subset(["b"], ["z"])
    assert _lists(part) == {"b": {"z": A2}}
    assert (part.test_set_sizes, part.target_labels) == ({"b": 2}, ["z"])
    assert part.flatten().tolist() == A2


@pytest.mark.parametrize(("tests", "targets"), [([], None), (None, [])])
def test_choosing_nothing_is_refused(
    several: BenchmarkPredictions, tests: Any, targets: Any
) -> None:
    with pytest.raises(InvalidPredictionsError, match="No predictions are chosen"):
        several.get_subset(tests, targets)


@pytest.mark.parametrize(("tests", "targets"), [(["c"], None), (None, ["x"]), (["a"], ["a"])])
def test_an_unknown_part_is_refused(
    several: BenchmarkPredictions, tests: Any, targets: Any
) -> None:
    with pytest.raises(InvalidPredictionsError) as caught:
        several.get_size(tests, targets)
    assert "['a', 'b']" in caught.value.hint


@pytest.mark.parametrize(("tests", "targets"), [(None, None), (["a"], None), (None, ["y"])])
def test_several_arrays_make_no_single_one(
    several: BenchmarkPredictions, tests: Any, targets: Any
) -> None:  # W14
    with pytest.raises(InvalidPredictionsError, match="no single array"):
        several.get_subset(tests, targets).flatten()


def test_a_refused_assignment_leaves_predictions_as_they_were(
    several: BenchmarkPredictions,
) -> None:
    before = _lists(several)
    with pytest.raises(InvalidInputError):
        several.predictions = "CCO"
    assert _lists(several) == before


labels = st.lists(st.text(min_size=1, max_size=3), min_size=1, max_size=3, unique=True)


@given(labels, labels, st.data())
def test_a_dump_makes_the_same_predictions_again(
    targets: list[str], tests: list[str], data: st.DataObject
) -> None:
    sizes = {test: data.draw(st.integers(0, 4)) for test in tests}
    nested = {
        test: {target: [float(n) for n in range(size)] for target in targets}
        for test, size in sizes.items()
    }
    predictions = _predictions(nested, targets, sizes)
    dump = predictions.model_dump()
    assert dump["predictions"] == nested
    assert BenchmarkPredictions(**dump).model_dump() == dump
