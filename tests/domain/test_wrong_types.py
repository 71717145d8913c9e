"""Values of the wrong type in any field: always an error of the library, never one of another."""

from __future__ import annotations

import datetime
from typing import Any

import attrs
import numpy as np
import pandas as pd
import pytest

from polaris.domain.benchmark_v1 import SingleTaskBenchmarkSpecification
from polaris.domain.dataset_v1 import DatasetV1
from polaris.domain.fields import UnknownFieldWarning
from polaris.domain.metrics.metric import Metric
from polaris.domain.results import BenchmarkResultsV1
from polaris.errors import InvalidInputError, InvalidPredictionsError

TABLE = pd.DataFrame({"x": list("abcd"), "y": [1.0, 2.0, 3.0, 4.0]})
SCORES = [{"test_set": "test", "target_label": "y", "scores": {"r2": 0.5}}]
GOOD: dict[type, dict[str, Any]] = {
    DatasetV1: {"table": TABLE},
    SingleTaskBenchmarkSpecification: {
        "dataset": DatasetV1(table=TABLE), "input_cols": "x", "target_cols": "y",
        "split": ([0, 1], [2, 3]), "metrics": "r2",
    },
    BenchmarkResultsV1: {"results": SCORES},
}  # fmt: skip
WRONG = [
    5, [], {}, "\ud800", object(), float("nan"), [None], {1: 2}, {"x": 5}, b"x", (None, [1]),
    np.array([1, 2]), pd.DataFrame(), ([0.5], [1]), (["a"], ["b"]), ([10**30], [1]), ([0], "12"),
]  # fmt: skip


def _fields(cls: type) -> list[str]:
    return [field.alias or field.name for field in attrs.fields(cls) if field.init]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("cls", "field"), [(cls, field) for cls in GOOD for field in _fields(cls)])
def test_a_field_takes_a_value_or_refuses_it_in_our_words(cls: type, field: str) -> None:
    refused: list[InvalidInputError] = []
    for value in WRONG:
        try:
            cls(**GOOD[cls] | {field: value})
        except InvalidInputError as error:
            refused.append(error)
    assert refused
    assert all(error.problems for error in refused)


def test_keys_that_are_no_texts_are_told_as_unknown_fields() -> None:
    with (
        pytest.warns(UnknownFieldWarning, match="no field '1'"),
        pytest.raises(InvalidInputError, match=r"owner\.slug: is required|slug: is required"),
    ):
        DatasetV1(**GOOD[DatasetV1] | {"owner": {1: 2}})


@pytest.mark.parametrize(
    "cells", [[None, 1.0], ["1", "2"], [b"1", 2], [10**400, 1], [datetime.datetime.max, 1], [{}, 1]]
)
@pytest.mark.parametrize("label", ["pearsonr", "mean_absolute_error", "r2"])
def test_predictions_that_are_no_numbers_are_refused_in_our_words(
    label: str, cells: list[Any]
) -> None:
    with pytest.raises(InvalidPredictionsError, match="some predictions are not numbers"):
        Metric(label)([1.0, 2.0], np.array(cells, dtype=object))


def test_numbers_among_objects_are_numbers() -> None:
    predictions = np.array([True, np.float32(3.0)], dtype=object)
    assert Metric("mean_absolute_error")([1.0, 2.0], predictions) == 0.5
