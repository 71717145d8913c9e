"""Datasets that are archives: their rules, and reading them."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from polaris.domain.column_adapters import Adapter
from polaris.domain.columns import ColumnAnnotation
from polaris.domain.dataset_v2 import DatasetV2
from polaris.domain.subset import Subset
from polaris.errors import InvalidDatasetError, InvalidInputError, TestAccessError
from tests.domain.conftest import ArraysInMemory

A = np.arange(200.0).reshape(100, 2)
B = np.arange(100) * 10
SMILES = np.array(["C" * (i + 1) for i in range(100)], dtype=object)


@pytest.fixture
def archive() -> ArraysInMemory:
    return ArraysInMemory({"B": B, "A": A, "smiles": SMILES})


@pytest.fixture
def dataset(archive: ArraysInMemory) -> DatasetV2:
    return DatasetV2(name="from_arrays", owner="acme", archive=archive)


def of(arrays: Mapping[str, NDArray[Any]], **fields: Any) -> DatasetV2:
    return DatasetV2(archive=ArraysInMemory(arrays), **fields)


# -- shape ----------------------------------------------------------------------------------------


def test_root_arrays_are_the_columns(dataset: DatasetV2, archive: ArraysInMemory) -> None:
    assert dataset.columns == ["A", "B", "smiles"]
    assert list(dataset.rows) == list(range(100))
    assert (len(dataset), dataset.n_rows, dataset.n_columns) == (100, 100, 3)
    assert dataset.size() == (100, 3)
    assert dataset.dtypes == {"A": A.dtype, "B": B.dtype, "smiles": np.dtype(object)}
    assert (dataset.kind, dataset.version, dataset.urn) == (
        "dataset", 2, "urn:polaris:dataset:acme:from-arrays",
    )  # fmt: skip
    # All of that without a single row.
    assert archive.reads == []


def test_texts_of_any_length_are_python_texts() -> None:
    dataset = of({"t": np.array(["a", "bcd"], dtype=np.dtypes.StringDType())})
    assert dataset.dtypes == {"t": np.dtype(object)}
    assert [type(value) for value in dataset.read_column("t")] == [str, str]
    assert type(dataset[0, "t"]) is str


def test_an_archive_without_arrays_has_no_rows() -> None:
    dataset = of({})
    assert (len(dataset), dataset.columns, list(dataset), list(dataset.batches(4))) == (
        0, [], [], [],
    )  # fmt: skip
    with pytest.raises(IndexError):
        dataset[0]


def test_arrays_of_different_lengths_are_refused_until_they_are_equal() -> None:
    with pytest.raises(InvalidDatasetError, match="should have the same length"):
        of({"A": A, "B": B[:60]})
    assert len(of({"A": A, "B": np.concatenate([B[:60], B[60:]])})) == 100


def test_an_array_without_rows_is_refused() -> None:
    with pytest.raises(InvalidDatasetError, match="single value"):
        of({"A": A, "B": np.array(3)})


def test_an_archive_is_required() -> None:
    with pytest.raises(InvalidDatasetError, match="zarr_root_path: is required") as caught:
        DatasetV2(name="x", source="nowhere")
    assert {problem.path for problem in caught.value.problems} == {
        "name", "source", "zarr_root_path",
    }  # fmt: skip


def test_a_path_needs_something_that_opens_it() -> None:
    with pytest.raises(InvalidDatasetError, match=r"archive=…"):
        DatasetV2(name="from_path", zarr_root_path="data.zarr")


def test_all_problems_are_told_together() -> None:
    with pytest.raises(InvalidDatasetError) as caught:
        of({"A": A, "B": B[:3], "g/x": A}, license="WTFPL")
    assert {problem.path for problem in caught.value.problems} == {
        "license", "g", "zarr_root_path",
    }  # fmt: skip


# -- annotations ----------------------------------------------------------------------------------


def test_annotations_are_completed_with_types(dataset: DatasetV2) -> None:
    assert dataset.annotations["A"] == ColumnAnnotation(dtype=A.dtype)
    dataset.annotations = {"B": ColumnAnnotation(description="ten times the row")}
    assert list(dataset.annotations) == ["A", "B", "smiles"]
    assert dataset.annotations["B"].dtype == B.dtype


@pytest.mark.parametrize("field", ["annotations", "default_adapters"])
def test_columns_that_are_not_there_are_refused(field: str, archive: ArraysInMemory) -> None:
    value: Any = {"C": ColumnAnnotation()} if field == "annotations" else {"C": "SMILES_TO_MOL"}
    with pytest.raises(InvalidDatasetError, match=f"{field}.C: the archive has no such column"):
        DatasetV2(archive=archive, **{field: value})
    dataset = DatasetV2(archive=archive)
    with pytest.raises(InvalidDatasetError, match="no such column"):
        setattr(dataset, field, value)
    assert list(dataset.annotations) == ["A", "B", "smiles"]


# -- rows and cells -------------------------------------------------------------------------------


@pytest.mark.parametrize("row", [0, 1, 50, 99, -1, -100, np.int32(7)])
def test_cells_and_rows_are_those_of_the_archive(dataset: DatasetV2, row: int) -> None:
    np.testing.assert_array_equal(dataset[row, "A"], A[row])
    np.testing.assert_array_equal(dataset.get_data(row, "A"), A[row])
    found = dataset[row]
    assert list(found) == ["A", "B", "smiles"]
    np.testing.assert_array_equal(found["A"], A[row])
    assert (found["B"], found["smiles"]) == (B[row], SMILES[row])


@pytest.mark.parametrize("rows", [slice(3, 9), slice(None, None, -7), [4, -1, 4], np.array([2, 0])])
def test_several_rows_are_arrays(dataset: DatasetV2, rows: Any) -> None:
    np.testing.assert_array_equal(dataset[rows, "A"], A[rows])
    np.testing.assert_array_equal(dataset.get_data(rows, "B"), B[rows])
    found = dataset[rows]
    np.testing.assert_array_equal(found["A"], A[rows])
    assert found["smiles"].tolist() == SMILES[rows].tolist()


@pytest.mark.parametrize("row", ["first", 1.5, None, [[1], [2, 3]], [[1]]])
def test_what_is_no_row_is_refused(dataset: DatasetV2, row: Any) -> None:
    for item in (row, (row, "A")):
        with pytest.raises(InvalidDatasetError):
            dataset[item]


def test_a_column_that_is_not_there_is_refused(dataset: DatasetV2) -> None:
    for read in (
        lambda: dataset[0, "C"],
        lambda: dataset.read_column("C"),
        lambda: dataset.batches(3, ["A", "C"]),
        lambda: dataset.iteration_block(["C"]),
    ):
        with pytest.raises(InvalidDatasetError, match="no column 'C'"):
            read()
    with pytest.raises(InvalidDatasetError, match="does not name a cell"):
        dataset[0, "A", 1]


def test_a_loop_over_rows_reads_ahead(dataset: DatasetV2, archive: ArraysInMemory) -> None:
    for row in range(100):
        assert dataset[row]["B"] == B[row]
    for row in range(1, 100):
        assert dataset.get_data(row, "B") == B[row]
    reads = [rows for path, rows in archive.reads if path == "B"]
    # The first row by itself; from the second one on, it is known to be a loop.
    assert reads == [[0], list(range(1, 100))]


def test_changing_a_cell_does_not_change_the_next_reading(dataset: DatasetV2) -> None:
    for row in (0, 1, 2):
        dataset[row, "A"][:] = -1
    np.testing.assert_array_equal(dataset[2, "A"], A[2])


def test_iteration_yields_all_rows_and_reads_each_once(
    dataset: DatasetV2, archive: ArraysInMemory
) -> None:
    rows = list(dataset)
    assert [row["B"] for row in rows] == B.tolist()
    assert [path for path, rows in archive.reads if len(rows) == 100] == ["A", "B", "smiles"]


def test_adapters_are_applied_and_can_be_overridden(archive: ArraysInMemory) -> None:
    chem = pytest.importorskip("rdkit.Chem")
    dataset = DatasetV2(archive=archive, default_adapters={"smiles": "SMILES_TO_MOL"})
    molecules = [
        dataset[3]["smiles"],
        dataset[3, "smiles"],
        dataset.read_column("smiles")[3],
        next(dataset.batches(4))["smiles"][3],
        list(dataset)[3]["smiles"],
    ]
    assert [chem.MolToSmiles(molecule) for molecule in molecules] == ["CCCC"] * 5
    plain = DatasetV2(archive=archive)
    adapted = plain.get_data(3, "smiles", adapters={"smiles": Adapter.SMILES_TO_MOL})
    assert chem.MolToSmiles(adapted) == "CCCC"


# -- batches --------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 7, 50, 100, 1000])
def test_batches_hold_all_rows_in_order(dataset: DatasetV2, size: int) -> None:
    batches = list(dataset.batches(size))
    assert {len(batch["B"]) for batch in batches[:-1]} <= {size}
    for column, expected in (("A", A), ("B", B), ("smiles", SMILES)):
        found = np.concatenate([batch[column] for batch in batches])
        np.testing.assert_array_equal(found, expected)


def test_random_batches_hold_each_row_once_and_repeat_with_the_seed(dataset: DatasetV2) -> None:
    def order(seed: int) -> list[int]:
        rows = [
            (batch["A"][:, 0] // 2, batch["B"] // 10) for batch in dataset.batches(9, seed=seed)
        ]
        for first, second in rows:
            np.testing.assert_array_equal(first, second)
        return [int(row) for _, batch in rows for row in batch]

    assert sorted(order(1)) == list(range(100))
    assert order(1) == order(1)
    assert order(1) != order(2)
    assert order(1) != list(range(100))


def test_batches_of_given_rows(dataset: DatasetV2) -> None:
    rows = np.array([5, 5, 99, 0, 1])
    batches = list(dataset.batches(2, ["B"], positions=rows))
    assert [batch["B"].tolist() for batch in batches] == [[50, 50], [990, 0], [10]]


@pytest.mark.parametrize("size", [0, -1, True, 1.5, "3"])
def test_a_batch_has_a_size(dataset: DatasetV2, size: Any) -> None:
    with pytest.raises(InvalidInputError, match="size"):
        dataset.batches(size)


def test_batches_have_one_order(dataset: DatasetV2) -> None:
    with pytest.raises(InvalidInputError, match="seed and positions"):
        dataset.batches(3, seed=1, positions=np.array([1]))
    with pytest.raises(IndexError, match="there is no row 100"):
        dataset.batches(3, positions=np.array([100]))


# -- groups as columns ----------------------------------------------------------------------------


def group(index: list[str] | None, members: int = 3) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {f"g/{i}": np.arange(i + 1) for i in range(members)}
    if index is not None:
        arrays["g/__index__"] = np.array(index, dtype=object)
    return arrays


def test_the_index_of_a_group_orders_its_rows() -> None:
    dataset = of({**group(["2", "1", "0"]), "A": A[:3]})
    assert (dataset.columns, dataset.groups, len(dataset)) == (["A", "g"], ["g"], 3)
    assert dataset.dtypes["g"] == np.dtype(object)
    assert [len(cell) for cell in dataset.read_column("g")] == [3, 2, 1]
    assert dataset[0]["g"].tolist() == [0, 1, 2]
    assert dataset[-1, "g"].tolist() == [0]
    assert [len(row["g"]) for row in dataset] == [3, 2, 1]


def test_members_may_be_groups_of_arrays() -> None:
    atoms = {f"g/{name}/{axis}": np.full(4, n) for n, name in enumerate("ab") for axis in "XYZ"}
    dataset = of({**atoms, "g/__index__": np.array(["b", "a"])})
    cell = dataset[0, "g"]
    assert sorted(cell) == ["X", "Y", "Z"]
    assert cell["X"].tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("index", "message"),
    [
        (None, "does not have an index array"),
        (["0", "1"], "Length of index array"),
        (["0", "1", "9"], "Keys of index array"),
        (["0", "1", "1"], "Keys of index array repeat"),
    ],
)
def test_the_index_of_a_group_names_its_members(index: list[str] | None, message: str) -> None:
    with pytest.raises(InvalidDatasetError, match=message):
        of(group(index))


def test_groups_have_the_length_of_their_index() -> None:
    with pytest.raises(InvalidDatasetError, match="should have the same length"):
        of({**group(["0", "1", "2"]), "A": A})


# -- the archive ----------------------------------------------------------------------------------


def test_after_loading_nothing_is_read_from_the_archive(
    dataset: DatasetV2, archive: ArraysInMemory
) -> None:
    dataset.load_to_memory()
    assert [row["B"] for row in dataset] == B.tolist()
    assert dataset[7, "B"] == B[7]
    assert archive.reads == []
    assert dataset.zarr_data is not None


def test_another_copy_of_the_archive_can_be_attached(dataset: DatasetV2) -> None:
    other = ArraysInMemory({"A": A, "B": B, "smiles": SMILES})
    dataset.attach(other, zarr_root_path="elsewhere")
    assert dataset[3, "B"] == B[3]
    assert (dataset.archive, dataset.zarr_root_path) == (other, "elsewhere")
    with pytest.raises(InvalidDatasetError, match="not a copy"):
        dataset.attach(ArraysInMemory({"A": A}))


def test_the_path_can_be_changed_only_to_an_archive(dataset: DatasetV2) -> None:
    for path in ("elsewhere", "", 3):
        with pytest.raises(InvalidDatasetError):
            dataset.zarr_root_path = path  # type: ignore[assignment]
    assert dataset.zarr_root_path is None
    assert dataset[3, "B"] == B[3]


def test_datasets_with_equal_archives_are_equal(dataset: DatasetV2) -> None:
    same = of({"A": A, "B": B, "smiles": SMILES}, name="another_name")
    assert dataset == same
    assert dataset == copy.copy(dataset)
    assert dataset != of({"A": A})
    assert dataset != "dataset"


def test_a_copy_without_columns_does_not_give_them_out(dataset: DatasetV2) -> None:
    reduced = dataset.without_columns(["B", "unknown"])
    assert (reduced.columns, list(reduced.annotations)) == (["A", "smiles"], ["A", "smiles"])
    assert list(reduced[0]) == ["A", "smiles"]
    assert list(next(reduced.batches(3))) == ["A", "smiles"]
    assert len(reduced) == 100
    for give_out in (
        lambda: reduced[0, "B"],
        lambda: reduced.read_column("B"),
        lambda: reduced.zarr_root,
        lambda: reduced.zarr_manifest,
        reduced.load_to_memory,
    ):
        with pytest.raises(InvalidDatasetError):
            give_out()
    assert dataset.columns == ["A", "B", "smiles"]
    assert reduced == dataset.without_columns(["B"])
    assert reduced != dataset


def test_the_manifest_is_sorted_and_its_md5_is_checked(dataset: DatasetV2) -> None:
    assert [file.path for file in dataset.zarr_manifest] == ["A/0", "B/0", "smiles/0"]
    assert not dataset.has_zarr_manifest_md5sum
    dataset.zarr_manifest_md5sum = "0" * 32
    assert (dataset.has_zarr_manifest_md5sum, dataset.zarr_manifest_md5sum) == (True, "0" * 32)
    with pytest.raises(InvalidInputError):
        dataset.zarr_manifest_md5sum = "not a checksum"


def test_a_dataset_can_be_copied_and_pickled(dataset: DatasetV2) -> None:
    list(dataset)
    for copied in (copy.copy(dataset), pickle.loads(pickle.dumps(dataset))):
        assert copied[3, "B"] == B[3]
        assert copied.columns == dataset.columns


# -- subsets --------------------------------------------------------------------------------------


def test_a_subset_reads_rows_in_its_order_repeats_included(dataset: DatasetV2) -> None:
    rows = np.random.default_rng(0).integers(0, 100, 40)
    subset = Subset(dataset, rows, "smiles", "B")
    assert [target for _, target in subset] == B[rows].tolist()
    np.testing.assert_array_equal(subset.X, SMILES[rows].astype(str))
    np.testing.assert_array_equal(subset.y, B[rows])


def test_a_subset_hides_targets_and_the_archive_that_holds_them(dataset: DatasetV2) -> None:
    subset = Subset(dataset, range(5), "A", "B", hide_targets=True)
    np.testing.assert_array_equal(subset.X, A[:5])
    with pytest.raises(TestAccessError):
        _ = subset.y
    assert subset.dataset.columns == ["A", "smiles"]
    with pytest.raises(InvalidDatasetError):
        _ = subset.dataset.zarr_root
