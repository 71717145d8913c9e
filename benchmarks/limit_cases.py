"""The least that the same result can take here: what cases are held against; see `case.py`."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from benchmarks.job import Case, Job
else:
    from job import Case, Job


def slices(folder: Path, size: int, rows: int) -> Job:
    """Open an archive with zarr and read each of its columns by one slice."""
    import zarr

    def run() -> object:
        root: Any = zarr.open_consolidated(str(folder / "data.zarr"), mode="r")
        return [np.asarray(root[name][:rows]) for name in "abc"]

    return Job(run)


def whole(folder: Path, size: int, rows: int) -> Job:
    """Read a column of 8 KB a row into one array with zarr."""
    import zarr

    def run() -> object:
        root: Any = zarr.open_consolidated(str(folder / "data.zarr"), mode="r")
        return np.asarray(root["x"][:size])

    return Job(run, lambda values: values.shape)


def metrics(folder: Path, size: int, rows: int) -> Job:
    """Three metrics in plain numpy."""
    truth = np.random.default_rng(0).normal(size=size)
    predictions = np.arange(size) / size

    def run() -> object:
        error = truth - predictions
        spread = truth - truth.mean()
        absolute = np.abs(error).mean()
        r2 = 1 - (error @ error) / (spread @ spread)
        return [absolute, r2, np.corrcoef(truth, predictions)[0, 1]]

    return Job(run)


def packbits(folder: Path, size: int, rows: int) -> Job:
    """Make a bit for each possible position, which is the plainest bitmap."""
    gaps = np.random.default_rng(0).integers(1, 4, size, dtype=np.uint32)
    positions = np.cumsum(gaps, dtype=np.uint32)

    def run() -> object:
        marks = np.zeros(int(positions[-1]) + 1, np.bool_)
        marks[positions] = True
        return np.packbits(marks)

    return Job(run, len)


def two_threads_of_md5(folder: Path, size: int, rows: int) -> Job:
    """Read every file of an archive by one call and hash it, in two threads."""
    root = str(folder / "data.zarr" / "a")

    def hashed(names: list[str]) -> list[str]:
        sums = []
        for name in names:
            with open(name, "rb", buffering=0) as file:  # noqa: PTH123  as fast as can be
                sums.append(hashlib.md5(file.read(), usedforsecurity=False).hexdigest())
        return sums

    def run() -> object:
        names = [f"{root}/{name}" for name in os.listdir(root)]  # noqa: PTH208
        parts = [names[start : start + 64] for start in range(0, len(names), 64)]
        with ThreadPoolExecutor(2) as threads:
            return [each for part in threads.map(hashed, parts) for each in part]

    return Job(run, len)


def one_thread_of_md5(folder: Path, size: int, rows: int) -> Job:
    """Read every file of an archive by one call and hash it."""
    root = str(folder / "data.zarr" / "a")

    def run() -> object:
        sums = []
        for name in os.listdir(root):  # noqa: PTH208
            with open(f"{root}/{name}", "rb", buffering=0) as file:  # noqa: PTH123
                sums.append(hashlib.md5(file.read(), usedforsecurity=False).hexdigest())
        return sums

    return Job(run, len)


CASES = {
    "limit_slices": Case(slices, "columns"),
    "limit_whole": Case(whole, "wide"),
    "limit_metrics": Case(metrics),
    "limit_packbits": Case(packbits),
    "limit_md5_100_kb": Case(two_threads_of_md5, "files_of_100_kb"),
    "limit_md5_1_kb": Case(one_thread_of_md5, "files_of_1_kb"),
}
