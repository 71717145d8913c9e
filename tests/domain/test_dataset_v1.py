"""Datasets that are tables."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pandas as pd
import pytest

from polaris.domain.columns import ColumnAnnotation
from polaris.domain.dataset_v1 import DatasetV1
from polaris.errors import InvalidDatasetError, InvalidInputError, PolarisChecksumError

WRONG = "0" * 32


def test_rows_columns_and_sizes_are_those_of_the_table(dataset: DatasetV1) -> None:
    assert list(dataset.rows) == list("uvwxyz")
    assert dataset.columns == ["smiles", "y", "active", "series"]
    assert dataset.size() == (6, 4)
    assert (dataset.n_rows, dataset.n_columns, len(dataset)) == (6, 4, 6)
    assert dataset.dtypes["y"] == np.dtype("float64")


def test_the_rows_are_the_index_itself_and_not_a_copy(dataset: DatasetV1) -> None:  # W34
    rows: Any = dataset.rows
    assert rows is dataset.table.index


# -- reading by label ---------------------------------------------------------------------------


def test_a_label_gives_the_row_and_a_label_with_a_column_the_cell(dataset: DatasetV1) -> None:
    assert dataset["v"] == {"smiles": "CC", "y": 1.5, "active": 1, "series": "a"}
    assert dataset["v", "smiles"] == "CC"
    assert dataset.get_data(row=dataset.rows[0], col=dataset.columns[0]) == "C"


def test_a_cell_is_what_the_table_has_with_time_zone_and_missing_values() -> None:
    moment = pd.Timestamp("2025-01-31T12:00", tz="Asia/Tokyo").as_unit("us")
    table = pd.DataFrame(
        {
            "at": [moment, pd.NaT],
            "took": [pd.Timedelta(hours=1), pd.NaT],
            "n": pd.array([7, None], dtype="Int64"),
        }
    )
    dataset = DatasetV1(table=table)
    cell = dataset[0, "at"]
    assert (type(cell), cell, str(cell.tz)) == (pd.Timestamp, moment, "Asia/Tokyo")
    assert dataset[0]["took"] == pd.Timedelta(hours=1)
    assert type(dataset[0, "took"]) is pd.Timedelta
    assert dataset[1, "at"] is pd.NaT
    assert dataset[1, "n"] is pd.NA


def test_whole_numbers_are_labels_and_not_positions() -> None:
    dataset = DatasetV1(table=pd.DataFrame({"x": ["a", "b"]}, index=[7, 0]))
    assert dataset[0] == {"x": "b"}
    assert dataset[7, "x"] == "a"


def test_a_slice_counts_positions_as_for_a_list(dataset: DatasetV1) -> None:
    part = dataset[:2]
    assert isinstance(part, pd.DataFrame)
    assert part["smiles"].tolist() == ["C", "CC"]
    assert dataset[1:3, "y"].tolist() == [1.5, 2.5]
    assert dataset[-1:, "y"].tolist() == [5.5]


@pytest.mark.parametrize(
    "item",
    ["gone", ("u", "gone"), ("gone", "y"), 0, -1, None, ("u", "y", "z"), ["u"], float("nan")],
)
def test_a_row_or_column_that_is_not_there_is_named(dataset: DatasetV1, item: Any) -> None:
    with pytest.raises(InvalidDatasetError) as caught:
        dataset[item]
    assert caught.value.hint


def test_equal_labels_do_not_name_one_row() -> None:
    dataset = DatasetV1(table=pd.DataFrame({"x": [1, 2]}, index=["a", "a"]))
    with pytest.raises(InvalidDatasetError, match="equal labels"):
        dataset["a"]
    assert dataset.read_column("x").tolist() == [1, 2]


# -- reading in bulk ----------------------------------------------------------------------------


def test_a_column_is_read_in_the_order_asked_for_repeats_included(dataset: DatasetV1) -> None:
    assert dataset.read_column("y", np.array([5, 0, 0])).tolist() == [5.5, 0.5, 0.5]
    assert dataset.read_column("y", np.array([], dtype=np.int64)).tolist() == []
    assert dataset.read_column("active").tolist() == [0, 1, 0, 1, 0, 1]


@pytest.mark.parametrize("positions", [[6], [-1], [0, 99]])
def test_a_position_out_of_range_is_refused(dataset: DatasetV1, positions: list[int]) -> None:
    with pytest.raises(InvalidDatasetError, match="out of range"):
        dataset.read_column("y", np.array(positions))


def test_an_unknown_column_is_refused_with_those_that_exist(dataset: DatasetV1) -> None:
    with pytest.raises(InvalidDatasetError) as caught:
        dataset.read_column("gone")
    assert "smiles, y" in caught.value.hint


# -- tables -------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", [None, 5, [[1]], {"x": [1]}, "gone.parquet"])
def test_what_is_no_table_is_refused(table: Any) -> None:
    with pytest.raises(InvalidDatasetError) as caught:
        DatasetV1(table=table)
    assert caught.value.problems[0].path == "table"


def test_every_bad_column_name_is_named() -> None:
    table = pd.DataFrame([[1, 2, 3, 4]], columns=["a", 7, "a", None])
    with pytest.raises(InvalidDatasetError) as caught:
        DatasetV1(table=table)
    messages = [problem.message for problem in caught.value.problems]
    assert len(messages) == 3
    assert any("several columns 'a'" in message for message in messages)
    assert any("7 is not a text" in message for message in messages)


def test_an_empty_table_is_a_dataset_without_rows() -> None:
    dataset = DatasetV1(table=pd.DataFrame({"x": []}))
    assert len(dataset) == 0
    assert len(dataset.md5sum) == 32


def test_an_archive_is_required_by_pointers_and_by_nothing_else() -> None:
    table = pd.DataFrame({"x": ["a#0"]})
    for fields in ({"annotations": {"x": {"is_pointer": True}}}, {"zarr_root_path": "data.zarr"}):
        with pytest.raises(InvalidDatasetError) as caught:
            DatasetV1(table=table, **fields)
        assert [problem.path for problem in caught.value.problems] == ["zarr_root_path"]


def test_a_dataset_without_archive_says_so(dataset: DatasetV1) -> None:
    assert not dataset.uses_zarr
    assert dataset.zarr_root is None
    assert dataset.zarr_md5sum_manifest == []
    with pytest.raises(InvalidDatasetError, match="has no Zarr archive"):
        dataset.load_to_memory()


# -- the checksum -------------------------------------------------------------------------------


def test_the_checksum_is_computed_when_it_is_first_asked_for(dataset: DatasetV1) -> None:
    assert not dataset.has_md5sum
    assert len(dataset.md5sum) == 32
    assert dataset.has_md5sum


def test_a_given_checksum_is_compared_with_the_content(table: pd.DataFrame) -> None:  # W2
    right = DatasetV1(table=table).md5sum
    assert DatasetV1(table=table, md5sum=right).has_md5sum
    with pytest.raises(PolarisChecksumError) as caught:
        DatasetV1(table=table, md5sum=WRONG)
    assert right in caught.value.message
    assert isinstance(caught.value, ValueError)


def test_an_altered_table_does_not_pass_under_its_old_checksum(table: pd.DataFrame) -> None:  # W2
    old = DatasetV1(table=table).md5sum
    altered = table.copy()
    altered.loc["u", "y"] = 0.6
    with pytest.raises(PolarisChecksumError):
        DatasetV1(table=altered, md5sum=old)


@pytest.mark.parametrize("text", ["", "invalid", "A" * 32, "0" * 31, "0" * 33, 5])
def test_an_ill_formed_checksum_is_refused(dataset: DatasetV1, text: Any) -> None:
    with pytest.raises(InvalidInputError):
        dataset.md5sum = text
    with pytest.raises(InvalidInputError):
        dataset.verify_checksum(text)


def test_verifying_fails_after_a_wrong_checksum_was_set(dataset: DatasetV1) -> None:
    dataset.verify_checksum()
    dataset.md5sum = WRONG
    with pytest.raises(PolarisChecksumError, match=WRONG):
        dataset.verify_checksum()
    with pytest.raises(PolarisChecksumError):
        dataset.verify_checksum("1" * 32)


def test_verifying_with_nothing_to_compare_takes_the_checksum_up(dataset: DatasetV1) -> None:
    dataset.verify_checksum()
    assert dataset.has_md5sum


def test_description_name_and_source_do_not_enter_the_checksum(table: pd.DataFrame) -> None:
    bare = DatasetV1(table=table)
    told = DatasetV1(table=table, name="named", description="d", source="https://a.org")
    assert bare.md5sum == told.md5sum
    assert bare == told


def test_the_order_of_rows_and_columns_does_not_enter_the_checksum(table: pd.DataFrame) -> None:
    turned = table.iloc[::-1, ::-1].reset_index(drop=True)
    assert DatasetV1(table=turned) == DatasetV1(table=table)


def test_a_dataset_with_a_row_less_or_another_type_is_another_one(
    dataset: DatasetV1, table: pd.DataFrame
) -> None:
    assert DatasetV1(table=table.iloc[:-1]) != dataset
    tampered = DatasetV1(table=table)
    tampered.md5sum = WRONG
    assert tampered != dataset
    other: object = "text"
    assert dataset != other


def test_a_new_table_has_a_checksum_and_annotations_of_its_own(
    dataset: DatasetV1, table: pd.DataFrame
) -> None:
    before = dataset.md5sum
    dataset.table = table.drop(columns="series").assign(y=[1, 2, 3, 4, 5, 6])
    assert dataset.md5sum != before
    assert list(dataset.annotations) == ["smiles", "y", "active"]
    assert dataset.annotations["y"].dtype == np.dtype("int64")
    assert dataset["u"] == {"smiles": "C", "y": 1, "active": 0}


def test_a_refused_table_leaves_the_dataset_as_it_was(dataset: DatasetV1) -> None:
    annotations, md5sum = dataset.annotations, dataset.md5sum
    for refused in ("text", pd.DataFrame([[1, 2]], columns=["a", "a"])):
        with pytest.raises(InvalidDatasetError):
            dataset.table = refused  # type: ignore[assignment]
    assert (dataset.annotations, dataset.md5sum) == (annotations, md5sum)
    assert dataset.n_rows == 6


def test_new_annotations_leave_no_column_without_one(dataset: DatasetV1) -> None:
    dataset.annotations = {"y": ColumnAnnotation(description="affinity")}
    assert list(dataset.annotations) == dataset.columns
    assert dataset.annotations["y"].description == "affinity"
    assert dataset["u", "smiles"] == "C"


@pytest.mark.parametrize(
    ("strategy", "wanted"),
    [
        ("verify", True),
        (True, True),
        ("ignore", False),
        (False, False),
        ("verify_unless_zarr", True),
    ],
)
def test_strategies_of_old_and_new_clients_are_understood(
    dataset: DatasetV1, strategy: Any, wanted: bool
) -> None:
    assert dataset.should_verify_checksum(strategy) is wanted


def test_a_copy_without_columns_leaves_the_dataset_as_it_is(dataset: DatasetV1) -> None:
    reduced = dataset.without_columns(["y", "active"])
    assert reduced.columns == ["smiles", "series"]
    assert list(reduced.annotations) == ["smiles", "series"]
    assert reduced.md5sum != dataset.md5sum
    assert dataset.columns == ["smiles", "y", "active", "series"]


def test_the_callers_table_is_never_changed(table: pd.DataFrame) -> None:
    before = table.copy()
    dataset = DatasetV1(table=table)
    _ = dataset.md5sum, dataset[:], dataset["u"], copy.deepcopy(dataset)
    pd.testing.assert_frame_equal(table, before)
