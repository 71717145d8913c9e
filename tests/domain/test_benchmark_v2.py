"""Benchmarks with index sets: splits, subsets, evaluation, at any size."""

from __future__ import annotations

import resource
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from polaris.domain.benchmark_v2 import BenchmarkV2Specification
from polaris.domain.columns import ColumnAnnotation
from polaris.domain.dataset_v1 import DatasetV1
from polaris.domain.dataset_v2 import DatasetV2
from polaris.domain.fields import UnknownFieldWarning
from polaris.domain.index_set import IndexSet
from polaris.domain.results import BenchmarkResultsV2
from polaris.domain.split_v2 import SplitV2
from polaris.domain.task_types import TargetType, TaskType
from polaris.errors import (
    InvalidBenchmarkError,
    InvalidMetricError,
    InvalidPredictionsError,
    TestAccessError,
)

ROWS = 20
HUGE = 10**8


@pytest.fixture
def dataset(archive: Any) -> DatasetV2:
    """Twenty rows of vectors, a measured value, a class and a group."""
    arrays = type(archive)(
        {
            "fp": np.arange(ROWS * 3, dtype=np.float32).reshape(ROWS, 3),
            "y": np.linspace(0, 1, ROWS),
            "active": np.arange(ROWS) % 2,
            "series": np.arange(ROWS) // 10,
        }
    )
    return DatasetV2(
        name="vectors_of_20",
        owner="acme",
        archive=arrays,
        annotations={"y": ColumnAnnotation(description="measured")},
    )


@pytest.fixture
def huge(archive: Any) -> DatasetV2:
    """A hundred million rows that take no memory."""
    arrays = type(archive)(
        {
            "x": np.broadcast_to(np.float32(0.5), HUGE),
            "y": np.broadcast_to(np.float32(1.5), HUGE),
        }
    )
    return DatasetV2(name="huge_dataset", owner="acme", archive=arrays)


SPLITS = {
    "random": SplitV2(training=range(10), test=range(10, 15)),
    "time": SplitV2(training=range(15), test=range(15, 20)),
    "zero-shot": SplitV2(training=[], test=range(20)),
}


@pytest.fixture
def make(dataset: DatasetV2) -> Callable[..., BenchmarkV2Specification]:
    """Makes a benchmark of the twenty rows; every field can be given."""

    def make(**fields: Any) -> BenchmarkV2Specification:
        given: dict[str, Any] = {
            "name": "split_vectors",
            "owner": "acme",
            "dataset": dataset,
            "input_cols": "fp",
            "target_cols": "y",
        }
        if "split" not in fields:
            given["splits"] = SPLITS
        return BenchmarkV2Specification(**given | fields)

    return make


@pytest.fixture
def single(make: Callable[..., BenchmarkV2Specification]) -> BenchmarkV2Specification:
    """A benchmark as those of polaris-lib 0.13 are: one split, and metrics."""
    return make(
        split=SplitV2(training=range(10), test=range(10, 15)),
        metrics=["mean_absolute_error", "r2"],
        main_metric="r2",
    )


Make = Callable[..., BenchmarkV2Specification]


# -- what it tells of itself ----------------------------------------------------------------------


def test_counts_go_by_split(make: Make) -> None:
    benchmark = make()
    assert benchmark.n_splits == 3
    assert benchmark.split_labels == ["random", "time", "zero-shot"]
    assert benchmark.n_train_datapoints == {"random": 10, "time": 15, "zero-shot": 0}
    assert benchmark.n_test_datapoints == {"random": 5, "time": 5, "zero-shot": 20}
    assert benchmark.max_index == 19
    assert dict(benchmark.split_items()) == SPLITS


def test_one_split_is_labelled_test(single: BenchmarkV2Specification) -> None:
    assert single.split_labels == single.test_set_labels == ["test"]
    assert single.n_test_datapoints == single.test_set_sizes == {"test": 5}
    assert single.n_train_datapoints == {"test": 10}
    assert single.n_test_sets == 1
    assert single.split.training == IndexSet(range(10))


def test_the_one_of_several_splits_is_refused(make: Make) -> None:
    with pytest.raises(InvalidBenchmarkError, match="has 3 splits, not one"):
        make().split  # noqa: B018


def test_splits_are_accepted_as_indices(make: Make) -> None:
    as_indices = {
        label: {"training": {"indices": list(s.training)}, "test": list(s.test)}
        for label, s in SPLITS.items()
    }
    assert make(splits=as_indices) == make()


