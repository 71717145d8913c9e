"""Metrics that are computed group by group."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polaris.domain.benchmark_v1 import BenchmarkV1Specification
from polaris.domain.dataset_v1 import DatasetV1
from polaris.domain.metrics.metric import Metric
from polaris.domain.predictions import BenchmarkPredictions
from polaris.domain.subset import Subset
from polaris.errors import InvalidDatasetError, InvalidPredictionsError


def _grouped(label: str, **config: Any) -> Metric:
    return Metric(label, config={"group_by": "g"} | config)


def _score(
    metric: Metric, groups: list[Any], true: list[Any], judged: list[Any], **more: Any
) -> float:
    return metric.score_arrays(
        np.array(true), np.array(judged), groups=np.array(groups, dtype=object), **more
    )


def test_groups_count_the_same_whatever_their_size() -> None:
    assert _score(_grouped("accuracy"), ["a", "b", "b"], [1, 1, 0], [1, 0, 1]) == 0.5


def test_the_score_is_the_mean_or_the_median_of_the_groups() -> None:
    groups, true, judged = ["a", "b", "c"], [1.0, 1.0, 1.0], [1.0, 2.0, 9.0]
    assert _score(_grouped("mean_absolute_error"), groups, true, judged) == 3
    median = _grouped("mean_absolute_error", aggregation="median")
    assert _score(median, groups, true, judged) == 1


def test_groups_need_not_lie_together() -> None:
    together = _score(
        _grouped("mean_squared_error"), list("aabbb"), [1, 2, 3, 4, 5], [1, 3, 3, 3, 9]
    )
    apart = _score(_grouped("mean_squared_error"), list("babab"), [3, 1, 4, 2, 5], [3, 1, 3, 3, 9])
    assert together == apart


@pytest.mark.parametrize("missing", [None, np.nan])
def test_rows_without_group_are_left_out(missing: Any) -> None:
    metric = _grouped("mean_absolute_error")
    assert _score(metric, ["a", missing, "b"], [1.0, 1.0, 1.0], [2.0, 99.0, 2.0]) == 1


def test_rows_without_truth_are_left_out_of_their_group() -> None:
    metric = _grouped("mean_absolute_error")
    assert _score(metric, ["a", "a", "b"], [1.0, np.nan, 1.0], [2.0, 99.0, 2.0]) == 1


ARGUMENTS: tuple[list[Any], list[Any], list[Any]] = (
    ["a", "a", "b", "b"],
    [0, 0, 0, 1],
    [0.1, 0.2, 0.3, 0.4],
)


def _pr_auc(**config: Any) -> float:
    groups, true, scores = ARGUMENTS
    return _grouped("pr_auc", **config).score_arrays(
        np.array(true), None, np.array(scores), groups=np.array(groups)
    )


def test_a_group_without_score_is_an_error_is_ignored_or_gets_the_default() -> None:
    with pytest.raises(InvalidPredictionsError, match="pr_auc"):
        _pr_auc()
    assert _pr_auc(on_error="ignore") == 1
    assert _pr_auc(on_error="default", default=0.5) == 0.75


def test_nothing_is_left_where_every_group_is_ignored() -> None:
    found = _grouped("pr_auc", on_error="ignore").score_arrays(
        np.zeros(2), None, np.array([0.1, 0.2]), groups=np.array(["a", "b"])
    )
    assert math.isnan(found)


def test_a_matrix_of_scores_is_grouped_by_its_rows() -> None:
    true = np.array([0, 1, 2, 0, 1, 2])
    scores = np.eye(3)[true]
    found = _grouped("roc_auc_ovr").score_arrays(
        true, None, scores, groups=np.array(list("aaabbb"))
    )
    assert found == 1


def test_arrays_alone_do_not_tell_the_groups() -> None:
    with pytest.raises(InvalidPredictionsError, match="grouped by 'g'"):
        _grouped("r2")([1.0, 2.0], [1.0, 2.0])


@pytest.mark.parametrize(("true", "judged", "groups"), [(3, 2, 3), (2, 3, 2), (3, 3, 2)])
def test_lengths_that_differ_are_refused(true: int, judged: int, groups: int) -> None:
    with pytest.raises(InvalidPredictionsError):
        _grouped("mean_absolute_error").score_arrays(
            np.ones(true), np.ones(judged), groups=np.array(list("aab"[:groups]))
        )


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.floats(-10, 10), st.floats(-10, 10)),
        min_size=1,
        max_size=30,
    )
)
def test_a_grouped_score_is_the_mean_over_a_groupby(rows: list[tuple[str, float, float]]) -> None:
    table = pd.DataFrame(rows, columns=["g", "t", "p"])
    means = (table["t"] - table["p"]).abs().groupby(table["g"]).mean()
    found = _score(
        _grouped("mean_absolute_error"),
        table["g"].tolist(),
        table["t"].tolist(),
        table["p"].tolist(),
    )
    assert found == pytest.approx(float(means.mean()))


# -- on subsets ---------------------------------------------------------------------------------


@pytest.fixture
def truth() -> Subset:
    table = pd.DataFrame({"x": range(4), "y": [1, 1, 0, 0], "g": ["-", "a", "b", "b"]})
    return Subset(DatasetV1(table=table), [1, 2, 3], "x", "y")


def _predictions(values: list[Any]) -> BenchmarkPredictions:
    return BenchmarkPredictions(
        predictions=values,
        target_labels=["y"],
        test_set_labels=["test"],
        test_set_sizes={"test": len(values)},
    )


def test_a_subset_brings_the_groups_along(truth: Subset) -> None:
    metric = _grouped("accuracy")
    assert metric(truth, _predictions([1, 1, 1])) == 0.5
    assert metric.score(truth, y_pred=[1, 1, 1]) == 0.5


def test_an_ungrouped_metric_reads_its_truth_from_a_subset(truth: Subset) -> None:
    assert Metric("accuracy")(truth, _predictions([1, 1, 0])) == pytest.approx(2 / 3)


def test_a_subset_without_the_grouping_column_is_refused(truth: Subset) -> None:
    metric = Metric("accuracy", config={"group_by": "gone"})
    with pytest.raises(InvalidDatasetError, match="gone"):
        metric(truth, _predictions([1, 1, 1]))


def test_a_metric_may_be_grouped_by_the_target_itself(truth: Subset) -> None:
    metric = Metric("accuracy", config={"group_by": "y"})
    assert metric(truth, _predictions([1, 1, 0])) == 0.75


def test_a_benchmark_evaluates_grouped_metrics_under_their_names(
    make_benchmark: Callable[..., BenchmarkV1Specification],
) -> None:
    config = {"group_by": "series"}
    benchmark = make_benchmark(
        split=([0], [1, 2, 3]),
        metrics=[
            {"label": "mean_absolute_error", "config": config},
            {"label": "mean_squared_error", "config": config, "name": "by_series"},
        ],
    )
    found = benchmark.evaluate([2.5, 2.5, 5.5]).results.set_index("Metric")["Score"]
    assert found.to_dict() == {"mean_absolute_error_grouped": 1.0, "by_series": 1.5}
