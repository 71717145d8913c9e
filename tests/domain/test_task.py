"""What is to be predicted, what it holds, and which metric counts most."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from polaris.domain.benchmark_v1 import BenchmarkV1Specification
from polaris.domain.column_names import parse_columns
from polaris.domain.dataset_v1 import DatasetV1
from polaris.domain.metrics.metric import Metric
from polaris.domain.metrics.parsing import parse_metrics
from polaris.domain.task_types import TargetType
from polaris.errors import InvalidBenchmarkError, InvalidInputError

Make = Callable[..., BenchmarkV1Specification]
Pointing = Callable[..., DatasetV1]

REGRESSION, CLASSES = TargetType.REGRESSION, TargetType.CLASSIFICATION


def _problems(make: Make, **fields: Any) -> list[tuple[str, str]]:
    with pytest.raises(InvalidBenchmarkError) as caught:
        make(**fields)
    return [(problem.path, problem.message) for problem in caught.value.problems]


def _of(values: Any, metrics: Any = "r2") -> BenchmarkV1Specification:
    table = pd.DataFrame({"x": range(len(values)), "t": values})
    return BenchmarkV1Specification(
        dataset=DatasetV1(table=table),
        input_cols="x",
        target_cols="t",
        split=([0], [1]),
        metrics=metrics,
    )


# -- column names -------------------------------------------------------------------------------


def test_column_names_equal_lists_in_order_and_sets_in_any() -> None:  # W5
    names = parse_columns(("b", "a"))
    assert names == ["b", "a"]
    assert names != ["a", "b"]
    assert names == {"a", "b"}
    assert names != {"a"}
    assert parse_columns({"b", "a"}) == ["a", "b"]
    assert parse_columns("a") == ["a"]


@pytest.mark.parametrize("value", [[], set(), None, 5, {"a": 1}, ["a", None]])
def test_what_names_no_columns_is_refused(value: Any) -> None:
    with pytest.raises(InvalidInputError):
        parse_columns(value)


# -- target types -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "metrics", "kind"),
    [
        ([0.5, 1.5, 2.0], "r2", REGRESSION),
        ([0.5, np.nan, 2.0], "r2", REGRESSION),
        ([0.5, np.inf], "r2", REGRESSION),
        ([0, 1, 1], "accuracy", CLASSES),
        ([0, 1, 1], "r2", REGRESSION),
        ([0.0, 1.0, np.nan], "accuracy", CLASSES),
        ([3.0, 14.0, 15.0], "mean_absolute_error", REGRESSION),
        ([True, False], "accuracy", CLASSES),
        (["yes", "no", None], "accuracy", CLASSES),
        (pd.array([1, None, 2], dtype="Int64"), "f1", CLASSES),
        (pd.array([0.5, None], dtype="Float64"), "r2", REGRESSION),
        (np.array([1, None, 0], dtype=object), "mcc", CLASSES),
    ],
)
def test_the_values_and_the_metrics_tell_what_a_target_holds(
    values: Any, metrics: str, kind: TargetType
) -> None:  # W15
    assert _of(values, metrics).target_types == {"t": kind}


@pytest.mark.parametrize("values", [[np.nan, np.nan], [None, None], [{}, {}]])
def test_a_target_whose_values_do_not_tell_is_left_out(values: Any) -> None:
    assert _of(values).target_types == {}


def test_what_is_behind_a_pointer_is_not_guessed(pointing: Pointing) -> None:
    benchmark = BenchmarkV1Specification(
        dataset=pointing(["fp#0", "fp#1"]),
        input_cols="y",
        target_cols="p",
        split=([0], [1]),
        metrics="r2",
    )
    assert benchmark.target_types == {}
    assert benchmark.n_classes == {}


def test_declared_types_are_completed_by_what_the_values_tell(make_benchmark: Make) -> None:
    benchmark = make_benchmark(
        target_cols=["y", "active"],
        target_types={"active": "regression", "y": None},
    )
    assert benchmark.target_types == {"y": REGRESSION, "active": REGRESSION}
    benchmark.target_types = {}
    assert benchmark.target_types == {"y": REGRESSION, "active": REGRESSION}


@pytest.mark.parametrize(
    ("types", "path"),
    [
        ({"smiles": "regression"}, "target_types.smiles"),
        ({"y": "colour"}, "target_types.y"),
        ({"y": 5}, "target_types.y"),
        (["regression"], "target_types"),
    ],
)
def test_bad_target_types_are_refused(make_benchmark: Make, types: Any, path: str) -> None:
    assert [found for found, _ in _problems(make_benchmark, target_types=types)] == [path]


def test_classes_are_counted_for_classification_targets_only(make_benchmark: Make) -> None:
    benchmark = make_benchmark(target_cols="series", input_cols="smiles", metrics=["accuracy"])
    assert benchmark.n_classes == {"series": 3}
    assert make_benchmark().n_classes == {}
    assert _of([0, 1, None, 1], "accuracy").n_classes == {"t": 2}


# -- metrics ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"metrics": ["accuracy"]}, "'accuracy' does not fit the regression target 'y'"),
        (
            {"target_cols": "series", "metrics": ["r2"]},
            "'r2' does not fit the classification target 'series'",
        ),
        (
            {"target_types": {"y": "docking"}, "metrics": ["r2"]},
            "'r2' does not fit the docking target 'y'",
        ),
        ({"metrics": ["rmsd_coverage"]}, "'rmsd_coverage' does not fit the regression target 'y'"),
    ],
)
def test_a_metric_that_does_not_fit_a_target_is_refused(
    make_benchmark: Make, fields: dict[str, Any], message: str
) -> None:
    assert ("metrics", message) in _problems(make_benchmark, **fields)


@pytest.mark.parametrize("metrics", ["nonsense", ["r2", "nonsense"], {"label": "nonsense"}])
def test_an_unknown_metric_is_refused_with_those_that_exist(
    make_benchmark: Make, metrics: Any
) -> None:  # W14
    with pytest.raises(InvalidBenchmarkError, match="Unknown metric label: 'nonsense'") as caught:
        make_benchmark(metrics=metrics)
    assert "mean_absolute_error" in caught.value.hint


@pytest.mark.parametrize(
    ("metrics", "message"),
    [
        (["r2", "r2"], "duplicate metrics 'r2'"),
        ([Metric("r2"), {"label": "r2", "name": "again"}], "duplicate metrics 'again'"),
        (
            [
                {"label": "r2", "config": {"group_by": "series"}},
                {"label": "r2", "config": {"group_by": "smiles"}},
            ],
            "metrics need to have unique names",
        ),
        (
            ["r2", {"label": "mean_squared_error", "name": "r2"}],
            "metrics need to have unique names",
        ),
        ([], "is empty"),
    ],
)
def test_metrics_are_distinct_and_have_distinct_names(
    make_benchmark: Make, metrics: Any, message: str
) -> None:
    [(path, found)] = _problems(make_benchmark, metrics=metrics)
    assert path == "metrics"
    assert message in found


def test_a_name_of_its_own_resolves_a_clash(make_benchmark: Make) -> None:
    by_series = {"label": "r2", "config": {"group_by": "series"}}
    by_smiles = {"label": "r2", "config": {"group_by": "smiles"}, "name": "by_smiles"}
    benchmark = make_benchmark(metrics=[by_series, by_smiles])
    assert [metric.name for metric in benchmark.metrics] == ["r2_grouped", "by_smiles"]


@pytest.mark.parametrize(
    "metrics", ["r2", Metric("r2"), {"label": "r2"}, ["r2"], ("r2",), {"r2"}, [{"label": "r2"}]]
)
def test_a_metric_may_be_written_in_many_ways(make_benchmark: Make, metrics: Any) -> None:  # W7
    assert make_benchmark(metrics=metrics).metrics == [Metric("r2")]


def test_a_given_mapping_is_not_changed(make_benchmark: Make) -> None:  # W7
    written = {"label": "r2", "config": {"group_by": "series"}}
    make_benchmark(metrics=[written])
    assert written == {"label": "r2", "config": {"group_by": "series"}}


def test_a_metric_cannot_be_grouped_by_an_unknown_column(make_benchmark: Make) -> None:
    assert _problems(make_benchmark, metrics=[{"label": "r2", "config": {"group_by": "gone"}}]) == [
        ("metrics", "the dataset has no column 'gone'")
    ]


# -- the main metric ----------------------------------------------------------------------------


def test_the_first_metric_is_the_main_one_unless_another_is_named(make_benchmark: Make) -> None:
    # W7
    assert make_benchmark().main_metric == Metric("mean_absolute_error")
    for main in ("r2", Metric("r2"), {"label": "r2"}):
        assert make_benchmark(main_metric=main).main_metric == Metric("r2")


def test_a_main_metric_is_found_by_its_own_name(make_benchmark: Make) -> None:
    metrics = [{"label": "r2", "name": "mine"}, "mean_squared_error"]
    assert make_benchmark(metrics=metrics, main_metric="mine").main_metric.label == "r2"


def test_a_main_metric_that_is_not_among_the_metrics_is_refused(make_benchmark: Make) -> None:
    with pytest.raises(InvalidBenchmarkError) as caught:
        make_benchmark(main_metric="mean_squared_error")
    [problem] = caught.value.problems
    assert problem.path == "main_metric"
    assert "mean_absolute_error, r2" in problem.hint
    assert _problems(make_benchmark, main_metric=7)[0][0] == "main_metric"


def test_new_metrics_keep_the_main_one_if_they_have_it(make_benchmark: Make) -> None:
    benchmark = make_benchmark(main_metric="r2")
    benchmark.metrics = parse_metrics(["mean_squared_error", "r2"])
    assert benchmark.main_metric == Metric("r2")
    benchmark.metrics = parse_metrics("mean_squared_error")
    assert benchmark.main_metric == Metric("mean_squared_error")


def test_refused_metrics_leave_the_main_one_chosen(make_benchmark: Make) -> None:
    benchmark = make_benchmark(main_metric="r2")
    with pytest.raises(InvalidBenchmarkError):
        benchmark.metrics = ["nonsense"]  # type: ignore[list-item]
    assert benchmark.main_metric == Metric("r2")


@pytest.mark.parametrize("value", [["a", "a"], ("b", "a", "b"), iter(["a", "a"])])
def test_a_column_that_is_named_twice_is_refused(value: Any) -> None:
    with pytest.raises(
        InvalidInputError, match=r"there are duplicate columns: \['[ab]'\]"
    ) as caught:
        parse_columns(value)
    assert "once" in caught.value.hint
