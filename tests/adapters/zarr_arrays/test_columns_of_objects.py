"""Molecules, structures and arrays of different lengths as columns of new archives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from polaris.dataset import DatasetV2
from polaris.errors import InvalidDatasetError

chem = pytest.importorskip("rdkit.Chem")
biotite = pytest.importorskip("biotite.structure")

SMILES = ["C", "CCO", "c1ccccc1", "CC(=O)O"]


def objects(*cells: Any) -> np.ndarray[Any, Any]:
    # numpy would take cells with a length for rows.
    found = np.empty(len(cells), dtype=object)
    found[:] = [*cells]
    return found


def structure(atoms: int) -> Any:
    found = biotite.AtomArray(atoms)
    found.coord = np.arange(3.0 * atoms).reshape(atoms, 3)
    return found


def test_molecules_are_read_back_with_their_properties(tmp_path: Path) -> None:
    molecules = [chem.MolFromSmiles(text) for text in SMILES]
    molecules[1].SetProp("series", "A")
    cells = objects(*molecules, None)
    dataset = DatasetV2.from_arrays(tmp_path / "a.zarr", {"molecule": cells}, chunks=2)
    found = dataset[:, "molecule"]
    assert [chem.MolToSmiles(molecule) for molecule in found[:4]] == SMILES
    assert found[1].GetProp("series") == "A"
    assert found[4] is None


def test_molecules_of_derived_classes_are_molecules(tmp_path: Path) -> None:
    cells = objects(chem.RWMol(chem.MolFromSmiles("CCO")), chem.MolFromSmiles("C"))
    dataset = DatasetV2.from_arrays(tmp_path / "a.zarr", {"molecule": cells})
    assert chem.MolToSmiles(dataset[0, "molecule"]) == "CCO"


def test_molecules_come_in_blocks(tmp_path: Path) -> None:
    blocks = (objects(chem.MolFromSmiles(text)) for text in SMILES)
    dataset = DatasetV2.from_arrays(tmp_path / "a.zarr", {"molecule": blocks})
    assert [chem.MolToSmiles(dataset[row, "molecule"]) for row in range(4)] == SMILES


def test_structures_are_read_back(tmp_path: Path) -> None:
    cells = objects(structure(3), None, structure(5))
    dataset = DatasetV2.from_arrays(tmp_path / "a.zarr", {"protein": cells})
    first, missing, last = dataset[:, "protein"]
    assert (len(first), missing, len(last)) == (3, None, 5)
    assert last.coord.tolist() == structure(5).coord.tolist()


def test_large_objects_have_chunks_of_few_rows(tmp_path: Path) -> None:
    cells = objects(*(np.zeros(100_000) for _ in range(5)))
    dataset = DatasetV2.from_arrays(tmp_path / "a.zarr", {"spectrum": cells})
    assert dataset.zarr_root["spectrum"].chunks == (5,)


def test_arrays_of_different_lengths_are_read_back(tmp_path: Path) -> None:
    cells = objects(np.arange(3, dtype="f4"), np.empty(0, "f4"), np.ones(2, "f4"))
    dataset = DatasetV2.from_arrays(tmp_path / "a.zarr", {"spectrum": cells})
    found = dataset[:, "spectrum"]
    assert [cell.tolist() for cell in found] == [[0.0, 1.0, 2.0], [], [1.0, 1.0]]
    assert {cell.dtype for cell in found} == {np.dtype("float32")}


@pytest.mark.parametrize(
    "cells",
    [
        objects(np.zeros(2), np.zeros((2, 2))),
        objects(np.zeros(2), np.zeros(2, "f4")),
        objects(np.zeros(2), None),
        objects(np.array(["a", "b"]), np.array(["c", "d"])),
        objects(chem.MolFromSmiles("C"), structure(1)),
        objects(chem.MolFromSmiles("C"), "C"),
        objects(None, None),
        objects({"a": 1}, {}),
    ],
    ids=["axes", "types", "array-missing", "texts", "molecule-structure", "molecule-text", "none",
         "mappings"],
)  # fmt: skip
def test_other_objects_are_refused(tmp_path: Path, cells: np.ndarray[Any, Any]) -> None:
    with pytest.raises(InvalidDatasetError, match="The column 'x' holds objects of the types"):
        DatasetV2.from_arrays(tmp_path / "a.zarr", {"x": cells})


@pytest.mark.parametrize(
    ("first", "later"),
    [
        (np.arange(3), np.array([0.5])),
        (np.zeros(1, "f4"), np.zeros(1)),
        (np.array([True]), np.array([5])),
        (objects("a"), np.array([1.5])),
        (objects("a"), objects("b", None)),
        (objects(b"a"), objects("b")),
        (objects(chem.MolFromSmiles("C")), objects("C")),
        (objects(np.zeros(2, "f4")), objects(np.zeros(2))),
        (objects(np.zeros(2)), objects(np.zeros((2, 2)))),
    ],
)
def test_blocks_that_would_be_changed_are_refused(tmp_path: Path, first: Any, later: Any) -> None:
    with pytest.raises(InvalidDatasetError, match="The blocks of 'x' hold"):
        DatasetV2.from_arrays(tmp_path / "a.zarr", {"x": [first, later]})


def test_blocks_that_are_kept_exactly_are_accepted(tmp_path: Path) -> None:
    molecule = chem.MolFromSmiles("CC")
    columns = {
        "number": [np.zeros(1), np.ones(1, "i4"), np.ones(1, "f4")],
        "molecule": [objects(molecule), objects(None), np.empty(0, object), objects(molecule)],
        "text": [objects("a"), np.array(["bc", "d"])],
    }
    dataset = DatasetV2.from_arrays(tmp_path / "a.zarr", columns)
    assert dataset[:, "number"].tolist() == [0.0, 1.0, 1.0]
    assert [m and chem.MolToSmiles(m) for m in dataset[:, "molecule"]] == ["CC", None, "CC"]
    assert dataset[:, "text"].tolist() == ["a", "bc", "d"]


def test_masked_values_are_refused(tmp_path: Path) -> None:
    masked = np.ma.masked_array([1.0, 2.0], [False, True])
    with pytest.raises(InvalidDatasetError, match="masked values"):
        DatasetV2.from_arrays(tmp_path / "a.zarr", {"x": masked})


def test_objects_need_format_2(tmp_path: Path) -> None:
    cells = objects(chem.MolFromSmiles("C"))
    with pytest.raises(InvalidDatasetError, match="zarr_format=2"):
        DatasetV2.from_arrays(tmp_path / "a.zarr", {"x": cells}, zarr_format=3)


def test_few_large_objects_are_read_at_once(tmp_path: Path) -> None:
    cells = objects(*(structure(20_000) for _ in range(3)))
    dataset = DatasetV2.from_arrays(tmp_path / "a.zarr", {"protein": cells})
    # Of 16 MiB: a structure says no more than the size of a handle of itself.
    assert dataset.window_plan(["protein"]).rows < 20
