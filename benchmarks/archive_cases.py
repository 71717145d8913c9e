"""Cases with datasets that are archives; see `case.py`."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from benchmarks.job import Case, Job
    from polaris.dataset import DatasetV2, Subset
else:
    from job import Case, Job

_BATCH = 128


def _opener(folder: Path) -> Callable[[], DatasetV2]:
    """Return what opens the dataset anew, so that nothing is kept from before."""
    from polaris.dataset import DatasetV2

    return lambda: DatasetV2(name="bench_data", zarr_root_path=str(folder / "data.zarr"))


def v2_rows(folder: Path, size: int, rows: int) -> Job:
    opened = _opener(folder)

    def run() -> object:
        data, total = opened(), 0.0
        for number in range(rows):
            row = data[number]
            total += row["a"] + row["b"] + row["c"]
        return total

    return Job(run)


def v2_cells(folder: Path, size: int, rows: int) -> Job:
    opened = _opener(folder)

    def run() -> object:
        data = opened()
        return sum(data.get_data(row, name) for row in range(rows) for name in "abc")

    return Job(run)


def v2_batches(folder: Path, size: int, rows: int) -> Job:
    opened = _opener(folder)

    def run() -> object:
        data = opened()
        if hasattr(data, "batches"):
            return sum(batch[name].sum() for batch in data.batches(_BATCH) for name in "abc")
        # What comes nearest to it there.
        return sum(
            data.get_data(slice(start, min(start + _BATCH, rows)), name).sum()
            for start in range(0, rows, _BATCH)
            for name in "abc"
        )

    return Job(run)


def v2_shuffled(folder: Path, size: int, rows: int) -> Job:
    opened = _opener(folder)
    order = np.random.default_rng(0).permutation(size)[:rows].tolist()

    def run() -> object:
        data, total = opened(), 0.0
        if hasattr(data, "batches"):
            return sum(
                batch[name].sum() for batch in data.batches(_BATCH, seed=0) for name in "abc"
            )
        for number in order:
            row = data[number]
            total += row["a"] + row["b"] + row["c"]
        return total

    return Job(run)


def v2_random(folder: Path, size: int, rows: int) -> Job:
    """A thousand rows anywhere, as a loader of random batches asks for them."""
    opened = _opener(folder)
    wanted = np.random.default_rng(0).integers(0, size, min(rows, 1000))

    def run() -> object:
        data = opened()
        if hasattr(data, "read_column"):
            return data.read_column("a", wanted)
        return np.array([data.get_data(row, "a") for row in wanted.tolist()])

    return Job(run)


def _walked(subset: Subset) -> object:
    """Walk a subset; what an item is used for is not part of what is measured."""
    [(count, item)] = deque(enumerate(subset, 1), maxlen=1)
    return count, item


def v2_subset(folder: Path, size: int, rows: int) -> Job:
    from polaris.dataset import Subset

    opened = _opener(folder)

    def run() -> object:
        return _walked(Subset(opened(), np.arange(rows), ["a", "b"], ["c"]))

    return Job(run)


def v2_arrays(folder: Path, size: int, rows: int) -> Job:
    from polaris.dataset import Subset

    opened = _opener(folder)
    return Job(lambda: Subset(opened(), np.arange(rows), ["a", "b"], ["c"]).as_array("xy"))


def v2_in_memory(folder: Path, size: int, rows: int) -> Job:
    """Iterate over what `load_to_memory` has loaded."""
    from polaris.dataset import Subset

    data = _opener(folder)()
    data.load_to_memory()

    def run() -> object:
        return _walked(Subset(data, np.arange(rows), ["a", "b"], ["c"]))

    return Job(run)


def v2_whole(folder: Path, size: int, rows: int) -> Job:
    """Read a column of 8 KB a row into one array."""
    opened = _opener(folder)
    return Job(
        lambda: opened().get_data(slice(0, size), "x"),
        lambda values: (values.shape, values[0], values[-1]),
    )


def v2_wide(folder: Path, size: int, rows: int) -> Job:
    """Walk rows of 8 KB in batches."""
    opened = _opener(folder)

    def run() -> object:
        total = 0.0
        for batch in opened().batches(1000):
            total += float(batch["x"][0, -1]) * len(batch["y"])
        assert total == 999.0 * size
        return total

    return Job(run)


def v2_wide_subset(folder: Path, size: int, rows: int) -> Job:
    """Walk a subset of rows of 8 KB item by item."""
    from polaris.dataset import Subset

    opened = _opener(folder)

    def run() -> object:
        subset = Subset(opened(), range(size), "x", "y")
        return sum(inputs[-1] + target for inputs, target in subset)

    return Job(run, lambda total: bool(total == 999.0 * size))


CASES = {
    case.__name__: Case(case, "columns")
    for case in (
        v2_rows, v2_cells, v2_batches, v2_shuffled, v2_random, v2_subset, v2_arrays, v2_in_memory,
    )
} | {
    case.__name__: Case(case, "wide") for case in (v2_whole, v2_wide, v2_wide_subset)
}  # fmt: skip
