"""A dataset, a benchmark on it and an archive for the tests of known defects."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import zarr

from polaris.benchmark import SingleTaskBenchmarkSpecification
from polaris.dataset import ColumnAnnotation, Dataset, DatasetV2

MakeBenchmark = Callable[..., SingleTaskBenchmarkSpecification]


@pytest.fixture
def table() -> pd.DataFrame:
    """Six molecules with a measured value."""
    return pd.DataFrame({"smiles": ["C" * (i + 1) for i in range(6)], "y": np.arange(6) + 0.5})


@pytest.fixture
def dataset(table: pd.DataFrame) -> Dataset:
    """A dataset that is ready to be published."""
    return Dataset(name="six_chains", owner="acme", license="MIT", table=table)


@pytest.fixture
def make_benchmark(dataset: Dataset) -> MakeBenchmark:
    """Makes a benchmark of the six molecules; every field can be given."""

    def make(**fields: Any) -> SingleTaskBenchmarkSpecification:
        given: dict[str, Any] = {
            "name": "chain_values",
            "owner": "acme",
            "dataset": dataset,
            "input_cols": "smiles",
            "target_cols": "y",
            "split": ([0, 1, 2, 3], [4, 5]),
            "metrics": ["mean_absolute_error"],
        }
        return SingleTaskBenchmarkSpecification(**given | fields)

    return make


@pytest.fixture
def benchmark(make_benchmark: MakeBenchmark) -> SingleTaskBenchmarkSpecification:
    """A benchmark with one target and one test set."""
    return make_benchmark()


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A consolidated Zarr archive with two columns of six rows."""
    path = tmp_path / "source" / "data.zarr"
    root = zarr.open_group(str(path), mode="w", zarr_format=2)
    for name in ("x", "y"):
        array = root.create_array(name, shape=(6,), chunks=(2,), dtype="float64")
        array[:] = np.arange(6.0)
    zarr.consolidate_metadata(root.store)
    return path


@pytest.fixture
def with_pointers(archive: Path) -> Dataset:
    """A dataset whose column ``x`` points into the archive."""
    table = pd.DataFrame({"x": [f"x#{i}" for i in range(6)], "y": np.arange(6.0)})
    return Dataset(
        name="with_pointers",
        owner="acme",
        license="MIT",
        table=table,
        zarr_root_path=str(archive),
        annotations={"x": ColumnAnnotation(is_pointer=True)},
    )


@pytest.fixture
def as_archive(archive: Path) -> DatasetV2:
    """The dataset of version 2 that the archive is."""
    return DatasetV2(name="as_archive", owner="acme", license="MIT", zarr_root_path=str(archive))
