"""Archives and datasets of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr
from numpy.typing import NDArray

from polaris.dataset import ColumnAnnotation, DatasetV2

A = np.random.default_rng(0).random((100, 2))
B = np.random.default_rng(1).random(100)


def make_archive(path: Path, *, rows: int = 25, **arrays: NDArray[Any]) -> str:
    """Write an archive of format 2, in chunks of a few rows, as any writer may."""
    root = zarr.open_group(str(path), mode="w", zarr_format=2)
    for name, values in arrays.items():
        chunks = (rows, *values.shape[1:])
        root.create_array(name, shape=values.shape, chunks=chunks, dtype=values.dtype)[:] = values
    zarr.consolidate_metadata(root.store)
    return str(path)


def without_attributes(path: str) -> str:
    """Remove the empty files of attributes, which earlier versions of zarr do not write."""
    for attributes in Path(path).rglob(".zattrs"):
        assert attributes.read_bytes() == b"{}"
        attributes.unlink()
    return path


@pytest.fixture
def archive(tmp_path: Path) -> str:
    return make_archive(tmp_path / "source" / "arrays.zarr", A=A, B=B)


@pytest.fixture
def dataset(archive: str) -> DatasetV2:
    return DatasetV2(
        name="Many_Arrays",
        owner="acme",
        license="MIT",
        zarr_root_path=archive,
        annotations={"A": ColumnAnnotation(description="two numbers")},
    )


@pytest.fixture(autouse=True)
def cache_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("POLARIS_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def same_data(dataset: object) -> None:
    assert isinstance(dataset, DatasetV2)
    np.testing.assert_array_equal(dataset.read_column("A"), A)
    np.testing.assert_array_equal(dataset.read_column("B"), B)
