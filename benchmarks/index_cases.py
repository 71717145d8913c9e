"""Cases with index sets and the splits that are made of them; see `case.py`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from benchmarks.job import Case, Job
    from polaris.benchmark import BenchmarkV2Specification
else:
    from job import Case, Job


def _ordered(size: int) -> Any:
    gaps = np.random.default_rng(0).integers(1, 4, size, dtype=np.uint32)
    return np.cumsum(gaps, dtype=np.uint32)


def index_set(folder: Path, size: int, rows: int) -> Job:
    from polaris.benchmark._split_v2 import IndexSet

    positions = _ordered(size)
    return Job(
        lambda: IndexSet(indices=positions), lambda found: (found.datapoints, found.md5_checksum)
    )


def index_set_bytes(folder: Path, size: int, rows: int) -> Job:
    """Write an index set as bytes and read it again."""
    from polaris.benchmark._split_v2 import IndexSet

    whole = IndexSet(indices=_ordered(size))
    return Job(lambda: IndexSet.deserialize(whole.serialize()), lambda found: found.md5_checksum)


def split_open(folder: Path, size: int, rows: int) -> Job:
    """Make a benchmark of a stored split, and look at an item of each part."""
    made = _maker(folder)

    def run() -> object:
        training, test = _parts(made())
        return len(training), len(test), training[len(training) // 2], test[0]

    return Job(run)


def split_walk(folder: Path, size: int, rows: int) -> Job:
    """Walk the training set of such a benchmark in batches."""

    def run() -> object:
        # Opened anew, so that no chunk is kept from before.
        training, _ = _parts(_maker(folder)())
        count = 0
        for inputs, _ in training.batches(2**16):
            count += len(inputs)
        assert count == len(training)
        return count

    return Job(run)


def _parts(benchmark: Any) -> Any:
    """Return the training set and the test set; the earlier library has no names of splits."""
    found = benchmark.get_train_test_split()
    if isinstance(found, dict):
        return found["test"]
    training, tests = found
    return training, tests["test"]


def _maker(folder: Path) -> Any:
    from polaris.benchmark import BenchmarkV2Specification
    from polaris.benchmark._split_v2 import IndexSet, SplitV2
    from polaris.dataset import DatasetV2

    data = DatasetV2(name="bench_data", zarr_root_path=str(folder / "data.zarr"))
    training, test = ((folder / f"{name}.roaring").read_bytes() for name in ("training", "test"))

    def made() -> BenchmarkV2Specification:
        # A type checker knows our newer name of this field only.
        split: Any = {
            "split": SplitV2(
                training=IndexSet.deserialize(training), test=IndexSet.deserialize(test)
            )
        }
        return BenchmarkV2Specification(
            dataset=data,
            input_cols=["x"],
            target_cols=["y"],
            metrics=["r2", "mean_absolute_error", "mean_squared_error"],
            main_metric="r2",
            target_types={"y": "regression"},
            **split,
        )

    return made


def v2_evaluate(folder: Path, size: int, rows: int) -> Job:
    """Score predictions for all rows but one of an archive by three metrics."""
    from polaris.benchmark import BenchmarkV2Specification
    from polaris.benchmark._split_v2 import IndexSet, SplitV2
    from polaris.dataset import DatasetV2

    split: Any = {
        "split": SplitV2(
            training=IndexSet(indices=[0]), test=IndexSet(indices=list(range(1, size)))
        )
    }
    benchmark = BenchmarkV2Specification(
        name="bench_mark",
        owner="acme-lab",
        dataset=DatasetV2(name="bench_data", zarr_root_path=str(folder / "data.zarr")),
        input_cols=["a"],
        target_cols=["b"],
        metrics=["mean_absolute_error", "r2", "pearsonr"],
        main_metric="r2",
        target_types={"b": "regression"},
        **split,
    )
    predictions = np.random.default_rng(1).random(size - 1)
    return Job(lambda: benchmark.evaluate(predictions), scores)


def scores(results: Any) -> list[Any]:
    """Return the scores of results by metric."""
    table = results.results
    return sorted(zip(map(str, table["Metric"]), map(float, table["Score"]), strict=True))


CASES = {
    case.__name__: Case(case, files)
    for case, files in (
        (index_set, None),
        (index_set_bytes, None),
        (split_open, "split"),
        (split_walk, "split"),
        (v2_evaluate, "columns"),
    )
}
