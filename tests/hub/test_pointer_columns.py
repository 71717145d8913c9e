"""Cells that point into an archive, wherever the dataset was copied to."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

import polaris as po
from polaris.dataset import ColumnAnnotation, Dataset
from tests.hub.conftest import make_archive


@pytest.fixture
def values(tmp_path: Path) -> NDArray[Any]:
    """Ten rows of an archive."""
    return make_archive(tmp_path / "source" / "data.zarr")


@pytest.fixture
def pointing(values: NDArray[Any], tmp_path: Path) -> Dataset:
    """A dataset whose cells are single rows of the archive, or several."""
    return Dataset(
        name="pointing",
        table=pd.DataFrame(
            {
                "one": ["fingerprints#7", "fingerprints#0"],
                "some": ["fingerprints#2:5", "fingerprints#8:10"],
            },
            index=["first", "second"],
        ),
        zarr_root_path=str(tmp_path / "source" / "data.zarr"),
        annotations={name: ColumnAnnotation(is_pointer=True) for name in ("one", "some")},
    )


def _cells_are_right(dataset: Dataset, values: NDArray[Any]) -> None:
    np.testing.assert_array_equal(dataset.get_data("first", "one"), values[7])
    np.testing.assert_array_equal(dataset["second", "one"], values[0])
    row = dataset["first"]
    assert list(row) == ["one", "some"]
    for label, start, stop in (("first", 2, 5), ("second", 8, 10)):
        some = dataset.get_data(label, "some")
        assert isinstance(some, tuple)
        assert len(some) == stop - start
        np.testing.assert_array_equal(np.stack(some), values[start:stop])
    np.testing.assert_array_equal(row["one"], values[7])
    np.testing.assert_array_equal(np.stack(row["some"]), values[2:5])


def test_cells_are_rows_of_the_archive(pointing: Dataset, values: NDArray[Any]) -> None:
    _cells_are_right(pointing, values)


def test_cells_are_the_same_after_caching(
    pointing: Dataset, values: NDArray[Any], tmp_path: Path
) -> None:
    before = Dataset(**pointing.model_dump())
    pointing.cache(tmp_path / "cache")
    assert pointing == before
    assert str(pointing.zarr_root_path).startswith(str(tmp_path / "cache"))
    shutil.rmtree(tmp_path / "source")
    _cells_are_right(pointing, values)


def test_cells_are_the_same_when_loaded_from_files(
    pointing: Dataset, values: NDArray[Any], tmp_path: Path
) -> None:
    loaded = po.load_dataset(pointing.to_json(tmp_path / "out"))
    shutil.rmtree(tmp_path / "source")
    assert isinstance(loaded, Dataset)
    _cells_are_right(loaded, values)


def test_cells_are_the_same_in_memory(
    pointing: Dataset, values: NDArray[Any], tmp_path: Path
) -> None:
    pointing.load_to_memory()
    shutil.rmtree(tmp_path / "source")
    _cells_are_right(pointing, values)
