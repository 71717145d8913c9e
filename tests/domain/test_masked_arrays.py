"""Masked values, which would be scored as if they were meant."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from polaris.domain.metrics.metric import Metric
from polaris.domain.predictions import BenchmarkPredictions
from polaris.errors import InvalidPredictionsError

ma: Any = np.ma  # Its functions have no annotations.


def _predictions(predictions: Any, rows: int = 3) -> BenchmarkPredictions:
    return BenchmarkPredictions(
        predictions=predictions,
        target_labels=["y"],
        test_set_labels=["test"],
        test_set_sizes={"test": rows},
    )


@pytest.mark.parametrize(
    "predictions",
    [
        ma.array([1.0, 2.0, 3.0], mask=[False, True, False]),
        ma.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], mask=[[0, 0], [0, 1], [0, 0]]),
        [1.0, ma.masked, 3.0],
        [ma.array([1.0]), ma.array([2.0], mask=[True]), ma.array([3.0])],
    ],
)
def test_masked_predictions_are_refused_and_named(predictions: Any) -> None:
    with pytest.raises(InvalidPredictionsError, match=r"masked values in 1 of 3 rows: \[1\]"):
        _predictions(predictions)
    with pytest.raises(InvalidPredictionsError, match=r"predictions\.test\.y: has masked values"):
        _predictions({"test": {"y": predictions}})


def test_of_many_masked_rows_the_first_are_named() -> None:
    masked = ma.array(np.zeros(1000), mask=np.arange(1000) % 2 == 1)
    with pytest.raises(InvalidPredictionsError, match="500 of 1000 rows") as caught:
        _predictions(masked, rows=1000)
    assert len(str(caught.value)) < 300
    assert "filled" in caught.value.hint


def test_a_masked_array_without_masked_values_is_an_array() -> None:
    found = _predictions(ma.array([1.0, 2.0, 3.0])).flatten()
    assert type(found) is np.ndarray
    assert found.tolist() == [1.0, 2.0, 3.0]
    assert _predictions(ma.zeros((0, 2)), rows=0).flatten().shape == (0, 2)


def test_every_wrong_array_of_a_dictionary_is_reported() -> None:
    masked = ma.array([1.0, 2.0], mask=[True, True])
    with pytest.raises(InvalidPredictionsError) as caught:
        BenchmarkPredictions(
            predictions={"a": {"y": masked, "z": 5}, "b": {"y": [1.0, 2.0], "z": masked}},
            target_labels=["y", "z"],
            test_set_labels=["a", "b"],
            test_set_sizes={"a": 2, "b": 2},
        )
    paths = [problem.path for problem in caught.value.problems]
    assert paths == ["predictions.a.y", "predictions.a.z", "predictions.b.z"]


@pytest.mark.parametrize("which", ["y_true", "y_pred"])
def test_a_metric_refuses_masked_values(which: str) -> None:
    arrays: dict[str, Any] = {"y_true": np.ones(2), "y_pred": np.ones(2)}
    arrays[which] = ma.array([1.0, 2.0], mask=[False, True])
    with pytest.raises(InvalidPredictionsError, match=f"{which}: has masked values"):
        Metric("mean_absolute_error")(**arrays)


def test_where_all_targets_are_missing_the_predictions_are_not_blamed() -> None:
    missing = np.array([np.nan, np.nan])
    with pytest.raises(InvalidPredictionsError, match="targets of all rows are missing") as caught:
        Metric("mean_absolute_error")(missing, np.ones(2))
    assert "Nothing is wrong with the predictions" in caught.value.hint
    grouped = Metric("mean_absolute_error", config={"group_by": "g", "on_error": "ignore"})
    truth, groups = np.array([1.0, np.nan]), np.array(["a", "b"])
    assert grouped.score_arrays(truth, np.zeros(2), groups=groups) == 1.0
