"""Datasets of PDB files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from polaris.dataset import (
    DatasetFactory,
    Modality,
    create_dataset_from_file,
    create_dataset_from_files,
)
from polaris.dataset.converters import PDBConverter
from polaris.errors import DamagedFileError, InvalidDatasetError

biotite = pytest.importorskip("biotite.structure")

WritePdb = Callable[..., str]


def test_a_file_is_a_row(write_pdb: WritePdb, tmp_path: Path) -> None:
    dataset = create_dataset_from_file(write_pdb("1abc.pdb"), tmp_path / "a.zarr")
    assert dataset.table["pdb"].tolist() == ["pdb/1abc"]
    atoms = dataset[0]["pdb"]
    assert isinstance(atoms, biotite.AtomArray)
    assert atoms.atom_name.tolist() == ["N", "CA", "O"]
    assert atoms.charge.tolist() == [0, 1, -1]
    assert atoms.ins_code.tolist() == ["", "", "A"]
    np.testing.assert_allclose(atoms.coord[2], [13.639, 6.071, -5.147], atol=1e-3)
    annotation = dataset.annotations["pdb"]
    assert annotation.modality is Modality.PROTEIN_3D
    assert annotation.content_type == "chemical/x-pdb"


def test_several_files_are_rows(write_pdb: WritePdb, tmp_path: Path) -> None:
    paths = [write_pdb("1abc.pdb"), write_pdb("2xyz.pdb", residue="GLY")]
    dataset = create_dataset_from_files(paths, tmp_path / "a.zarr", axis=0)
    assert dataset.table["pdb"].tolist() == ["pdb/1abc", "pdb/2xyz"]
    assert [dataset[i]["pdb"].res_name[0] for i in dataset.rows] == ["ALA", "GLY"]


def test_several_files_cannot_be_columns_of_one_name(write_pdb: WritePdb, tmp_path: Path) -> None:
    paths = [write_pdb("1abc.pdb"), write_pdb("2xyz.pdb")]
    with pytest.raises(ValueError, match="'pdb' already"):
        create_dataset_from_files(paths, tmp_path / "a.zarr", axis=1)


def test_files_of_one_name_are_not_mixed_up(write_pdb: WritePdb, tmp_path: Path) -> None:
    paths = [write_pdb("one/1abc.pdb"), write_pdb("two/1abc.pdb", residue="GLY")]
    with pytest.raises(InvalidDatasetError, match="'1abc' already"):
        create_dataset_from_files(paths, tmp_path / "a.zarr", axis=0)


def test_structures_have_columns_of_their_own(write_pdb: WritePdb, tmp_path: Path) -> None:
    factory = DatasetFactory(tmp_path / "a.zarr")
    factory.register_converter("pdb", PDBConverter(pdb_column="protein"))
    factory.add_from_file(write_pdb("1abc.pdb"))
    factory.register_converter("pdb", PDBConverter(pdb_column="pocket", zarr_chunks=(1,)))
    factory.add_from_file(write_pdb("1abc.pdb", residue="GLY"))
    dataset = factory.build()
    assert dataset.table.iloc[0].tolist() == ["protein/1abc", "pocket/1abc"]
    assert dataset[0]["protein"].res_name[0] == "ALA"
    assert dataset[0]["pocket"].res_name[0] == "GLY"
    assert dataset.archive.info("protein/1abc/X").chunks == (3,)
    assert dataset.archive.info("pocket/1abc/X").chunks == (1,)


def test_molecules_and_a_structure_make_one_dataset(
    write_pdb: WritePdb, write_sdf: Callable[..., str], tmp_path: Path
) -> None:
    ligand = write_sdf("ligand.sdf", [("CCO", {"affinity": "7.5"})])
    paths = [ligand, write_pdb("1abc.pdb")]
    dataset = create_dataset_from_files(paths, tmp_path / "a.zarr", axis="columns")
    row = dataset[0]
    assert row["molecule"].GetNumAtoms() == 3
    assert row["pdb"].array_length() == 3
    assert row["affinity"] == 7.5


@pytest.mark.parametrize("name", ["a#b.pdb"])
def test_names_that_no_pointer_can_name_are_refused(
    write_pdb: WritePdb, tmp_path: Path, name: str
) -> None:
    with pytest.raises(InvalidDatasetError, match="a#b"):
        create_dataset_from_file(write_pdb(name), tmp_path / "a.zarr")


def test_what_is_no_pdb_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.pdb").write_text("nothing of the kind", "utf-8")
    with pytest.raises(DamagedFileError, match=r"a\.pdb"):
        create_dataset_from_file(tmp_path / "a.pdb", tmp_path / "a.zarr")


def test_a_dataset_of_structures_is_saved_and_cached(write_pdb: WritePdb, tmp_path: Path) -> None:
    dataset = create_dataset_from_file(write_pdb("1abc.pdb"), tmp_path / "a.zarr")
    again = type(dataset).from_json(dataset.to_json(tmp_path / "saved"))
    assert again == dataset
    dataset.load_to_memory()
    assert dataset[0]["pdb"] == again[0]["pdb"]
