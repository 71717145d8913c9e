"""Several artifacts saved to one folder: none may destroy another."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import polaris as po
from polaris.benchmark import SingleTaskBenchmarkSpecification
from polaris.dataset import Dataset
from polaris.errors import ObjectExistsError


def _dataset(name: str, value: float) -> Dataset:
    table = pd.DataFrame({"x": ["a", "b", "c"], "y": [1.0, 2.0, value]})
    return Dataset(name=name, owner="acme", license="MIT", table=table)


def _benchmark(dataset: Dataset) -> SingleTaskBenchmarkSpecification:
    return SingleTaskBenchmarkSpecification(
        name="a_benchmark",
        owner="acme",
        dataset=dataset,
        input_cols="x",
        target_cols="y",
        split=([0], [1, 2]),
        metrics="mean_absolute_error",
    )


@pytest.mark.parametrize("if_exists", ["replace", "raise", "skip"])
def test_a_dataset_does_not_overwrite_the_table_of_another(tmp_path: Path, if_exists: str) -> None:
    first, second = _dataset("data_one", 1.0), _dataset("data_two", 2.0)
    path = first.to_json(tmp_path)
    with pytest.raises(ObjectExistsError):
        second.to_json(tmp_path, if_exists=if_exists)
    assert po.load_dataset(path) == first
    assert not (tmp_path / "data-two.json").exists()


def test_the_error_names_the_other_dataset(tmp_path: Path) -> None:
    _dataset("data_one", 1.0).to_json(tmp_path)
    with pytest.raises(ObjectExistsError, match=r"table\.parquet .* data-one\.json") as caught:
        _benchmark(_dataset("data_two", 2.0)).to_json(tmp_path)
    assert caught.value.keys == ("table.parquet",)
    assert "folder of its own" in caught.value.hint
    assert not (tmp_path / "benchmark.json").exists()


def test_a_dataset_may_be_saved_over_itself_and_under_another_name(tmp_path: Path) -> None:
    _dataset("data_one", 1.0).to_json(tmp_path)
    path = _dataset("data_one", 5.0).to_json(tmp_path)
    renamed = _dataset("data_two", 5.0).to_json(tmp_path)
    assert po.load_dataset(path) == po.load_dataset(renamed) == _dataset("data_one", 5.0)


def test_what_is_left_of_a_dataset_that_was_removed_is_no_obstacle(tmp_path: Path) -> None:
    Path(_dataset("data_one", 1.0).to_json(tmp_path)).unlink()
    second = _dataset("data_two", 2.0)
    assert po.load_dataset(second.to_json(tmp_path)) == second


def test_a_dataset_called_benchmark_survives_a_benchmark_on_it(tmp_path: Path) -> None:
    benchmark = _benchmark(_dataset("benchmark", 1.0))
    path = benchmark.to_json(tmp_path)
    assert po.load_benchmark(path) == benchmark
    assert po.load_dataset(tmp_path / "benchmark.json") == benchmark.dataset