def test_identity_and_kind(make: Make) -> None:
    benchmark = make()
    assert benchmark.version == 2
    assert benchmark.artifact_id == "acme/split-vectors"
    assert benchmark.dataset_artifact_id == "acme/vectors-of-20"
    assert benchmark.task_type is TaskType.SINGLE_TASK
    assert make(target_cols=["y", "active"]).task_type is TaskType.MULTI_TASK


def test_target_types_are_declared_and_never_inferred(make: Make) -> None:
    assert make().target_types == {}
    declared = make(target_types={"y": "regression"}, n_classes={})
    assert declared.target_types == {"y": TargetType.REGRESSION}
    assert make(target_cols="active", n_classes={"active": 2}).n_classes == {"active": 2}


def test_without_metrics_there_is_no_main_metric(make: Make) -> None:
    benchmark = make()
    assert benchmark.metrics == []
    assert benchmark.main_metric is None


def test_metrics_are_taken_where_they_are_given(make: Make) -> None:
    benchmark = make(metrics=["r2", "mean_absolute_error"], main_metric="mean_absolute_error")
    assert benchmark.main_metric == "mean_absolute_error"
    benchmark.metrics = []
    assert benchmark.main_metric is None
    benchmark.metrics = "r2"
    assert benchmark.main_metric == "r2"


# -- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"splits": {}}, "at least one split must be specified"),
        ({"splits": None}, "must map labels to splits"),
        ({"split": SplitV2([0], [20])}, r"splits\.test\.test: the index 20 is out of range"),
        ({"split": SplitV2([20], [0])}, r"splits\.test\.training: the index 20 is out of range"),
        ({"input_cols": "smiles"}, "input_cols: the dataset has no column 'smiles'"),
        ({"target_cols": ["z"]}, "target_cols: the dataset has no column 'z'"),
        ({"target_cols": []}, "target_cols"),
        ({"n_classes": {"fp": 2}}, r"n_classes\.fp: is not a target column"),
        ({"n_classes": {"y": 0}}, r"n_classes\.y: 0 is not a number of classes"),
        ({"n_classes": {"y": "two"}}, "is not a number of classes"),
        ({"n_classes": 3}, "n_classes: must map targets to numbers"),
        ({"target_types": {"y": "regression"}, "metrics": "accuracy"}, "does not fit"),
        ({"main_metric": "r2"}, "'r2' is not one of the metrics"),
        ({"dataset": "data.json"}, "dataset: must be a dataset of version 2, not str"),
    ],
    ids=str,
)
def test_fields_that_break_a_rule_are_refused(
    make: Make, fields: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidBenchmarkError, match=message):
        make(**fields)


def test_a_dataset_with_a_table_is_refused(make: Make, table: Any) -> None:
    with pytest.raises(InvalidBenchmarkError, match="version 2, not DatasetV1"):
        make(dataset=DatasetV1(table=table))


def test_an_unknown_metric_is_refused(make: Make) -> None:
    with pytest.raises((InvalidBenchmarkError, InvalidMetricError), match="accuracyy"):
        make(metrics=["accuracyy"])


def test_a_column_to_group_by_has_to_be_there(make: Make) -> None:
    grouped = {"label": "r2", "config": {"group_by": "cluster"}}
    with pytest.raises(InvalidBenchmarkError, match="no column 'cluster'"):
        make(metrics=[grouped])


def test_assignment_is_checked(make: Make) -> None:
    benchmark = make()
    with pytest.raises(InvalidBenchmarkError, match="out of range"):
        benchmark.splits = {"a": SplitV2([0], [99])}
    with pytest.raises(InvalidBenchmarkError, match="not a target"):
        benchmark.n_classes = {"fp": 3}
    assert benchmark.splits == SPLITS
    benchmark.splits = {"a": SplitV2([0], [1])}
    assert benchmark.split_labels == ["a"]


def test_misspelt_keywords_are_told_of(make: Make) -> None:
    with pytest.warns(UnknownFieldWarning, match="desription"):
        make(desription="x")


# -- equality -------------------------------------------------------------------------------------


def test_equality_is_of_what_decides_scores(make: Make) -> None:
    assert make() == make(name="another_name", description="text")
    assert make(metrics=["r2", "pearsonr"]) == make(metrics=["pearsonr", "r2"])
    assert make() != make(metrics=["r2"])
    assert make() != make(target_cols="active")
    assert make() != make(splits={"random": SPLITS["random"]})
    assert make() != 3


# -- subsets --------------------------------------------------------------------------------------


