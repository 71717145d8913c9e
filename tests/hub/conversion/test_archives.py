"""Datasets of Zarr archives."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import zarr

import polaris
from polaris.dataset import (
    DatasetFactory,
    create_dataset_from_file,
    create_dataset_from_files,
)
from polaris.dataset.codecs import AtomArrayCodec, RDKitMolCodec
from polaris.errors import (
    InvalidDatasetError,
    InvalidInputError,
    ObjectExistsError,
    ObjectNotFoundError,
)

WriteArchive = Callable[..., str]
A = np.random.default_rng(1).random((100, 2048)).astype(np.float32)
B = np.random.default_rng(2).random((100, 2048))


def content(folder: str) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(Path(folder).rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_every_array_is_a_column(
    write_zarr: WriteArchive, tmp_path: Path, zarr_format: int
) -> None:
    source = write_zarr("source.zarr", zarr_format, A=A, B=B)
    before = content(source)
    dataset = create_dataset_from_file(source, tmp_path / "copy.zarr")
    assert dataset.columns == ["A", "B"]
    assert dataset.size() == (100, 2)
    assert dataset[7]["A"].shape == (2048,)
    np.testing.assert_array_equal(dataset.read_column("A"), A)
    np.testing.assert_array_equal(dataset[99]["B"], B[99])
    assert dict(dataset.zarr_root.attrs) == {"origin": "source.zarr"}
    assert content(source) == before


def test_archives_of_both_places_make_equal_datasets(
    write_zarr: WriteArchive, tmp_path: Path
) -> None:
    source = write_zarr("source.zarr", A=A)
    one = create_dataset_from_file(source, tmp_path / "one.zarr")
    assert one == create_dataset_from_file(source, tmp_path / "two.zarr")


def test_columns_are_added_and_merged(write_zarr: WriteArchive, tmp_path: Path) -> None:
    factory = DatasetFactory(tmp_path / "copy.zarr")
    factory.add_from_file(write_zarr("source.zarr", A=A, B=B))
    factory.add_column(pd.Series(range(100), name="key"))
    factory.add_columns(
        pd.DataFrame({"key": range(100)[::-1], "y": np.arange(100.0)}), merge_on="key"
    )
    dataset = factory.build()
    assert dataset.columns == ["A", "B", "key", "y"]
    assert dataset.table["y"].tolist() == list(range(100))[::-1]
    np.testing.assert_array_equal(dataset[3]["A"], A[3])


def test_appended_rows_point_to_their_own_arrays(write_zarr: WriteArchive, tmp_path: Path) -> None:
    paths = [write_zarr("one.zarr", A=A[:5]), write_zarr("two.zarr", A=A[5:9])]
    dataset = create_dataset_from_files([*paths, paths[0]], tmp_path / "all.zarr", axis="index")
    assert dataset.table["A"].tolist() == [f"A#{row}" for row in range(14)]
    np.testing.assert_array_equal(dataset.read_column("A"), np.concatenate([A[:5], A[5:9], A[:5]]))


def test_archives_can_be_columns(write_zarr: WriteArchive, tmp_path: Path) -> None:
    paths = [write_zarr("one.zarr", A=A), write_zarr("two.zarr", B=B)]
    dataset = create_dataset_from_files(paths, tmp_path / "all.zarr", axis=1)
    assert dataset.columns == ["A", "B"]
    with pytest.raises(ValueError, match="contains 'A' already"):
        create_dataset_from_files([paths[0], paths[0]], tmp_path / "no.zarr", axis=1)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"A": A, "B": B[:3]}, "same number of rows"),
        ({"A": A, "B": np.float64(1)}, "same number of rows"),
        ({}, "no arrays"),
        ({"group/A": A}, "sub-groups"),
    ],
)
def test_archives_that_are_no_table_are_refused(
    write_zarr: WriteArchive, tmp_path: Path, arrays: dict[str, Any], message: str
) -> None:
    source = write_zarr("source.zarr", **{k: np.asarray(v) for k, v in arrays.items()})
    with pytest.raises(InvalidDatasetError, match=message) as caught:
        create_dataset_from_file(source, tmp_path / "copy.zarr")
    assert caught.value.hint


@pytest.mark.parametrize(
    "second", [{"A": A[:2].astype(np.float64)}, {"A": A[:2, :5]}, {"B": A[:2]}]
)
def test_archives_that_do_not_continue_one_another_are_refused(
    write_zarr: WriteArchive, tmp_path: Path, second: dict[str, Any]
) -> None:
    paths = [write_zarr("one.zarr", A=A[:5]), write_zarr("two.zarr", **second)]
    with pytest.raises(InvalidDatasetError) as caught:
        create_dataset_from_files(paths, tmp_path / "all.zarr")
    assert caught.value.hint


# -- the archive that is there ------------------------------------------------------------------


def test_an_archive_is_read_where_it_lies(write_zarr: WriteArchive) -> None:
    source = write_zarr("source.zarr", A=A)
    before = content(source)
    for dataset in (create_dataset_from_file(source), polaris.load_dataset(source)):
        assert dataset.zarr_root_path == source
        np.testing.assert_array_equal(dataset.read_column("A", np.array([99, 0])), A[[99, 0]])
    assert content(source) == before


def test_an_archive_that_is_read_where_it_lies_is_not_written_to(
    write_zarr: WriteArchive,
) -> None:
    factory = DatasetFactory()
    source = write_zarr("source.zarr", A=A)
    factory.add_from_file(source)
    before = content(source)
    with pytest.raises(InvalidDatasetError, match="where it lies"):
        _ = factory.zarr_root
    with pytest.raises(InvalidDatasetError):
        factory.add_from_file(write_zarr("other.zarr", B=B))
    assert factory.build().columns == ["A"]
    assert content(source) == before


@pytest.mark.parametrize("if_exists", ["raise", "replace"])
@pytest.mark.parametrize("inside", [".", "inner.zarr", ".."])
def test_the_source_is_never_written_over(
    write_zarr: WriteArchive, if_exists: Any, inside: str
) -> None:
    source = write_zarr("source.zarr", A=A)
    before = content(source)
    with pytest.raises(InvalidInputError, match="without changing"):
        create_dataset_from_file(source, Path(source, inside), if_exists=if_exists)
    assert content(source) == before


def test_what_is_at_the_destination_is_kept_unless_it_is_to_be_replaced(
    write_zarr: WriteArchive, tmp_path: Path
) -> None:
    one, two = write_zarr("one.zarr", A=A), write_zarr("two.zarr", B=B)
    destination = tmp_path / "copy.zarr"
    create_dataset_from_file(one, destination)
    before = content(str(destination))
    with pytest.raises(ObjectExistsError, match=r"copy\.zarr") as caught:
        create_dataset_from_file(two, destination)
    assert "replace" in caught.value.hint
    assert content(str(destination)) == before
    dataset = create_dataset_from_file(two, destination, if_exists="replace")
    assert dataset.columns == ["B"]
    assert sorted(dataset.zarr_root.keys()) == ["B"]


@pytest.mark.parametrize("if_exists", ["raise", "replace"])
def test_a_folder_that_is_no_archive_is_kept(
    write_zarr: WriteArchive, tmp_path: Path, if_exists: Any
) -> None:
    precious = tmp_path / "folder" / "thesis.txt"
    precious.parent.mkdir()
    precious.write_text("years of work", "utf-8")
    with pytest.raises(ObjectExistsError):
        create_dataset_from_file(write_zarr("one.zarr", A=A), precious.parent, if_exists=if_exists)
    assert precious.read_text("utf-8") == "years of work"


def test_an_archive_that_does_not_exist_is_told(tmp_path: Path) -> None:
    for path in (tmp_path / "no.zarr", tmp_path):
        with pytest.raises((ObjectNotFoundError, InvalidInputError)):
            create_dataset_from_file(path)
    with pytest.raises(ObjectNotFoundError):
        polaris.load_dataset(tmp_path / "no.zarr")
    with pytest.raises(ObjectNotFoundError):
        polaris.load_dataset(tmp_path / "no.sdf")


# -- objects --------------------------------------------------------------------------------------


def test_molecules_and_structures_of_an_archive_are_copied_and_read(tmp_path: Path) -> None:
    chem = pytest.importorskip("rdkit.Chem")
    structure = pytest.importorskip("biotite.structure")
    from polaris_adapters.zarr_arrays.object_types import AnyObject

    root = zarr.open_group(str(tmp_path / "source.zarr"), mode="w", zarr_format=2)
    atoms = structure.AtomArray(2)
    atoms.coord = np.ones((2, 3), dtype=np.float32)
    for name, cells, codec in (
        ("mol", [chem.MolFromSmiles("CC"), None], RDKitMolCodec()),
        ("pdb", [atoms, None], AtomArrayCodec()),
    ):
        values = np.empty(2, dtype=object)
        values[0], values[1] = cells
        array = root.create_array(name, shape=(2,), chunks=(1,), dtype=AnyObject(), filters=[codec])
        array[:] = values
    paths = [tmp_path / "source.zarr"] * 2
    dataset = create_dataset_from_files(paths, tmp_path / "copy.zarr")
    assert dataset[2]["mol"].GetNumAtoms() == 2
    assert dataset[3]["mol"] is None
    assert dataset[0]["pdb"].array_length() == 2
    assert dataset[1]["pdb"] is None
