"""Archives built and checked on Dask."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dask.array as da
import numpy as np
import pytest
import zarr

from polaris.dataset import DatasetV2
from polaris.dataset import dask as on_dask
from polaris.dataset import zarr as in_process
from polaris.errors import InvalidDatasetError, ObjectExistsError, ObjectNotFoundError

ROWS = 1000


@pytest.fixture
def values() -> dict[str, np.ndarray[Any, Any]]:
    """A number, a text and an image a row."""
    return {
        "y": np.arange(ROWS) / 4,
        "name": np.array([f"row {i}" for i in range(ROWS)]),
        "image": np.arange(ROWS * 6, dtype=np.uint8).reshape(ROWS, 2, 3),
    }


def _columns(values: dict[str, np.ndarray[Any, Any]]) -> dict[str, da.Array]:
    # Blocks that do not end where chunks end, and that part an image in the middle.
    return {
        name: _array(v, (130, *(max(1, n - 1) for n in v.shape[1:]))) for name, v in values.items()
    }


def _array(values: np.ndarray[Any, Any], chunks: tuple[int, ...]) -> da.Array:
    # Dask types a part of itself only.
    made: da.Array = da.from_array(values, chunks=chunks)  # type: ignore[no-untyped-call]
    return made


@pytest.mark.parametrize(
    "layout",
    [
        {},
        {"chunks": 64},
        {"chunks": {"y": 7}},
        {"zarr_format": 3},
        {"zarr_format": 3, "chunks": 16, "shards": 128},
    ],
    ids=str,
)
def test_an_archive_holds_what_the_arrays_compute(
    tmp_path: Path, values: dict[str, np.ndarray[Any, Any]], layout: dict[str, Any]
) -> None:
    path = on_dask.write_archive(tmp_path / "made.zarr", _columns(values), **layout)
    dataset = DatasetV2(zarr_root_path=path)
    assert dataset.size() == (ROWS, 3)
    for name, expected in values.items():
        np.testing.assert_array_equal(dataset.read_column(name), expected)


def test_the_archive_is_laid_out_as_without_dask(
    tmp_path: Path, values: dict[str, np.ndarray[Any, Any]]
) -> None:
    numbers = {"y": values["y"], "image": values["image"]}
    one = on_dask.write_archive(tmp_path / "one.zarr", _columns(numbers), chunks=64)
    other = in_process.write_archive(tmp_path / "other.zarr", numbers, chunks=64)
    for name in numbers:
        layouts = [zarr.open_group(path)[name].metadata for path in (one, other)]
        assert layouts[0] == layouts[1]
    assert on_dask.compute_zarr_checksum(one) == on_dask.compute_zarr_checksum(other)


def test_the_digest_is_that_of_one_process(tmp_path: Path) -> None:
    path = in_process.write_archive(tmp_path / "a.zarr", {"x": np.arange(5000)}, chunks=1)
    digest, files = on_dask.compute_zarr_checksum(path)
    expected, listed = in_process.compute_zarr_checksum(path)
    assert (digest, sorted(files)) == (expected, sorted(listed))
    assert digest.count > 5000


def _failing(block: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    if block.size and block[0] > 100:
        raise RuntimeError("the experiment exploded")
    return block


def test_nothing_is_left_of_an_archive_whose_blocks_fail(tmp_path: Path) -> None:
    column = da.arange(ROWS, chunks=100).map_blocks(_failing, dtype=np.int64)
    with pytest.raises(RuntimeError, match="exploded"):
        on_dask.write_archive(tmp_path / "a.zarr", {"x": column}, chunks=10)
    assert [path for path in (tmp_path / "a.zarr").rglob("*") if path.is_file()] == []


def test_an_archive_that_is_there_is_not_touched(tmp_path: Path) -> None:
    path = in_process.write_archive(tmp_path / "a.zarr", {"x": np.arange(5)})
    with pytest.raises(ObjectExistsError):
        on_dask.write_archive(path, {"x": da.zeros(5)})
    assert DatasetV2(zarr_root_path=path).read_column("x").tolist() == [0, 1, 2, 3, 4]


def _unknown() -> da.Array:
    numbers = da.arange(10, chunks=5)
    chosen: da.Array = numbers[numbers > 3]
    return chosen


def test_columns_that_cannot_be_stored_are_refused_together(tmp_path: Path) -> None:
    columns: dict[str, Any] = {
        "numpy": np.arange(10),
        "unknown": _unknown(),
        "objects": _array(np.array([{}] * 10, dtype=object), (5,)),
        "single": da.zeros(10).sum(),
        "x": da.zeros(10),
        "longer": da.zeros(11),
    }
    with pytest.raises(InvalidDatasetError) as caught:
        on_dask.write_archive(tmp_path / "a.zarr", columns)
    assert {problem.path for problem in caught.value.problems} == columns.keys() - {
        "x",
        "longer",
    } | {""}
    assert not (tmp_path / "a.zarr").exists()


def test_a_missing_archive_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ObjectNotFoundError):
        on_dask.compute_zarr_checksum(tmp_path / "gone.zarr")
