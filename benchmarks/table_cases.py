"""Cases with datasets that have a table; see `case.py`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from benchmarks.index_cases import scores
    from benchmarks.job import Case, Job
    from polaris.benchmark import SingleTaskBenchmarkSpecification
    from polaris.dataset import Dataset
else:
    from index_cases import scores
    from job import Case, Job


def _table(size: int) -> pd.DataFrame:
    """A text column and a measured value; unique texts, as SMILES are."""
    rng = np.random.default_rng(0)
    return pd.DataFrame({"smiles": [f"C{i}" for i in range(size)], "y": rng.normal(size=size)})


def _dataset(size: int) -> Dataset:
    from polaris.dataset import Dataset

    return Dataset(name="bench_data", owner="acme-lab", table=_table(size))


def _benchmark(data: Dataset, split: Any, metrics: list[str]) -> SingleTaskBenchmarkSpecification:
    from polaris.benchmark import SingleTaskBenchmarkSpecification

    return SingleTaskBenchmarkSpecification(
        name="bench_mark",
        owner="acme-lab",
        dataset=data,
        input_cols=["smiles"],
        target_cols=["y"],
        split=split,
        metrics=metrics,
        main_metric="r2",
        target_types={"y": "regression"},
    )


def _judge(size: int, tests: int) -> SingleTaskBenchmarkSpecification:
    split: Any = ([], {"test": list(range(tests))})
    return _benchmark(_dataset(size), split, ["mean_absolute_error", "r2", "pearsonr"])


def subset_construct(folder: Path, size: int, rows: int) -> Job:
    from polaris.dataset import Subset

    data, indices = _dataset(size), np.arange(size)
    return Job(lambda: Subset(data, indices, "smiles", "y"), len)


def subset_iterate(folder: Path, size: int, rows: int) -> Job:
    from polaris.dataset import Subset

    subset = Subset(_dataset(size), np.arange(rows), "smiles", "y")
    return Job(lambda: sum(target for _, target in subset))


def subset_array(folder: Path, size: int, rows: int) -> Job:
    from polaris.dataset import Subset

    subset = Subset(_dataset(size), np.arange(rows), "smiles", "y")
    return Job(lambda: subset.as_array("xy"))


def evaluate(folder: Path, size: int, rows: int) -> Job:
    judge = _judge(size, rows)
    predictions = np.zeros(rows) + np.arange(rows) / rows
    return Job(lambda: judge.evaluate(predictions), scores)


def bootstrap(folder: Path, size: int, rows: int) -> Job:
    """Intervals of three metrics, from 2000 resamples each; the peer has none."""
    from polaris.evaluate import confidence_interval

    judge = _judge(size, rows)
    truth = judge.dataset.table["y"].to_numpy()[:rows]
    predictions = truth + np.random.default_rng(1).normal(size=rows)
    results = judge.evaluate(predictions, keep_examples=True)
    metrics = ("mean_absolute_error", "r2", "pearsonr")
    return Job(
        lambda: [confidence_interval(results, metric=name) for name in metrics], lambda _: None
    )


def validate(folder: Path, size: int, rows: int) -> Job:
    data, cut = _dataset(size), int(size * 0.8)
    order = np.random.default_rng(0).permutation(size)
    split = (order[:cut].tolist(), {"test": order[cut:].tolist()})
    return Job(lambda: _benchmark(data, split, ["r2"]), _sizes)


def validate_numpy(folder: Path, size: int, rows: int) -> Job:
    data, cut = _dataset(size), int(size * 0.8)
    order = np.random.default_rng(0).permutation(size)
    split = (order[:cut], {"test": order[cut:]})
    return Job(lambda: _benchmark(data, split, ["r2"]), _sizes)


def _sizes(benchmark: SingleTaskBenchmarkSpecification) -> object:
    return benchmark.n_train_datapoints, benchmark.n_test_datapoints


CASES = {
    case.__name__: Case(case)
    for case in (
        subset_construct,
        subset_iterate,
        subset_array,
        evaluate,
        bootstrap,
        validate,
        validate_numpy,
    )
}
