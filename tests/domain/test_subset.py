"""Some rows of a dataset, as inputs and targets for a model."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polaris.domain.dataset_v1 import DatasetV1
from polaris.domain.subset import Subset
from polaris.errors import InvalidDatasetError, InvalidInputError

Pointing = Callable[..., DatasetV1]


@pytest.fixture
def subset(dataset: DatasetV1) -> Subset:
    return Subset(dataset, [4, 0, 1], "smiles", "y")


def test_indexing_iteration_and_arrays_agree_with_the_table(subset: Subset) -> None:
    expected = [("CCN", 4.5), ("C", 0.5), ("CC", 1.5)]
    assert [subset[i] for i in range(len(subset))] == expected
    assert list(subset) == expected
    assert subset.X.tolist() == subset.inputs.tolist() == ["CCN", "C", "CC"]  # type: ignore[union-attr]
    assert subset.y.tolist() == subset.targets.tolist() == [4.5, 0.5, 1.5]  # type: ignore[union-attr]


def test_positions_count_rows_whatever_their_labels_are(dataset: DatasetV1) -> None:
    assert Subset(dataset, [1], "smiles", "y")[0] == ("CC", 1.5)


def test_several_columns_are_read_as_dictionaries(dataset: DatasetV1) -> None:
    subset = Subset(dataset, [0, 3], ["smiles", "series"], ["y", "active"])
    assert subset.is_multi_input
    assert subset.is_multi_task
    assert subset[1] == ({"smiles": "CCO", "series": "b"}, {"y": 3.5, "active": 1})
    x, y = subset.as_array("xy")
    assert {name: part.tolist() for name, part in x.items()} == {
        "smiles": ["C", "CCO"],
        "series": ["a", "b"],
    }
    assert {name: part.tolist() for name, part in y.items()} == {"y": [0.5, 3.5], "active": [0, 1]}


def test_a_part_is_asked_for_by_x_y_or_xy(subset: Subset) -> None:
    x, y = subset.as_array("xy")
    assert (subset.as_array("x").tolist(), subset.as_array("y").tolist()) == (
        x.tolist(),
        y.tolist(),
    )
    with pytest.raises(InvalidInputError, match="cannot be 'z'"):
        subset.as_array("z")


def test_texts_come_as_text_arrays_and_numbers_keep_their_type(dataset: DatasetV1) -> None:
    subset = Subset(dataset, range(6), "smiles", ["y", "active"])
    assert isinstance(subset.X, np.ndarray)
    assert subset.X.dtype.kind == "U"
    assert isinstance(subset.y, dict)
    assert [part.dtype for part in subset.y.values()] == [np.float64, np.int64]


@pytest.mark.parametrize(
    "indices",
    [[4, 0, 1], (4, 0, 1), np.array([4, 0, 1]), np.array([4, 0, 1], np.uint8), iter([4, 0, 1])],
    ids=lambda indices: type(indices).__name__,
)
def test_positions_may_come_as_any_sequence(dataset: DatasetV1, indices: Any) -> None:
    subset = Subset(dataset, indices, "smiles", "y")
    assert subset.indices.tolist() == [4, 0, 1]
    with pytest.raises(ValueError, match="read-only"):
        subset.indices[0] = 2


def test_positions_are_independent_of_the_array_they_came_as(dataset: DatasetV1) -> None:
    indices = np.array([0, 1])
    subset = Subset(dataset, indices, "smiles", "y")
    indices[0] = 5
    assert subset.indices.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("indices", "error"),
    [
        ([6], InvalidDatasetError),
        ([-1], InvalidDatasetError),
        ([0.5], InvalidInputError),
        (["a"], InvalidInputError),
        ([[0, 1]], InvalidInputError),
    ],
)
def test_bad_positions_are_refused(
    dataset: DatasetV1, indices: Any, error: type[Exception]
) -> None:
    with pytest.raises(error):
        Subset(dataset, indices, "smiles", "y")


@pytest.mark.parametrize(("inputs", "targets"), [("gone", "y"), ("smiles", "gone"), ([], "y")])
def test_unknown_and_missing_columns_are_refused(
    dataset: DatasetV1, inputs: Any, targets: Any
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        Subset(dataset, [0], inputs, targets)
    assert caught.value.hint


# -- items --------------------------------------------------------------------------------------


def test_items_count_from_the_end_and_in_slices_like_those_of_a_list(subset: Subset) -> None:
    assert subset[-1] == ("CC", 1.5)
    assert subset[np.int64(1)] == ("C", 0.5)  # type: ignore[call-overload]
    assert list(subset[1:]) == [("C", 0.5), ("CC", 1.5)]
    assert isinstance(subset[::-1], Subset)


@pytest.mark.parametrize("item", [3, -4, "a", None, [0, 1], np.array([0, 1]), 1.5])
def test_an_item_that_is_not_there_is_refused(subset: Subset, item: Any) -> None:
    with pytest.raises(InvalidInputError):
        subset[item]


def test_an_item_past_the_end_is_an_index_error_as_of_a_list(subset: Subset) -> None:
    with pytest.raises(IndexError):
        subset[3]


def test_nested_loops_do_not_disturb_each_other(subset: Subset) -> None:
    assert len([(a, b) for a in subset for b in subset]) == 9


def test_next_goes_through_the_items_and_starts_over_at_the_end(subset: Subset) -> None:
    assert [next(subset)[0], next(subset)[0], next(subset)[0]] == ["CCN", "C", "CC"]
    with pytest.raises(StopIteration):
        next(subset)
    assert next(subset)[0] == "CCN"


def test_an_empty_subset_is_empty_in_every_form(dataset: DatasetV1) -> None:
    empty = Subset(dataset, [], "smiles", "y")
    assert list(empty) == []
    assert (len(empty), len(empty.X), len(empty.y), len(empty.as_dataframe())) == (0, 0, 0, 0)


# -- featurization ------------------------------------------------------------------------------


@pytest.mark.parametrize("hide", [False, True])
def test_featurization_applies_to_items_iteration_and_arrays(
    dataset: DatasetV1, hide: bool
) -> None:
    subset = Subset(
        dataset, [5, 1], "smiles", "y", featurization_fn=lambda s: [len(s), 1], hide_targets=hide
    )
    items = [subset[0], next(iter(subset)), next(subset)]
    inputs = items if hide else [item[0] for item in items]
    assert inputs == [[4, 1]] * 3
    assert isinstance(subset.X, np.ndarray)
    assert subset.X.tolist() == [[4, 1], [2, 1]]
    assert subset.as_dataframe()["smiles"].tolist() == [[4, 1], [2, 1]]


def test_featurization_of_several_inputs_gets_them_together(dataset: DatasetV1) -> None:
    def joined(row: Mapping[str, str]) -> str:
        return f"{row['smiles']}/{row['series']}"

    subset = Subset(dataset, [0, 5], ["smiles", "series"], "y", featurization_fn=joined)
    assert isinstance(subset.X, np.ndarray)
    assert subset.X.tolist() == ["C/a", "CCCl/c"]
    parted = Subset(
        dataset, [0, 5], ["smiles", "series"], "y", featurization_fn=lambda row: {"n": len(row)}
    )
    assert isinstance(parted.X, dict)
    assert parted.X["n"].tolist() == [2, 2]


def test_features_of_different_lengths_stay_apart(dataset: DatasetV1) -> None:
    subset = Subset(dataset, [0, 5], "smiles", "y", featurization_fn=list)
    assert isinstance(subset.X, np.ndarray)
    assert subset.X.dtype == object
    assert [len(feature) for feature in subset.X] == [1, 4]


# -- tables and others like it --------------------------------------------------------------------


def test_a_table_has_inputs_then_targets(dataset: DatasetV1) -> None:
    table = Subset(dataset, [1, 0], ["series", "smiles"], "y").as_dataframe()
    assert table.columns.tolist() == ["series", "smiles", "y"]
    assert table.iloc[0].tolist() == ["a", "CC", 1.5]


def test_making_a_table_does_not_turn_targets_into_inputs(subset: Subset) -> None:  # W3
    first, second = subset.as_dataframe(), subset.as_dataframe()
    pd.testing.assert_frame_equal(first, second)
    assert subset.input_cols == ["smiles"]
    assert isinstance(subset.X, np.ndarray)


def test_inputs_are_added_behind_those_there_are(subset: Subset) -> None:  # W5
    wider = subset.extend_inputs(["series", "active", "smiles"])
    assert wider.input_cols == ["smiles", "series", "active"]
    assert subset.input_cols == ["smiles"]
    assert wider[0][0] == {"smiles": "CCN", "series": "c", "active": 0}
    with pytest.raises(InvalidDatasetError, match="gone"):
        subset.extend_inputs("gone")


def test_targets_are_filtered_in_their_own_order(dataset: DatasetV1) -> None:
    subset = Subset(dataset, [0], "smiles", ["y", "active", "series"])
    assert subset.filter_targets(["series", "y"]).target_cols == ["y", "series"]
    assert subset.filter_targets("active")[0] == ("C", 0)
    refused: list[Any] = ["smiles", "gone", []]
    for unknown in refused:
        with pytest.raises(InvalidInputError):
            subset.filter_targets(unknown)
    assert subset.target_cols == ["y", "active", "series"]


def test_a_copy_has_a_cursor_of_its_own(subset: Subset) -> None:
    next(subset)
    twin = subset.copy()
    assert next(twin)[0] == "CCN"
    assert next(subset)[0] == "C"


def test_a_subset_survives_pickling_and_copying_in_mid_iteration(subset: Subset) -> None:
    next(subset)
    for twin in (pickle.loads(pickle.dumps(subset)), copy.copy(subset), copy.deepcopy(subset)):
        assert list(twin) == list(subset)


def test_any_column_of_the_dataset_can_be_read_for_its_rows(subset: Subset) -> None:
    assert subset.column_values("series").tolist() == ["c", "a", "a"]


# -- cost ---------------------------------------------------------------------------------------


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """The column and the number of rows of each read from now on."""
    found: list[tuple[str, int]] = []
    read_column = DatasetV1.read_column

    def noted(self: DatasetV1, column: str, positions: Any = None, **more: Any) -> Any:
        found.append((column, self.n_rows if positions is None else len(positions)))
        return read_column(self, column, positions, **more)

    monkeypatch.setattr(DatasetV1, "read_column", noted)
    return found


def test_iteration_reads_columns_in_blocks_and_each_row_once(reads: list[tuple[str, int]]) -> None:
    # W1, W30: the number of reads grows with the blocks, and the rows read with the rows.
    rows = 5000
    dataset = DatasetV1(table=pd.DataFrame({"x": np.arange(rows), "y": np.arange(rows) / 2}))
    assert sum(1 for _ in Subset(dataset, range(rows), "x", "y")) == rows
    assert len(reads) < 20
    for column in ("x", "y"):
        assert sum(count for name, count in reads if name == column) == rows


def test_one_item_reads_one_row_and_an_array_reads_each_column_once(
    subset: Subset, reads: list[tuple[str, int]]
) -> None:
    _ = subset[1]
    assert reads == [("smiles", 1), ("y", 1)]
    reads.clear()
    _ = subset.as_array("xy")
    assert sorted(reads) == [("smiles", 3), ("y", 3)]


def test_pointers_of_a_block_are_gathered_in_one_read(pointing: Pointing, archive: Any) -> None:
    dataset = pointing([f"fp#{i % 6}" for i in range(30)])
    assert len(list(Subset(dataset, range(30), "p", "y"))) == 30
    assert len(archive.reads) == 1


@given(st.lists(st.integers(0, 2499), max_size=30))
def test_items_are_those_of_the_arrays_for_any_positions(positions: list[int]) -> None:
    dataset = DatasetV1(table=pd.DataFrame({"x": np.arange(2500), "y": -np.arange(2500.0)}))
    subset = Subset(dataset, positions, "x", "y")
    expected = [(position, -position) for position in positions]
    assert list(subset) == [subset[i] for i in range(len(subset))] == expected
    assert list(zip(*subset.as_array("xy"), strict=True)) == expected