def test_every_split_gives_a_training_and_a_test_set(make: Make) -> None:
    subsets = make().get_train_test_split()
    assert {label: (len(train), len(test)) for label, (train, test) in subsets.items()} == {
        "random": (10, 5),
        "time": (15, 5),
        "zero-shot": (0, 20),
    }
    train, test = subsets["time"]
    features, value = train[2]
    np.testing.assert_array_equal(features, [6, 7, 8])
    assert value == pytest.approx(2 / 19)
    np.testing.assert_array_equal(test[0], [45, 46, 47])
    assert np.array_equal(np.asarray(train.y), np.linspace(0, 1, ROWS)[:15])
    with pytest.raises(TestAccessError):
        test.y  # noqa: B018
    assert list(subsets["zero-shot"][0]) == []


def test_inputs_are_featurized(make: Make) -> None:
    train, test = make().get_train_test_split(featurization_fn=np.sum)["random"]
    assert train[0][0] == 3.0
    assert test[0] == 30.0 + 31.0 + 32.0
    np.testing.assert_array_equal(test.X, [93.0 + 9 * i for i in range(5)])


# -- evaluation -----------------------------------------------------------------------------------


def test_one_split_is_evaluated_like_version_1(single: BenchmarkV2Specification) -> None:
    truth = np.linspace(0, 1, ROWS)[10:15]
    results = single.evaluate(truth + 0.25)
    assert isinstance(results, BenchmarkResultsV2)
    assert results.version == 2
    assert results.benchmark_artifact_id == "acme/split-vectors"
    rows = results.results.set_index("Metric")
    assert rows.loc["mean_absolute_error", "Score"] == pytest.approx(0.25)
    assert set(results.results["Test set"]) == {"test"}


def test_several_splits_are_evaluated_by_label(make: Make) -> None:
    benchmark = make(metrics="mean_absolute_error")
    truth = np.linspace(0, 1, ROWS)
    predictions = {
        "random": truth[10:15],
        "time": truth[15:] + 1,
        "zero-shot": truth + 2,
    }
    scores = benchmark.evaluate(predictions).results.set_index("Test set")["Score"]
    assert scores.to_dict() == pytest.approx({"random": 0, "time": 1, "zero-shot": 2})
    with pytest.raises(InvalidPredictionsError):
        benchmark.evaluate({"random": truth[10:15]})


def test_groups_are_those_of_the_archive(make: Make) -> None:
    grouped = {"label": "mean_absolute_error", "config": {"group_by": "series"}}
    benchmark = make(splits={"all": SplitV2([], range(ROWS))}, metrics=[grouped])
    truth = np.linspace(0, 1, ROWS)
    predictions = truth + (np.arange(ROWS) >= 10) * 2
    assert benchmark.evaluate(predictions).results["Score"].tolist() == pytest.approx([1.0])


def test_without_metrics_nothing_is_evaluated(make: Make) -> None:
    with pytest.raises(InvalidBenchmarkError, match="has no metrics") as caught:
        make().evaluate({})
    assert "benchmark.metrics" in caught.value.hint


def test_predictions_of_the_wrong_length_are_refused(single: BenchmarkV2Specification) -> None:
    with pytest.raises(InvalidPredictionsError):
        single.evaluate([0.0, 1.0])
    with pytest.raises(InvalidPredictionsError, match="Neither"):
        single.evaluate()


# -- at a hundred million rows --------------------------------------------------------------------


def test_a_benchmark_of_a_hundred_million_rows_holds_no_array_of_them(huge: DatasetV2) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    benchmark = BenchmarkV2Specification(
        name="huge_benchmark",
        dataset=huge,
        input_cols="x",
        target_cols="y",
        splits={
            "halves": SplitV2(training=range(HUGE // 2), test=range(HUGE // 2, HUGE)),
            "zero-shot": SplitV2(training=[], test=range(HUGE)),
        },
    )
    train, test = benchmark.get_train_test_split()["halves"]
    assert (len(train), len(test)) == (HUGE // 2, HUGE // 2)
    assert train[HUGE // 2 - 1] == (0.5, 1.5)
    assert len(test[-1000:].X) == 1000
    batch = next(iter(train.batches(4096)))
    assert len(batch[0]) == 4096
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    # One array of half of the positions would take 400 MB.
    assert grown < 200


def test_the_last_row_of_a_huge_dataset_is_in_range_and_the_next_is_not(huge: DatasetV2) -> None:
    fields: dict[str, Any] = {"dataset": huge, "input_cols": "x", "target_cols": "y"}
    benchmark = BenchmarkV2Specification(splits={"last": SplitV2([], [HUGE - 1])}, **fields)
    assert benchmark.max_index == HUGE - 1
    with pytest.raises(InvalidBenchmarkError, match="out of range"):
        BenchmarkV2Specification(splits={"beyond": SplitV2([], [HUGE])}, **fields)
