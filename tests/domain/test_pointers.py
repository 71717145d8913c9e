"""Columns that point into an archive."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polaris.domain.checksums.table import table_checksum
from polaris.domain.dataset_v1 import DatasetV1
from polaris.domain.pointers import parse_pointers
from polaris.errors import InvalidDatasetError

Pointing = Callable[..., DatasetV1]

paths = st.text(st.characters(codec="utf-8", exclude_characters="#\n\r"), min_size=1, max_size=8)
rows = st.integers(0, 10**6)


@given(st.lists(st.tuples(paths, st.none() | rows, st.none() | rows), max_size=6))
def test_pointers_are_taken_apart_as_they_were_written(
    parts: list[tuple[str, int | None, int | None]],
) -> None:
    cells = [
        path + ("" if start is None else f"#{start}" + ("" if stop is None else f":{stop}"))
        for path, start, stop in parts
    ]
    found = parse_pointers(cells)
    assert [found.paths[code] for code in found.codes] == [path for path, _, _ in parts]
    for position, (_, start, stop) in enumerate(parts):
        sliced = start is not None and stop is not None
        assert bool(found.is_slice[position]) is sliced
        assert found.start[position] == (-1 if start is None else start)
        if start is not None:
            assert found.stop[position] == (start + 1 if stop is None else stop)


@pytest.mark.parametrize(
    "cell", ["", "#1", "a#", "a#x", "a#-1", "a#1:2:3", "a#1:", "a#:2", "a#1#2", None]
)
def test_a_cell_that_is_no_pointer_is_shown_and_counted(cell: Any) -> None:
    with pytest.raises(InvalidDatasetError, match="1 cells are not pointers") as caught:
        parse_pointers(["good#1", cell])
    assert "path#row" in caught.value.hint


def test_single_rows_are_read_as_one_array_in_the_order_of_the_cells(
    pointing: Pointing, archive: Any
) -> None:
    dataset = pointing(["fp#2", "fp#0", "fp#2"])
    values = dataset.read_column("p")
    np.testing.assert_array_equal(values, archive.group["fp"][[2, 0, 2]])
    assert values.dtype == np.float32


def test_each_array_is_read_once_however_many_cells_point_into_it(
    pointing: Pointing, archive: Any
) -> None:
    dataset = pointing(["fp#0", "more#1", "fp#2", "more#3", "fp#4"])
    values = dataset.read_column("p")
    assert archive.reads == [("fp", [0, 2, 4]), ("more", [1, 3])]
    assert values[:, 0].tolist() == [0.0, 103.0, 6.0, 109.0, 12.0]


def test_a_cell_is_one_element_of_the_array(pointing: Pointing, archive: Any) -> None:
    dataset = pointing(["fp#2", "fp#5"])
    np.testing.assert_array_equal(dataset[1, "p"], archive.group["fp"][5])
    assert archive.reads == [("fp", [5])]


def test_a_slice_reads_as_a_tuple_of_the_elements(pointing: Pointing, archive: Any) -> None:
    dataset = pointing(["fp#0:2", "fp#3:6", "fp#4", "fp#1:1"])
    first, second, single, none = dataset.read_column("p")
    assert isinstance(first, tuple)
    assert [len(first), len(second), len(none)] == [2, 3, 0]
    np.testing.assert_array_equal(np.stack(second), archive.group["fp"][3:6])
    np.testing.assert_array_equal(single, archive.group["fp"][4])
    assert len(archive.reads) == 1


def test_arrays_of_different_shapes_stay_apart(pointing: Pointing, archive: Any) -> None:
    narrow, wide = pointing(["fp#1", "wide#1"]).read_column("p")
    np.testing.assert_array_equal(narrow, archive.group["fp"][1])
    np.testing.assert_array_equal(wide, archive.group["wide"][1])


def test_a_pointer_without_row_is_the_whole_array_or_group(
    pointing: Pointing, archive: Any
) -> None:
    whole, group = pointing(["fp", "pdb"]).read_column("p")
    np.testing.assert_array_equal(whole, archive.group["fp"])
    assert {name: part.tolist() for name, part in group.items()} == {"x": [1, 2], "y": [3, 4]}


@pytest.mark.parametrize(
    "pointer", ["gone#0", "gone", "fp#6", "fp#5:7", "fp#3:1", "fp#99999999999999999999"]
)
def test_a_pointer_to_nothing_is_refused(pointing: Pointing, pointer: str) -> None:
    with pytest.raises(InvalidDatasetError):
        pointing([pointer]).read_column("p")


def test_only_the_asked_for_cells_are_read(pointing: Pointing, archive: Any) -> None:
    pointing(["fp#0", "gone#1", "fp#2"]).read_column("p", np.array([2]))
    assert archive.reads == [("fp", [2])]


def test_no_rows_are_an_empty_array_without_a_read(pointing: Pointing, archive: Any) -> None:
    assert len(pointing(["fp#0"]).read_column("p", np.array([], dtype=np.int64))) == 0
    assert archive.reads == []


def test_arrays_in_memory_are_read_from_there(pointing: Pointing, archive: Any) -> None:
    dataset = pointing(["fp#1", "fp#0"])
    dataset.load_to_memory()
    dataset.load_to_memory()
    np.testing.assert_array_equal(dataset.read_column("p"), archive.group["fp"][[1, 0]])
    assert archive.reads == []
    assert set(dataset.zarr_data) == set(archive.group)


def test_the_checksum_covers_the_archive_behind_the_pointers(
    pointing: Pointing, archive: Any
) -> None:
    dataset = pointing(["fp#0", "fp#1"])
    assert dataset.md5sum == table_checksum(dataset.table, archive.digest().digest)
    assert dataset.md5sum != table_checksum(dataset.table)
    assert dataset.zarr_md5sum_manifest == archive.files()
    assert not dataset.should_verify_checksum("verify_unless_zarr")


def test_a_dataset_that_knows_no_archive_says_what_to_do() -> None:
    dataset = DatasetV1(
        table=pd.DataFrame({"p": ["a#0"]}),
        annotations={"p": {"is_pointer": True}},
        zarr_root_path="data.zarr",
    )
    with pytest.raises(InvalidDatasetError) as caught:
        dataset.read_column("p")
    assert "attach" in caught.value.hint
