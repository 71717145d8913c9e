"""Datasets, archives and benchmarks for the tests of the domain."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from polaris.domain.arrays import ArrayInfo
from polaris.domain.benchmark_v1 import BenchmarkV1Specification
from polaris.domain.checksums.archive import ArchiveDigest, FileChecksum, archive_digest
from polaris.domain.columns import ColumnAnnotation
from polaris.domain.dataset_v1 import DatasetV1
from polaris.errors import InvalidDatasetError


class ArraysInMemory:
    """An archive of arrays, which notes every read.

    Attributes:
        reads: The path and the rows of each read, in order.
    """

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        self._arrays = dict(arrays)
        self.reads: list[tuple[str, list[int]]] = []

    @property
    def group(self) -> Any:
        return self._arrays

    def arrays(self) -> Sequence[ArrayInfo]:
        return [self.info(path) for path in sorted(self._arrays)]

    def info(self, path: str, /) -> ArrayInfo:
        if path not in self._arrays:
            raise InvalidDatasetError(f"no array {path!r}")
        array = self._arrays[path]
        return ArrayInfo(path, array.shape, array.dtype, array.shape)

    def take(self, path: str, rows: NDArray[np.int64], /) -> NDArray[Any]:
        info = self.info(path)
        if rows.size and (rows.min() < 0 or rows.max() >= info.shape[0]):
            raise InvalidDatasetError(f"a row of {path!r} is out of range")
        self.reads.append((path, rows.tolist()))
        return np.asarray(self._arrays[path][rows])

    def digest(self) -> ArchiveDigest:
        return archive_digest(self.files())

    def files(self) -> Sequence[FileChecksum]:
        return [FileChecksum(f"{path}/0", "0" * 32, 8) for path in sorted(self._arrays)]

    def load(self) -> ArraysInMemory:
        return ArraysInMemory(self._arrays)


@pytest.fixture
def table() -> pd.DataFrame:
    """Six molecules with a measured value, a class and a group, labelled by texts."""
    return pd.DataFrame(
        {
            "smiles": ["C", "CC", "CCC", "CCO", "CCN", "CCCl"],
            "y": [0.5, 1.5, 2.5, 3.5, 4.5, 5.5],
            "active": [0, 1, 0, 1, 0, 1],
            "series": ["a", "a", "b", "b", "c", "c"],
        },
        index=list("uvwxyz"),
    )


@pytest.fixture
def dataset(table: pd.DataFrame) -> DatasetV1:
    """A dataset of six molecules."""
    return DatasetV1(name="six_molecules", owner="acme", table=table)


@pytest.fixture
def archive() -> ArraysInMemory:
    """An archive with vectors of two lengths and a group of two arrays."""
    return ArraysInMemory(
        {
            "fp": np.arange(18, dtype=np.float32).reshape(6, 3),
            "more": np.arange(100, 118, dtype=np.float32).reshape(6, 3),
            "wide": np.arange(24, dtype=np.int64).reshape(6, 4),
            "pdb/x": np.array([1.0, 2.0]),
            "pdb/y": np.array([3.0, 4.0]),
        }
    )


@pytest.fixture
def pointing(archive: ArraysInMemory) -> Callable[..., DatasetV1]:
    """Makes a dataset whose column ``p`` has the given pointers into the archive."""

    def make(pointers: Sequence[Any], **fields: Any) -> DatasetV1:
        made = DatasetV1(
            table=pd.DataFrame({"p": pointers, "y": np.arange(len(pointers)) + 0.5}),
            annotations={"p": ColumnAnnotation(is_pointer=True)},
            zarr_root_path="data.zarr",
            **fields,
        )
        made.attach(archive)
        return made

    return make


@pytest.fixture
def make_benchmark(dataset: DatasetV1) -> Callable[..., BenchmarkV1Specification]:
    """Makes a benchmark of the six molecules; every field can be given."""

    def make(**fields: Any) -> BenchmarkV1Specification:
        cls = fields.pop("cls", BenchmarkV1Specification)
        given = {
            "name": "six_tasks",
            "owner": "acme",
            "dataset": dataset,
            "input_cols": "smiles",
            "target_cols": "y",
            "split": ([0, 1, 2], [3, 4, 5]),
            "metrics": ["mean_absolute_error", "r2"],
        } | fields
        made = cls(**given)
        assert isinstance(made, BenchmarkV1Specification)
        return made

    return make


@pytest.fixture
def benchmark(make_benchmark: Callable[..., BenchmarkV1Specification]) -> BenchmarkV1Specification:
    """A benchmark with one target and one test set."""
    return make_benchmark()
