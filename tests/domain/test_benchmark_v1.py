"""Benchmarks: a dataset, a split, a task and metrics."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from polaris.domain.benchmark_v1 import (
    BenchmarkV1Specification,
    MultiTaskBenchmarkSpecification,
    SingleTaskBenchmarkSpecification,
)
from polaris.domain.dataset_v1 import DatasetV1
from polaris.domain.subset import Subset
from polaris.domain.task_types import TaskType
from polaris.errors import InvalidBenchmarkError

Make = Callable[..., BenchmarkV1Specification]


def _problems(make: Make, **fields: Any) -> list[tuple[str, str]]:
    with pytest.raises(InvalidBenchmarkError) as caught:
        make(**fields)
    assert isinstance(caught.value, ValueError)
    return [(problem.path, problem.message) for problem in caught.value.problems]


# -- splits -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("split", "path"),
    [
        (([0, 1],), "split"),
        (([0], []), "split.test.test"),
        (([0], {"a": [1], "b": []}), "split.test.b"),
        (([0], {}), "split.test"),
        (([0, 1], [1]), "split.test.test"),
        (([0, 1], {"a": [2], "b": [1]}), "split.test.b"),
        (([0], [6]), "split.test.test"),
        (([6], [0]), "split.train"),
        (([0], {"a": [1], "b": [2, 6]}), "split.test.b"),
        (([-1], [0]), "split.train"),
        (([0], [-1]), "split.test.test"),
        (([0, 0], [1]), "split.train"),
        (([0], [1, 1]), "split.test.test"),
        (([0], {"a": [1], "b": [2, 2]}), "split.test.b"),
    ],
)
def test_a_bad_split_is_refused_where_it_is_bad(
    make_benchmark: Make, split: Any, path: str
) -> None:
    assert [found for found, _ in _problems(make_benchmark, split=split)] == [path]


def test_an_index_out_of_range_is_named_with_the_number_of_rows(make_benchmark: Make) -> None:
    with pytest.raises(InvalidBenchmarkError) as caught:
        make_benchmark(split=([0, 9], {"a": [1], "b": [8, 7]}))
    assert [problem.message for problem in caught.value.problems] == [
        "the index 9 is out of range",
        "the index 8 is out of range",
    ]
    assert "6 rows" in caught.value.hint


def test_rows_may_go_unused_and_test_sets_may_share_them(make_benchmark: Make) -> None:
    benchmark = make_benchmark(split=([0], {"a": [1, 2], "b": [2]}))
    assert benchmark.n_train_datapoints == 1
    assert benchmark.test_set_sizes == {"a": 2, "b": 1}


def test_an_empty_training_set_gives_an_empty_subset(make_benchmark: Make) -> None:
    train, test = make_benchmark(split=([], [0, 1])).get_train_test_split()
    assert len(train) == 0
    assert len(test) == 2


def test_numpy_arrays_are_accepted_as_parts_of_a_split(make_benchmark: Make) -> None:
    benchmark = make_benchmark(split=(np.arange(3), {"t": np.array([4, 3])}))
    assert benchmark.split.as_lists() == [[0, 1, 2], {"t": [4, 3]}]


def test_the_sizes_of_named_test_sets_are_those_of_their_rows(make_benchmark: Make) -> None:
    benchmark = make_benchmark(split=([0], {"ood": [1, 2, 3], "iid": [4]}))
    assert benchmark.n_test_sets == 2
    assert benchmark.test_set_labels == ["iid", "ood"]
    assert benchmark.n_test_datapoints == benchmark.test_set_sizes == {"iid": 1, "ood": 3}


def test_a_single_test_set_may_have_any_name(make_benchmark: Make) -> None:  # W6
    benchmark = make_benchmark(split=([0], {"scaffold": [1, 2]}))
    assert benchmark.n_test_datapoints == {"scaffold": 2}
    _, test = benchmark.get_train_test_split()
    assert isinstance(test, Subset)
    assert test.indices.tolist() == [1, 2]
    results = benchmark.evaluate([1.5, 2.5])
    assert set(results.results["Test set"]) == {"scaffold"}
    assert "2 test rows" in repr(benchmark)


# -- columns and tasks --------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["input_cols", "target_cols"])
@pytest.mark.parametrize("columns", [[], "gone", ["gone"], None, 5, [5], {"smiles": 1}])
def test_missing_and_unknown_columns_are_refused(
    make_benchmark: Make, field: str, columns: Any
) -> None:
    assert field in [path for path, _ in _problems(make_benchmark, **{field: columns})]


def test_every_unknown_column_is_named(make_benchmark: Make) -> None:
    assert _problems(make_benchmark, input_cols=["one", "smiles", "two"], target_cols="three") == [
        ("target_cols", "the dataset has no column 'three'"),
        ("input_cols", "the dataset has no column 'one'"),
        ("input_cols", "the dataset has no column 'two'"),
    ]


def test_a_target_is_no_input(make_benchmark: Make) -> None:
    assert ("input_cols", "'y' is a target as well") in _problems(
        make_benchmark, input_cols=["smiles", "y"]
    )


def test_columns_keep_their_order(make_benchmark: Make) -> None:  # W5
    benchmark = make_benchmark(
        input_cols=["smiles", "series"],
        target_cols=["y", "active"],
        metrics=["mean_absolute_error"],
    )
    assert benchmark.input_cols == ["smiles", "series"]
    assert benchmark.target_cols == ["y", "active"] == benchmark.target_cols
    assert benchmark.target_cols == {"active", "y"}


def test_one_target_makes_a_single_task(make_benchmark: Make) -> None:
    single = make_benchmark(cls=SingleTaskBenchmarkSpecification)
    assert single.task_type is TaskType.SINGLE_TASK
    assert single.task_type.value == "single_task"
    problems = _problems(
        make_benchmark, cls=SingleTaskBenchmarkSpecification, target_cols=["y", "active"]
    )
    assert problems == [("target_cols", "a single-task benchmark has exactly one target")]


def test_several_targets_make_a_multi_task(make_benchmark: Make) -> None:
    multi = make_benchmark(cls=MultiTaskBenchmarkSpecification, target_cols=["y", "active"])
    assert multi.task_type is TaskType.MULTI_TASK
    problems = _problems(make_benchmark, cls=MultiTaskBenchmarkSpecification)
    assert problems == [("target_cols", "a multi-task benchmark has at least two targets")]


@pytest.mark.parametrize("dataset", [None, "data.json", {"table": []}, pd.DataFrame({"y": [1]})])
def test_what_is_no_dataset_is_refused(make_benchmark: Make, dataset: Any) -> None:
    assert [path for path, _ in _problems(make_benchmark, dataset=dataset)] == ["dataset"]


# -- using it -----------------------------------------------------------------------------------


def test_one_test_set_comes_bare_and_several_by_name(make_benchmark: Make) -> None:
    _, one = make_benchmark().get_train_test_split()
    assert isinstance(one, Subset)
    _, many = make_benchmark(split=([0], {"b": [1], "a": [2, 3]})).get_train_test_split()
    assert isinstance(many, dict)
    assert {name: test.indices.tolist() for name, test in many.items()} == {"b": [1], "a": [2, 3]}


def test_training_items_have_targets_and_test_items_have_none(
    benchmark: BenchmarkV1Specification,
) -> None:
    train, test = benchmark.get_train_test_split()
    assert isinstance(train[0][1], float)
    assert isinstance(test, Subset)
    assert list(test) == ["CCO", "CCN", "CCCl"]


def test_a_featurization_reaches_training_and_test_sets(
    benchmark: BenchmarkV1Specification,
) -> None:
    train, test = benchmark.get_train_test_split(featurization_fn=len)
    assert isinstance(test, Subset)
    assert isinstance(train.X, np.ndarray)
    assert isinstance(test.X, np.ndarray)
    assert (train.X.tolist(), test.X.tolist()) == ([1, 2, 3], [3, 3, 4])


def test_the_repr_tells_sizes_and_not_indices() -> None:
    dataset = DatasetV1(table=pd.DataFrame({"x": range(10_000), "y": np.arange(10_000) / 2}))
    benchmark = BenchmarkV1Specification(
        dataset=dataset,
        input_cols="x",
        target_cols="y",
        split=(range(9000), range(9000, 10_000)),
        metrics="r2",
    )
    assert repr(benchmark) == (
        "BenchmarkV1Specification('unnamed', 9000 training and 1000 test rows, targets ['y'])"
    )


def test_a_benchmark_survives_pickling_and_copying(benchmark: BenchmarkV1Specification) -> None:
    for twin in (
        pickle.loads(pickle.dumps(benchmark)),
        copy.copy(benchmark),
        copy.deepcopy(benchmark),
    ):
        assert twin == benchmark
        assert twin.split == benchmark.split
        assert twin.artifact_id == "acme/six-tasks"


def test_a_benchmark_knows_the_id_of_its_dataset(make_benchmark: Make, table: pd.DataFrame) -> None:
    assert make_benchmark().dataset_artifact_id == "acme/six-molecules"
    assert make_benchmark(dataset=DatasetV1(table=table)).dataset_artifact_id is None
