"""Scoring predictions on a benchmark."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.metrics import mean_absolute_error, roc_auc_score

from polaris.domain.benchmark_v1 import BenchmarkV1Specification
from polaris.domain.dataset_v1 import DatasetV1
from polaris.domain.evaluation import RESULTS_COLUMNS, evaluate_benchmark
from polaris.domain.metrics.metric import Metric
from polaris.domain.predictions import BenchmarkPredictions
from polaris.domain.subset import Subset
from polaris.errors import InvalidPredictionsError

Make = Callable[..., BenchmarkV1Specification]

ROWS = 60
RNG = np.random.default_rng(3)
X = RNG.random((ROWS, 3))
TABLE = pd.DataFrame(
    {
        "a": X[:, 0],
        "b": X[:, 1],
        "value": X @ [1.0, 2.0, 3.0] + 1,
        "other": X @ [3.0, -1.0, 0.5] + 2,
        "binary": (X[:, 0] > 0.5).astype(int),
        "second": (X[:, 1] > 0.4).astype(int),
        "multi": np.digitize(X[:, 2], [0.33, 0.66]),
    }
)
TRAIN, TEST = list(range(40)), list(range(40, 60))
REGRESSION = [
    "mean_absolute_error",
    "mean_squared_error",
    "r2",
    "pearsonr",
    "spearmanr",
    "explained_var",
    "absolute_average_fold_error",
]


def _benchmark(targets: Any, metrics: Any, split: Any = (TRAIN, TEST), **more: Any) -> Any:
    return BenchmarkV1Specification(
        dataset=DatasetV1(table=more.pop("table", TABLE)),
        input_cols=["a", "b"],
        target_cols=targets,
        split=split,
        metrics=metrics,
        name="task_one",
        owner="acme",
    )


def _features(subset: Subset) -> Any:
    x = subset.X
    assert isinstance(x, dict)
    return np.column_stack([x["a"], x["b"]])


@pytest.mark.parametrize(
    ("targets", "metrics", "given"),
    [
        ("value", REGRESSION, {"y_pred": RNG.random(20) + 1}),
        (
            ["value", "other"],
            REGRESSION,
            {"y_pred": {"value": RNG.random(20) + 1, "other": RNG.random(20) + 1}},
        ),
        (
            "binary",
            ["accuracy", "balanced_accuracy", "mcc", "cohen_kappa", "f1", "roc_auc", "pr_auc"],
            {"y_pred": RNG.integers(0, 2, 20), "y_prob": RNG.random(20)},
        ),
        (
            "multi",
            ["accuracy", "f1_macro", "f1_micro", "roc_auc_ovr", "roc_auc_ovo", "pr_auc"],
            {"y_pred": RNG.integers(0, 3, 20), "y_prob": RNG.dirichlet([1, 1, 1], 20)},
        ),
        (
            ["binary", "second"],
            ["accuracy", "roc_auc"],
            {
                "y_pred": {"binary": RNG.integers(0, 2, 20), "second": RNG.integers(0, 2, 20)},
                "y_prob": {"binary": RNG.random(20), "second": RNG.random(20)},
            },
        ),
    ],
    ids=["regression", "multi-task regression", "binary", "multiclass", "multi-task classes"],
)
def test_every_metric_is_scored_for_every_target(
    targets: Any, metrics: list[str], given: dict[str, Any]
) -> None:
    benchmark = _benchmark(targets, metrics)
    table = benchmark.evaluate(**given).results
    assert table.columns.tolist() == ["Test set", "Target label", "Metric", "Score"]
    names = [targets] if isinstance(targets, str) else targets
    expected = [("test", target, metric) for metric in metrics for target in names]
    assert list(table[RESULTS_COLUMNS[:3]].itertuples(index=False, name=None)) == expected
    assert table["Score"].notna().all()


def test_rows_come_by_test_set_then_metric_then_target_in_the_given_order() -> None:  # W5
    benchmark = _benchmark(
        ["other", "value"],
        ["r2", "mean_absolute_error"],
        split=(TRAIN, {"z": TEST[:10], "a": TEST[10:]}),
    )
    part = {"value": np.arange(10.0), "other": np.arange(10.0)}
    table = benchmark.evaluate({"a": part, "z": part}).results
    assert list(table[RESULTS_COLUMNS[:3]].itertuples(index=False, name=None)) == [
        (test, target, metric)
        for test in ("z", "a")
        for metric in ("r2", "mean_absolute_error")
        for target in ("other", "value")
    ]
    assert table.index.tolist() == list(range(8))


def test_a_plain_list_of_predictions_is_accepted() -> None:
    benchmark = _benchmark("value", "mean_absolute_error")
    _, test = benchmark.get_train_test_split()
    results = benchmark.evaluate([0.0 for _ in test])
    assert results.results["Score"][0] == pytest.approx(TABLE["value"][TEST].mean())
    assert results.benchmark_artifact_id == "acme/task-one"


def test_a_benchmark_without_name_can_be_evaluated() -> None:
    benchmark = _benchmark("value", "r2")
    benchmark.name = None
    assert benchmark.evaluate(np.zeros(20)).benchmark_artifact_id is None


def test_metrics_that_were_replaced_by_a_list_are_the_ones_that_count() -> None:
    benchmark = _benchmark("value", REGRESSION)
    benchmark.metrics = ["r2", Metric("mean_squared_error", name="mine")]
    table = benchmark.evaluate(np.ones(20)).results
    assert table["Metric"].tolist() == ["r2", "mine"]


def test_ready_made_predictions_are_accepted() -> None:
    benchmark = _benchmark("value", "r2")
    ready = BenchmarkPredictions(
        predictions=np.ones(20),
        target_labels=["value"],
        test_set_labels=["test"],
        test_set_sizes={"test": 20},
    )
    plain = benchmark.evaluate(np.ones(20)).results
    pd.testing.assert_frame_equal(benchmark.evaluate(ready).results, plain)


@pytest.mark.parametrize(
    ("target", "test", "size"),
    [("other", "test", 20), ("value", "else", 20), ("value", "test", 19)],
)
def test_ready_made_predictions_for_another_benchmark_are_refused(
    target: str, test: str, size: int
) -> None:
    foreign = BenchmarkPredictions(
        predictions=np.ones(size),
        target_labels=[target],
        test_set_labels=[test],
        test_set_sizes={test: size},
    )
    with pytest.raises(InvalidPredictionsError):
        _benchmark("value", "r2").evaluate(foreign)


@pytest.mark.parametrize(
    ("metrics", "given", "message"),
    [
        (["r2"], {}, "Neither `y_pred` nor `y_prob` is specified."),
        (["accuracy"], {"y_prob": np.ones(20)}, "Metric requires `y_pred` input."),
        (["roc_auc"], {"y_pred": np.ones(20)}, "Metric requires `y_prob` input."),
        (["accuracy", "pr_auc"], {"y_pred": np.ones(20)}, "Metric requires `y_prob` input."),
    ],
)
def test_what_a_metric_judges_has_to_be_given(
    metrics: list[str], given: dict[str, Any], message: str
) -> None:
    target = "value" if metrics == ["r2"] else "binary"
    with pytest.raises(InvalidPredictionsError) as caught:
        _benchmark(target, metrics).evaluate(**given)
    assert caught.value.message == message


@pytest.mark.parametrize(
    "given",
    [
        np.ones(19),
        {"value": np.ones(20)},
        {"test": np.ones(20)},
        [[1.0] * 20],
        "text",
        5,
        ["a"] * 20,
    ],
)
def test_predictions_of_the_wrong_shape_are_refused(given: Any) -> None:
    with pytest.raises(InvalidPredictionsError) as caught:
        _benchmark("value", "r2").evaluate(given)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("holes", [np.nan, None])
def test_rows_without_truth_are_left_out(holes: Any) -> None:
    table = TABLE.astype({"value": object}) if holes is None else TABLE.copy()
    table.loc[40:44, "value"] = holes
    benchmark = _benchmark(["value", "other"], "mean_absolute_error", table=table)
    guess = np.linspace(1, 6, 20)
    found = benchmark.evaluate({"value": guess, "other": guess}).results["Score"]
    expected = mean_absolute_error(TABLE["value"][45:60], guess[5:])
    assert found.tolist() == pytest.approx(
        [expected, mean_absolute_error(TABLE["other"][40:60], guess)]
    )


# -- whole loops with models --------------------------------------------------------------------


@pytest.mark.parametrize("split", [(TRAIN, TEST), (TRAIN, {"iid": TEST[:8], "ood": TEST[8:]})])
def test_a_regression_loop_over_one_and_several_test_sets(split: Any) -> None:
    benchmark = _benchmark("value", ["mean_absolute_error", "r2"], split=split)
    train, tests = benchmark.get_train_test_split()
    model = RandomForestRegressor(n_estimators=3, random_state=0).fit(_features(train), train.y)
    several = isinstance(tests, Mapping)
    named = tests if several else {"test": tests}
    given = {name: model.predict(_features(test)) for name, test in named.items()}
    found = benchmark.evaluate(given if several else given["test"]).results
    for name, test in named.items():
        truth = TABLE["value"].to_numpy()[test.indices]
        row = found[(found["Test set"] == name) & (found["Metric"] == "mean_absolute_error")]
        assert row["Score"].item() == pytest.approx(mean_absolute_error(truth, given[name]))


def test_a_classification_loop_with_a_column_of_probabilities() -> None:
    benchmark = _benchmark("binary", ["accuracy", "roc_auc"])
    train, test = benchmark.get_train_test_split()
    model = RandomForestClassifier(n_estimators=3, random_state=0).fit(_features(train), train.y)
    scores = model.predict_proba(_features(test))[:, 1:]
    assert scores.shape == (20, 1)
    found = benchmark.evaluate(model.predict(_features(test)), scores).results
    assert found["Score"][1] == pytest.approx(roc_auc_score(TABLE["binary"][TEST], scores[:, 0]))


def test_a_multi_task_loop_with_gaps_over_several_test_sets() -> None:
    table = TABLE.copy()
    table.loc[[0, 1, 45, 55], "value"] = np.nan
    split = (TRAIN, {"iid": TEST[:8], "ood": TEST[8:]})
    benchmark = _benchmark(["value", "other"], "mean_absolute_error", split=split, table=table)
    train, tests = benchmark.get_train_test_split()
    given: dict[str, dict[str, Any]] = {name: {} for name in tests}
    for target in ("value", "other"):
        known = ~np.isnan(train.y[target])
        model = RandomForestRegressor(n_estimators=3, random_state=0)
        model.fit(_features(train)[known], train.y[target][known])
        for name, test in tests.items():
            given[name][target] = model.predict(_features(test))
    found = benchmark.evaluate(given).results
    assert len(found) == 4
    assert (found["Score"] < 2).all()


# -- cost ---------------------------------------------------------------------------------------


def test_each_column_of_a_test_set_is_read_once_however_many_metrics_need_it(
    make_benchmark: Make, monkeypatch: pytest.MonkeyPatch
) -> None:  # W30
    reads: list[tuple[str, int]] = []
    column_values = Subset.column_values

    def noted(self: Subset, column: str) -> Any:
        reads.append((column, len(self)))
        return column_values(self, column)

    monkeypatch.setattr(Subset, "column_values", noted)
    config = {"group_by": "series"}
    benchmark = make_benchmark(
        split=([0, 1], {"p": [2, 3], "q": [4, 5]}),
        metrics=[
            "mean_absolute_error",
            "mean_squared_error",
            "explained_var",
            {"label": "mean_absolute_error", "config": config},
            {"label": "mean_squared_error", "config": config},
        ],
    )
    benchmark.evaluate({"p": [1.0, 2.0], "q": [1.0, 2.0]})
    assert sorted(reads) == [("series", 2), ("series", 2), ("y", 2), ("y", 2)]


def test_the_shared_engine_scores_subsets_directly() -> None:
    truth = Subset(DatasetV1(table=TABLE), [0, 1], "a", "value")
    table = evaluate_benchmark(
        ["value"], ["test"], {"test": 2}, [Metric("mean_absolute_error")], {"test": truth}, truth.y
    )
    assert table.to_dict("records") == [
        {"Test set": "test", "Target label": "value", "Metric": "mean_absolute_error", "Score": 0.0}
    ]
