"""The checksum of a benchmark, bit-exact with that of the released clients."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polaris.domain.benchmark_v1 import BenchmarkV1Specification
from polaris.domain.checksums.benchmark import benchmark_checksum
from polaris.domain.dataset_v1 import DatasetV1
from polaris.domain.metrics.metric import Metric
from polaris.domain.metrics.parsing import parse_metrics
from polaris.domain.splits import parse_split
from polaris.errors import InvalidBenchmarkError, InvalidInputError, PolarisChecksumError

Make = Callable[..., BenchmarkV1Specification]

# Their datasets are only known by their checksums; any table with the columns will do.
TABLE = pd.DataFrame({"smiles": list("abcd"), "y": [0.5, 1.5, 2.5, 3.5], "z": [1.5, 0.5, 1.0, 0.0]})


def _checksum(case: Mapping[str, Any]) -> str:
    split = parse_split(case["split"])
    return benchmark_checksum(
        dataset_md5=case["dataset_md5Sum"],
        target_cols=case["target_cols"],
        input_cols=case["input_cols"],
        metrics=[metric.checksum_text for metric in parse_metrics(case["metrics"])],
        train=split.train,
        tests=split.tests,
    )


@pytest.mark.vector_cases("benchmark_v1_checksum.json", "G1")
def test_the_first_generation_has_the_same_checksums(case: dict[str, Any]) -> None:
    assert _checksum(case) == case["md5Sum"]


@pytest.mark.vector_cases("benchmark_v1_checksum.json", "G2")
def test_the_newest_generation_has_the_same_checksums(case: dict[str, Any]) -> None:
    assert _checksum(case) == case["md5Sum"]


@pytest.mark.vector_cases("benchmark_v1_checksum.json", "G2")
def test_benchmarks_of_the_released_clients_keep_their_checksum(case: dict[str, Any]) -> None:
    dataset = DatasetV1(table=TABLE)
    dataset.md5sum = case["dataset_md5Sum"]
    benchmark = BenchmarkV1Specification(
        dataset=dataset,
        **{
            key: case[key]
            for key in ("target_cols", "input_cols", "split", "metrics", "main_metric")
        },
        md5sum=case["md5Sum"],
    )
    assert benchmark.md5sum == case["md5Sum"]
    assert benchmark.main_metric.name == case["main_metric"]


def test_the_golden_benchmarks_have_their_checksums() -> None:
    table = pd.DataFrame({"smiles": ["CCO", "CCN", "CCC"], "y": [1.0, 2.0, 3.0], "z": [0, 1, 0]})
    given: dict[str, Any] = {"dataset": DatasetV1(table=table), "input_cols": "smiles"}
    single = given | {"target_cols": "y", "split": ([0, 1], [2])}
    grouped = Metric("mean_absolute_error", config={"group_by": "z"})
    found = [
        BenchmarkV1Specification(**single, metrics="mean_absolute_error"),
        BenchmarkV1Specification(
            **given,
            target_cols=["y", "z"],
            split=([0], {"b": [2], "a": [1]}),
            metrics=["r2", "mean_absolute_error"],
        ),
        BenchmarkV1Specification(**single, metrics=grouped),
    ]
    assert [benchmark.md5sum for benchmark in found] == [
        "2c3657cb18ec69d4ff5f623cb80afc45",
        "0d18de24603ab885881445221cb40ca9",
        "8dcdede2e62aedebb706ee20d97d5f52",
    ]


@given(
    st.lists(st.integers(0, 10**12), unique=True, max_size=20),
    st.dictionaries(st.text(max_size=4), st.lists(st.integers(0, 10**12), max_size=8), max_size=3),
)
def test_indices_enter_as_sorted_json(train: list[int], tests: dict[str, list[int]]) -> None:
    text = "dataset" + "y" + "x" + "r2" + json.dumps(sorted(train))
    text += "".join(name + json.dumps(sorted(tests[name])) for name in sorted(tests))
    assert hashlib.md5(text.encode()).hexdigest() == benchmark_checksum(
        dataset_md5="dataset",
        target_cols=["y"],
        input_cols=["x"],
        metrics=["r2"],
        train=np.array(train, dtype=np.int64),
        tests={name: np.array(part, dtype=np.int64) for name, part in tests.items()},
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"split": ([2, 0, 1], [5, 3, 4])},
        {"metrics": ["r2", "mean_absolute_error"]},
        {"metrics": ["mean_absolute_error", {"label": "r2", "name": "mine"}]},
        {"main_metric": "r2"},
        {"name": "other_name", "description": "text", "owner": "other"},
        {"target_types": {"y": "regression"}},
        {"split": ([0, 1, 2], {"test": [3, 4, 5]})},
    ],
)
def test_what_does_not_matter_does_not_change_it(
    make_benchmark: Make, fields: dict[str, Any]
) -> None:
    assert make_benchmark(**fields) == make_benchmark()
    assert make_benchmark(**fields).md5sum == make_benchmark().md5sum


@pytest.mark.parametrize(
    "fields",
    [
        {"split": ([0, 1], [3, 4, 5])},
        {"split": ([0, 1, 2], {"other": [3, 4, 5]})},
        {"metrics": ["r2"]},
        {"metrics": ["mean_absolute_error", {"label": "r2", "config": {"group_by": "series"}}]},
        {"input_cols": "series"},
        {"target_cols": "active"},
        {"dataset": DatasetV1(table=pd.DataFrame({"smiles": list("abcdef"), "y": np.arange(6.0)}))},
    ],
)
def test_what_matters_changes_it(make_benchmark: Make, fields: dict[str, Any]) -> None:
    assert make_benchmark(**fields) != make_benchmark()


def test_the_order_of_targets_does_not_matter(make_benchmark: Make) -> None:
    one = make_benchmark(target_cols=["y", "active"])
    assert one == make_benchmark(target_cols=["active", "y"])


def test_a_given_checksum_is_compared_with_the_content(make_benchmark: Make) -> None:
    right = make_benchmark().md5sum
    assert make_benchmark(md5sum=right).has_md5sum
    assert not make_benchmark(md5sum=None).has_md5sum
    with pytest.raises(PolarisChecksumError, match=right):
        make_benchmark(md5sum="0" * 32)


@pytest.mark.parametrize("text", ["", "invalid", "0" * 31, "G" * 32, 7])
def test_an_ill_formed_checksum_is_refused(make_benchmark: Make, text: Any) -> None:
    benchmark = make_benchmark()
    with pytest.raises(InvalidInputError):
        benchmark.md5sum = text
    with pytest.raises(InvalidBenchmarkError) as caught:
        make_benchmark(md5sum=text)
    assert caught.value.problems[0].path == "md5sum"


def test_verifying_fails_after_a_wrong_checksum_was_set(make_benchmark: Make) -> None:
    benchmark = make_benchmark()
    benchmark.verify_checksum()
    benchmark.md5sum = "0" * 32
    with pytest.raises(PolarisChecksumError):
        benchmark.verify_checksum()
    assert benchmark != make_benchmark()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("split", ([0], [1])),
        ("metrics", ["mean_squared_error"]),
        ("input_cols", ["series"]),
        ("target_cols", ["active"]),
        ("dataset", DatasetV1(table=pd.DataFrame({"smiles": list("abcdef"), "y": np.arange(6.0)}))),
    ],
)
def test_the_checksum_follows_an_assignment(make_benchmark: Make, field: str, value: Any) -> None:
    benchmark = make_benchmark()
    before = benchmark.md5sum
    setattr(benchmark, field, value)
    assert benchmark.md5sum == make_benchmark(**{field: value}).md5sum != before


def test_the_checksum_follows_a_new_table_of_the_dataset(make_benchmark: Make) -> None:
    benchmark = make_benchmark()
    before = benchmark.md5sum
    benchmark.dataset.table = benchmark.dataset.table.assign(y=np.arange(6) / 4)
    assert benchmark.md5sum != before


def test_a_benchmark_equals_nothing_else(make_benchmark: Make) -> None:
    other: object = "text"
    assert make_benchmark() != other
    with pytest.raises(TypeError):
        hash(make_benchmark())
