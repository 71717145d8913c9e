"""Work grows with the data and not faster, counted and not timed."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from polaris.benchmark import BenchmarkSpecification, SingleTaskBenchmarkSpecification
from polaris.dataset import Dataset, Subset
from polaris.domain.dataset_v1 import DatasetV1
from polaris_adapters.terminal_progress import TerminalProgress

MakeBenchmark = Callable[..., SingleTaskBenchmarkSpecification]


class _Counted(int):
    """A whole number that counts how often any of them is compared."""

    comparisons = 0

    def __eq__(self, other: object) -> bool:
        _Counted.comparisons += 1
        return int.__eq__(self, other)

    __hash__ = int.__hash__


def test_a_split_is_checked_without_comparing_each_index_with_each_other() -> None:
    """Overlap was found by looking each test index up in the list of training indices.

    It took 8 minutes for 100 000 rows. The number of comparisons must not exceed that of indices.
    """
    rows = 2000
    dataset = Dataset(table=pd.DataFrame({"x": np.arange(rows), "y": np.arange(rows) / 2}))
    train, test = map(_Counted, range(0, rows, 2)), map(_Counted, range(1, rows, 2))
    _Counted.comparisons = 0
    BenchmarkSpecification(
        dataset=dataset,
        input_cols="x",
        target_cols="y",
        split=(list(train), {"test": list(test)}),
        metrics="r2",
    )
    assert _Counted.comparisons <= rows


def test_a_table_of_a_subset_reads_each_column_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Making a table of a subset read cell by cell, and built all labels anew for each row."""
    reads: list[str] = []
    read_column = DatasetV1.read_column

    def noted(self: DatasetV1, column: str, *args: Any, **options: Any) -> Any:
        reads.append(column)
        return read_column(self, column, *args, **options)

    monkeypatch.setattr(DatasetV1, "read_column", noted)
    rows = 3000
    dataset = Dataset(table=pd.DataFrame({"x": np.arange(rows), "y": np.arange(rows) / 2}))
    table = Subset(dataset, range(rows), "x", "y").as_dataframe()
    assert len(table) == rows
    assert sorted(reads) == ["x", "y"]


class _Predictions(list[float]):
    """Predictions that count how often they are taken for an array."""

    conversions = 0

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        type(self).conversions += 1
        return np.array(list(self), dtype=dtype)


def test_predictions_are_parsed_once_however_many_metrics_judge_them(
    make_benchmark: MakeBenchmark,
) -> None:
    """Predictions were checked again for every metric, target and test set."""
    metrics = ["mean_absolute_error", "mean_squared_error", "r2", "explained_var"]
    benchmark = make_benchmark(metrics=metrics, split=([0], [1, 2, 3, 4, 5]))
    _Predictions.conversions = 0
    results = benchmark.evaluate(_Predictions([1.0] * 5), keep_examples=False)
    assert len(results.results) == len(metrics)
    assert _Predictions.conversions == 1


@pytest.mark.parametrize(
    ("use", "bytes_per_index"),
    [
        (lambda make: make(), 60),
        (lambda make: make().md5sum, 60),
        (lambda make: repr(make()), 60),
        (lambda make: make().get_train_test_split(), 60),
    ],
    ids=["making", "checksum", "repr", "subsets"],
)
def test_indices_are_not_copied_to_lists(use: Callable[[Any], Any], bytes_per_index: int) -> None:
    """Lists of indices were copied for each check, for JSON, and sorted for the checksum.

    A list takes 36 bytes an index, its JSON text in one piece 130 and more; an array takes 8.
    """
    rows = 400_000
    dataset = Dataset(table=pd.DataFrame({"x": np.arange(rows), "y": np.arange(rows) / 2}))
    assert dataset.md5sum
    split = (np.arange(300_000), np.arange(300_000, rows))

    def make() -> BenchmarkSpecification:
        return BenchmarkSpecification(
            dataset=dataset, input_cols="x", target_cols="y", split=split, metrics="r2"
        )

    use(make)  # What is imported at first use does not count.
    tracemalloc.start()
    try:
        use(make)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < bytes_per_index * rows


def test_progress_is_not_drawn_again_for_each_file() -> None:
    """A progress bar that was drawn for each of 20 000 files took 13 of 14 seconds."""

    class Terminal(io.StringIO):
        writes = 0

        def write(self, text: str, /) -> int:
            Terminal.writes += 1
            return super().write(text)

    console = Console(file=Terminal(), force_terminal=True, width=80)
    files = 20_000
    with TerminalProgress(console).task("Hashing", total=files, unit="files") as task:
        for _ in range(files):
            task.advance(1)
    assert Terminal.writes < files / 20
