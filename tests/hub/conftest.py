"""Hubs and artifacts for the tests of the client."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import zarr

from polaris.benchmark import (
    BenchmarkV2Specification,
    SingleTaskBenchmarkSpecification,
    SplitV2,
)
from polaris.dataset import ColumnAnnotation, Dataset, DatasetV2
from polaris.hub.client import PolarisHubClient
from polaris.hub.settings import PolarisHubSettings


@pytest.fixture(params=["file", "memory"])
def hub_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty hub, one of each embedded transport."""
    if request.param == "memory":
        return f"memory://{uuid.uuid4().hex}"
    return (tmp_path / "hub").as_uri()


@pytest.fixture
def settings(hub_url: str) -> PolarisHubSettings:
    """Settings for the empty hub."""
    return PolarisHubSettings(hub_url=hub_url)


@pytest.fixture
def client(settings: PolarisHubSettings) -> Iterator[PolarisHubClient]:
    """A client of the empty hub."""
    with PolarisHubClient(settings) as client:
        yield client


@pytest.fixture
def table() -> pd.DataFrame:
    """Ten molecules with a measured value."""
    return pd.DataFrame(
        {"smiles": ["C" * (i + 1) for i in range(10)], "y": np.linspace(0.5, 5.0, 10)}
    )


@pytest.fixture
def dataset(table: pd.DataFrame) -> Dataset:
    """A dataset that is ready to be published."""
    return Dataset(name="hello_world", owner="acme", license="CC-BY-4.0", table=table)


def make_archive(path: Path, rows: int = 10) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Write a consolidated Zarr v2 archive with one array and return what it holds."""
    values = np.arange(rows * 3, dtype=np.float32).reshape(rows, 3)
    root = zarr.open_group(str(path), mode="w", zarr_format=2)
    array = root.create_array("fingerprints", shape=values.shape, chunks=(4, 3), dtype="float32")
    array[:] = values
    zarr.consolidate_metadata(root.store)
    return values


@pytest.fixture
def zarr_dataset(table: pd.DataFrame, tmp_path: Path) -> Dataset:
    """A dataset with a column that points into an archive."""
    make_archive(tmp_path / "source" / "data.zarr")
    pointing = table.assign(fp=[f"fingerprints#{i}" for i in range(len(table))])
    return Dataset(
        name="with_arrays",
        owner="acme",
        license="MIT",
        table=pointing,
        zarr_root_path=str(tmp_path / "source" / "data.zarr"),
        annotations={"fp": ColumnAnnotation(is_pointer=True)},
    )


@pytest.fixture
def benchmark(dataset: Dataset) -> SingleTaskBenchmarkSpecification:
    """A benchmark on the dataset."""
    return SingleTaskBenchmarkSpecification(
        name="hello_benchmark",
        owner="acme",
        dataset=dataset,
        input_cols="smiles",
        target_cols="y",
        split=(list(range(8)), [8, 9]),
        metrics=["mean_absolute_error", "r2"],
        main_metric="mean_absolute_error",
        target_types={"y": "regression"},
    )


NumberPairs = Callable[..., DatasetV2]
MakeV2 = Callable[..., BenchmarkV2Specification]


@pytest.fixture
def number_pairs(tmp_path: Path) -> NumberPairs:
    """Makes a dataset of version 2 with columns ``x`` and ``y``; numbers fill all their rows."""

    def make(folder: str = "source", rows: int = 30, **columns: Any) -> DatasetV2:
        path = tmp_path / folder / "numbers.zarr"
        root = zarr.open_group(str(path), mode="w", zarr_format=2)
        for name, factor in (("x", 1.0), ("y", 2.0)):
            values = columns[name] if name in columns else np.arange(rows) * factor
            fill = values if np.isscalar(values) else 0
            chunks = (max(10, rows // 1000),)
            array = root.create_array(
                name, shape=(rows,), chunks=chunks, dtype="float64", fill_value=fill
            )
            if not np.isscalar(values):
                array[:] = values
        zarr.consolidate_metadata(root.store)
        return DatasetV2(name="number_pairs", owner="acme", license="MIT", zarr_root_path=str(path))

    return make


@pytest.fixture
def make_v2(number_pairs: NumberPairs) -> MakeV2:
    """Makes a benchmark of version 2 with two splits of thirty rows; every field can be given."""

    def make(**fields: Any) -> BenchmarkV2Specification:
        given: dict[str, Any] = {
            "name": "number_splits",
            "owner": "acme",
            "input_cols": ["x"],
            "target_cols": ["y"],
            "n_classes": {"y": 30},
            "splits": {
                "random": SplitV2(training=range(20), test=range(20, 30)),
                "zero shot/é": SplitV2(training=[], test=[0, 7, 29]),
            },
        }
        if "dataset" not in fields:
            given["dataset"] = number_pairs()
        return BenchmarkV2Specification(**given | fields)

    return make


@pytest.fixture
def single_v2(make_v2: MakeV2) -> BenchmarkV2Specification:
    """A benchmark as those of polaris-lib 0.13 are: one split, and metrics."""
    return make_v2(
        splits=SplitV2(training=range(20), test=range(20, 30)),
        metrics=["mean_absolute_error", "r2"],
        main_metric="r2",
        target_types={"y": "regression"},
    )
