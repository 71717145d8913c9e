"""Statistics of results on a benchmark."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from polaris.domain.benchmark_v1 import BenchmarkV1Specification
from polaris.domain.dataset_v1 import DatasetV1
from polaris.domain.examples import Examples
from polaris.domain.results import BenchmarkResultsV1
from polaris.domain.statistics.of_results import (
    compare,
    confidence_interval,
    example_scores,
    smallest_detectable_difference,
)
from polaris.errors import InvalidInputError, InvalidResultError

MakeTask = Callable[..., BenchmarkV1Specification]


@pytest.fixture
def make_task() -> MakeTask:
    """Makes a benchmark of 80 rows, of which the last 60 are tested."""
    random = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "smiles": [f"C{n}" for n in range(80)],
            "y": random.normal(size=80),
            "z": random.normal(size=80),
            "batch": np.repeat([f"b{n:02}" for n in range(16)], 5),
        }
    )
    table.loc[[30, 31], "z"] = np.nan

    def make(**fields: Any) -> BenchmarkV1Specification:
        given: dict[str, Any] = {
            "dataset": DatasetV1(table=table),
            "input_cols": "smiles",
            "target_cols": "y",
            "split": (range(20), range(20, 80)),
            "metrics": ["mean_absolute_error", "r2", "pearsonr"],
        }
        return BenchmarkV1Specification(**given | fields)

    return make


def noisy(task: BenchmarkV1Specification, error: float, seed: int = 0, **more: Any) -> Any:
    """Return results of a method that errs by so much."""
    random = np.random.default_rng(seed)
    predictions = {
        test: {
            column: np.nan_to_num(task.ground_truth().column(test, column))
            + error * random.normal(size=size)
            for column in task.target_cols
        }
        for test, size in task.test_set_sizes.items()
    }
    return task.evaluate(predictions, **more)


@pytest.mark.parametrize(
    "wrong", ["results.json", None, pd.DataFrame()], ids=["text", "none", "table"]
)
def test_what_is_no_results_is_refused(make_task: MakeTask, wrong: Any) -> None:
    good = noisy(make_task(), 0.5)
    for ask in (
        lambda: confidence_interval(wrong),
        lambda: compare(good, wrong),
        lambda: example_scores(wrong, make_task()),
        lambda: smallest_detectable_difference(make_task(), [good, wrong]),
    ):
        with pytest.raises(InvalidResultError, match="is no results of a benchmark"):
            ask()
    with pytest.raises(InvalidInputError, match="two results"):
        smallest_detectable_difference(make_task(), 3)  # type: ignore[arg-type]  # Refused.


def test_an_interval_is_that_of_the_errors(
    make_task: MakeTask, scipy_confidence: Callable[..., float]
) -> None:
    task = make_task()
    results = noisy(task, 0.5)
    errors = example_scores(results)
    assert errors.columns.tolist() == ["Test set", "Target label", "Row", "Score"]
    assert errors["Row"].tolist() == list(range(60))
    level = scipy_confidence(60, errors["Score"])
    expected = stats.bootstrap((errors["Score"],), np.mean, confidence_level=level,
                               n_resamples=2000, rng=0)  # fmt: skip
    found = confidence_interval(results)
    assert found.estimate == pytest.approx(results.results["Score"][0])
    assert (found.low, found.high) == pytest.approx(tuple(expected.confidence_interval))
    assert confidence_interval(results, task) == found
    assert confidence_interval(results, metric="mean_absolute_error", method="percentile") != found


def test_each_metric_test_set_and_target_can_be_chosen(make_task: MakeTask) -> None:
    task = make_task(target_cols=["y", "z"], split=([], {"near": range(40), "far": range(40, 80)}))
    results = noisy(task, 0.5)
    scores = results.results.set_index(["Test set", "Target label", "Metric"])["Score"]
    for (test, target, metric), score in scores.items():
        found = confidence_interval(results, metric=metric, test_set=test, target=target)
        assert found.estimate == pytest.approx(score)
        assert score in found
    whole = confidence_interval(results, metric="r2")
    assert whole.estimate == pytest.approx(scores.xs("r2", level="Metric").mean())
    assert len(example_scores(results)) == 2 * 80 - 2


def test_targets_of_one_test_set_are_resampled_together(make_task: MakeTask) -> None:
    task = make_task(target_cols=["y", "z"])
    truth = task.ground_truth()
    error = np.random.default_rng(1).normal(size=60)
    same = {column: truth.column("test", column) + error for column in ("y", "z")}
    same["z"] = np.nan_to_num(same["z"])
    both = confidence_interval(task.evaluate(same))
    one = confidence_interval(task.evaluate(same), target="y")
    # Errors that are the same for both targets do not average out.
    assert both.high - both.low == pytest.approx(one.high - one.low, rel=0.1)


def test_test_sets_that_share_rows_are_resampled_together(make_task: MakeTask) -> None:
    # All of the rows of one test set are in the other as well.
    once = make_task(split=([], range(80)))
    error = np.random.default_rng(3).exponential(size=80)
    y = once.ground_truth().column("test", "y")
    both = {"all": y + error, "again": (y + error)[::-1]}
    alone = confidence_interval(once.evaluate(y + error))
    pair = make_task(split=([], {"all": range(80), "again": range(79, -1, -1)}))
    # Were they taken for different rows, errors would average out: 0.7 of the width.
    found = confidence_interval(pair.evaluate(both))
    assert (found.low, found.high) == pytest.approx((alone.low, alone.high))
    other = {test: rows + 0.2 for test, rows in both.items()}
    assert compare(pair.evaluate(both), pair.evaluate(other)).p_value == pytest.approx(
        compare(once.evaluate(y + error), once.evaluate(y + error + 0.2)).p_value
    )


def test_test_sets_that_share_groups_are_resampled_together(make_task: MakeTask) -> None:
    grouped = {"label": "mean_absolute_error", "config": {"group_by": "batch"}}
    # Two rows of each batch of five are in one test set, and three in the other.
    parts = {
        "one": [n for n in range(80) if n % 5 < 2], "other": [n for n in range(80) if n % 5 >= 2],
    }  # fmt: skip
    task = make_task(metrics=[grouped], split=([], parts))
    shifts = np.repeat(np.random.default_rng(2).exponential(size=16), 5)
    truth = task.ground_truth()
    results = task.evaluate({t: truth.column(t, "y") + shifts[parts[t]] for t in parts})
    whole = confidence_interval(results)
    one = confidence_interval(results, test_set="one")
    assert (whole.low, whole.high) == pytest.approx((one.low, one.high))


def test_grouped_metrics_resample_groups(
    make_task: MakeTask, scipy_confidence: Callable[..., float]
) -> None:
    grouped = {"label": "mean_absolute_error", "config": {"group_by": "batch"}}
    task = make_task(metrics=["mean_absolute_error", grouped])
    truth = task.ground_truth().column("test", "y")
    # All rows of a batch are off by the same.
    shifts = np.repeat(np.random.default_rng(2).exponential(size=12), 5)
    results = task.evaluate(truth + shifts)
    by_row = confidence_interval(results)
    by_group = confidence_interval(results, metric="mean_absolute_error_grouped")
    assert by_group.estimate == pytest.approx(by_row.estimate)
    level = scipy_confidence(12, shifts[::5])
    expected = stats.bootstrap((shifts[::5],), np.mean, confidence_level=level,
                               n_resamples=2000, rng=0)  # fmt: skip
    assert (by_group.low, by_group.high) == pytest.approx(tuple(expected.confidence_interval))
    assert by_group.high - by_group.low > 1.5 * (by_row.high - by_row.low)


def test_two_results_are_compared_row_by_row(
    make_task: MakeTask, scipy_confidence: Callable[..., float]
) -> None:
    task = make_task()
    good, poor = noisy(task, 0.3), noisy(task, 0.8, seed=1)
    found = compare(good, poor)
    assert (found.better, found.metric) == ("first", "mean_absolute_error")
    errors = example_scores(poor)["Score"] - example_scores(good)["Score"]
    assert found.advantage.estimate == pytest.approx(errors.mean())
    level = scipy_confidence(60, errors)
    expected = stats.bootstrap((errors,), np.mean, confidence_level=level, n_resamples=2000, rng=0)
    low, high = expected.confidence_interval
    assert (found.advantage.low, found.advantage.high) == pytest.approx((low, high))
    assert compare(good, poor, task, metric="pearsonr").better == "first"
    assert compare(good, noisy(task, 0.3, seed=2)).better is None


def test_the_detectable_difference_comes_from_the_pairs(make_task: MakeTask) -> None:
    task = make_task()
    results = [noisy(task, 0.5, seed) for seed in range(3)]
    found = smallest_detectable_difference(task, results)
    assert found.n_units == 60
    errors = [example_scores(one)["Score"] for one in results]
    pairs = [errors[0] - errors[1], errors[0] - errors[2], errors[1] - errors[2]]
    expected = np.median([pair.std() / np.sqrt(60) for pair in pairs])
    assert found.standard_error == pytest.approx(expected, rel=0.05)
    assert smallest_detectable_difference(None, results) == found
    stricter = smallest_detectable_difference(task, results, alpha=0.01, power=0.9)
    assert float(stricter) > float(found)
    for too_few in ([], results[:1]):
        with pytest.raises(InvalidInputError, match="at least two results"):
            smallest_detectable_difference(task, too_few)


def test_predictions_are_kept_as_they_were(make_task: MakeTask) -> None:
    task = make_task()
    predictions = task.ground_truth().column("test", "y") + 0.5
    results = task.evaluate(predictions)
    before = results.results["Score"][0]
    predictions += 1
    assert confidence_interval(results, metric="r2").estimate == results.results["Score"][1]
    assert example_scores(results)["Score"].mean() == pytest.approx(before)


def test_what_is_kept_can_be_chosen(make_task: MakeTask, monkeypatch: pytest.MonkeyPatch) -> None:
    task = make_task()
    assert noisy(task, 0.5, keep_examples=False).examples is None
    monkeypatch.setattr("polaris.domain.examples.MOST_KEPT", 59)
    assert noisy(task, 0.5).examples is None
    assert noisy(task, 0.5, keep_examples=True).examples is not None
    monkeypatch.setattr("polaris.domain.examples.MOST_KEPT", 60)
    assert noisy(task, 0.5).examples is not None
    with pytest.raises(InvalidInputError, match="keep_examples cannot be 'yes'"):
        noisy(task, 0.5, keep_examples="yes")


def test_results_without_predictions_have_no_statistics(make_task: MakeTask) -> None:
    task = make_task()
    bare, full = noisy(task, 0.5, keep_examples=False), noisy(task, 0.5)
    for call in (
        lambda: confidence_interval(bare, task),
        lambda: compare(full, bare),
        lambda: example_scores(bare, task),
    ):
        with pytest.raises(InvalidResultError, match="only scores") as caught:
            call()
        assert "keep_examples=True" in caught.value.hint


def test_predictions_have_to_give_the_scores(make_task: MakeTask) -> None:
    task = make_task()
    results, better = noisy(task, 0.5), noisy(task, 0.1)
    results.examples = better.examples
    with pytest.raises(InvalidResultError, match="do not give its scores by mean_absolute_error"):
        confidence_interval(results)
    other = make_task(target_cols="z")
    with pytest.raises(InvalidResultError, match="do not give its scores"):
        confidence_interval(better, other)


def test_hidden_targets_give_no_statistics(make_task: MakeTask) -> None:
    task = make_task()
    results = noisy(task, 0.5)
    table = task.dataset.table.assign(y=np.nan)
    masked = make_task(dataset=DatasetV1(table=table), target_types={"y": "regression"})
    with pytest.raises(InvalidResultError, match="do not give its scores"):
        confidence_interval(results, masked)


def test_true_values_do_not_leave_the_process(make_task: MakeTask) -> None:
    task = make_task()
    results = noisy(task, 0.5)
    assert copy.copy(results).examples.ground_truth is not None
    for moved in (pickle.loads(pickle.dumps(results)), copy.deepcopy(results)):
        assert moved.examples.ground_truth is None
        with pytest.raises(InvalidInputError, match="true values are not part of") as caught:
            confidence_interval(moved)
        assert "benchmark=" in caught.value.hint
        assert confidence_interval(moved, task) == confidence_interval(results)
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(task.ground_truth())
    shown = repr(results.examples) + repr(task.ground_truth())
    assert shown == "Examples({'test': 60}, y_pred)GroundTruth({'test': 60}, targets ['y'])"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"metric": "mcc"}, "has no metric 'mcc'"),
        ({"test_set": "far"}, "has no test set 'far'"),
        ({"target": "z"}, "has no target 'z'"),
        ({"benchmark": "acme/task"}, "A str is no benchmark"),
    ],
)
def test_what_is_not_there_is_refused(
    make_task: MakeTask, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidInputError, match=message) as caught:
        confidence_interval(noisy(make_task(), 0.5), **arguments)
    assert caught.value.hint


def test_rows_have_no_scores_by_a_metric_that_is_no_mean(make_task: MakeTask) -> None:
    with pytest.raises(InvalidInputError, match="r2 is no mean over rows"):
        example_scores(noisy(make_task(), 0.5), metric="r2")


def test_examples_are_checked() -> None:
    with pytest.raises(InvalidInputError, match="no predictions to keep"):
        Examples()
    results = BenchmarkResultsV1(
        results=[{"test_set": "test", "target_label": "y", "scores": {"r2": 0.5}}]
    )
    with pytest.raises(InvalidResultError, match="examples cannot be a list"):
        results.examples = [1.0]  # type: ignore[assignment]
