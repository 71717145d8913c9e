"""Columns of datasets as Dask arrays."""

from __future__ import annotations

import pickle
from typing import Any

import dask.array as da
import numpy as np
import pandas as pd
import pytest

from polaris.dataset import Dataset, DatasetV2
from polaris.dataset.zarr import write_archive
from polaris.errors import InvalidDatasetError, InvalidInputError


@pytest.mark.parametrize("column", ["y", "name", "fp"])
def test_a_column_of_an_archive_is_what_the_dataset_reads(
    in_archive: DatasetV2, column: str
) -> None:
    array = in_archive.dask_array(column, rows=24)
    expected = in_archive.read_column(column)
    assert array.chunks[0] == (24, 24, 24, 24, 4)
    assert (array.shape, array.dtype) == (expected.shape, expected.dtype)
    np.testing.assert_array_equal(np.asarray(array), expected)


@pytest.mark.parametrize("column", ["y", "p"])
def test_a_column_of_a_table_is_what_the_dataset_reads(pointing: Dataset, column: str) -> None:
    array = pointing.dask_array(column, rows=30)
    np.testing.assert_array_equal(np.asarray(array), pointing.read_column(column))


def test_parts_and_sums_are_computed_from_the_blocks(in_archive: DatasetV2) -> None:
    array = in_archive.dask_array("fp", rows=16)
    expected = in_archive.read_column("fp")
    np.testing.assert_allclose(da.mean(array, axis=0), expected.mean(axis=0))
    np.testing.assert_array_equal(array[10:20, 1], expected[10:20, 1])


def test_making_the_array_reads_one_cell_only(
    pointing: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    read_column = Dataset.read_column

    def noted(self: Dataset, column: str, positions: Any = None, **more: Any) -> Any:
        read.append(self.n_rows if positions is None else len(positions))
        return read_column(self, column, positions, **more)

    monkeypatch.setattr(Dataset, "read_column", noted)
    array = pointing.dask_array("p")
    assert read == [1]
    _ = np.asarray(array)
    assert sum(read) == 1 + pointing.n_rows


def test_blocks_are_whole_chunks_of_the_archive(in_archive: DatasetV2) -> None:
    lengths = in_archive.dask_array("fp").chunks[0]
    assert all(length % 8 == 0 for length in lengths[:-1])


def test_the_columns_that_are_not_asked_for_do_not_go_to_the_workers() -> None:
    table = pd.DataFrame({"x": [1.0, 2.0], "secret": ["do not send", "do not send"]})
    array = Dataset(table=table).dask_array("x")
    assert b"do not send" not in pickle.dumps(dict(array.dask))


def test_a_column_without_rows_is_empty() -> None:
    array = Dataset(table=pd.DataFrame({"x": np.empty(0)})).dask_array("x")
    assert np.asarray(array).shape == (0,)


def test_what_is_read_can_be_written_to_a_new_archive(in_archive: DatasetV2, tmp_path: Any) -> None:
    blocks = in_archive.dask_array("fp", rows=24).blocks
    copied = write_archive(tmp_path / "copy.zarr", {"fp": (np.asarray(block) for block in blocks)})
    again = DatasetV2(zarr_root_path=copied)
    np.testing.assert_array_equal(again.read_column("fp"), in_archive.read_column("fp"))


@pytest.mark.parametrize("rows", [0, -1, 1.5, True, "8"])
def test_a_bad_length_of_blocks_is_refused(in_archive: DatasetV2, rows: Any) -> None:
    with pytest.raises(InvalidInputError, match="cannot have"):
        in_archive.dask_array("y", rows=rows)


def test_an_unknown_column_is_refused_at_once(in_archive: DatasetV2) -> None:
    with pytest.raises(InvalidDatasetError, match="gone"):
        in_archive.dask_array("gone")


def test_the_array_is_one_of_dask(in_archive: DatasetV2) -> None:
    assert isinstance(in_archive.dask_array("y"), da.Array)
