"""Archives and datasets for the tests of Dask."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from polaris.dataset import ColumnAnnotation, Dataset, DatasetV2
from polaris.dataset.zarr import write_archive

ROWS = 100


@pytest.fixture
def archive(tmp_path: Path) -> str:
    """An archive of a number, a text and a vector a row, in chunks of eight rows."""
    return write_archive(
        tmp_path / "source.zarr",
        {
            "y": np.arange(ROWS) / 4,
            "name": np.array([f"row {i}" for i in range(ROWS)]),
            "fp": np.arange(ROWS * 3, dtype=np.float32).reshape(ROWS, 3),
        },
        chunks=8,
    )


@pytest.fixture
def in_archive(archive: str) -> DatasetV2:
    """A dataset that is the archive."""
    return DatasetV2(name="in_archive", zarr_root_path=archive)


@pytest.fixture
def pointing(archive: str) -> Dataset:
    """A table with a column that points into the archive, from the last row to the first."""
    table = pd.DataFrame(
        {"y": np.arange(ROWS) / 4, "p": [f"fp#{i}" for i in reversed(range(ROWS))]}
    )
    return Dataset(
        name="pointing",
        table=table,
        zarr_root_path=archive,
        annotations={"p": ColumnAnnotation(is_pointer=True)},
    )
