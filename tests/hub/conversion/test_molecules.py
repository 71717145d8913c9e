"""Datasets of SDF files."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from polaris.dataset import Dataset, DatasetFactory, Modality, create_dataset_from_file
from polaris.dataset.converters import SDFConverter
from polaris.errors import DamagedFileError, InvalidDatasetError, MissingExtraError

pytest.importorskip("rdkit")

WriteSdf = Callable[[str, Any], str]


def convert(path: str, archive: Path, **options: Any) -> Dataset:
    factory = DatasetFactory(archive)
    factory.register_converter("sdf", SDFConverter(**options))
    factory.add_from_file(path)
    return factory.build()


def names(cell: Any) -> list[str]:
    return [molecule.GetProp("_Name") for molecule in cell]


def test_every_molecule_is_a_row_with_its_properties(sdf: str, tmp_path: Path) -> None:
    dataset = create_dataset_from_file(sdf, tmp_path / "a.zarr")
    assert dataset.columns == ["smiles", "y", "lot", "molecule"]
    assert dataset.table["lot"].tolist() == ["007", "008", "009"]
    assert dataset.table["y"].tolist()[:2] == [1.0, 2.5]
    assert dataset.table["y"].isna().tolist() == [False, False, True]
    assert [dataset[i]["molecule"].GetNumAtoms() for i in dataset.rows] == [3, 2, 6]
    assert dataset.zarr_root_path == str(tmp_path / "a.zarr")


def test_columns_say_what_they_mean(sdf: str, tmp_path: Path) -> None:
    annotations = create_dataset_from_file(sdf, tmp_path / "a.zarr").annotations
    assert annotations["molecule"].is_pointer
    assert annotations["molecule"].modality is Modality.MOLECULE_3D
    assert annotations["smiles"].modality is Modality.MOLECULE
    assert annotations["smiles"].content_type == "chemical/x-smiles"


@pytest.mark.parametrize("as_columns", [True, False])
def test_properties_are_columns_or_stay_on_the_molecule(
    sdf: str, tmp_path: Path, as_columns: bool
) -> None:
    dataset = convert(sdf, tmp_path / "a.zarr", mol_prop_as_cols=as_columns)
    properties = dict(dataset[0]["molecule"].GetPropsAsDict(autoConvertStrings=False))
    if as_columns:
        assert properties == {}
        assert {"y", "lot"} <= set(dataset.columns)
    else:
        assert properties == {"y": "1", "lot": "007"}
        assert dataset.columns == ["smiles", "molecule"]


def test_names_of_molecules_become_a_column(sdf: str, tmp_path: Path) -> None:
    dataset = convert(sdf, tmp_path / "a.zarr", mol_id_column="name", smiles_column=None)
    assert dataset.table["name"].tolist() == ["ethanol", "ethane", "benzene"]
    assert "smiles" not in dataset.columns


@pytest.mark.parametrize("isomeric", [True, False])
def test_smiles_tell_isomers_apart_if_they_are_to(
    write_sdf: WriteSdf, tmp_path: Path, isomeric: bool
) -> None:
    path = write_sdf("a.sdf", [("[13CH4]", {})])
    dataset = convert(path, tmp_path / "a.zarr", use_isomeric_smiles=isomeric)
    assert ("13" in dataset[0]["smiles"]) is isomeric


# -- groups -----------------------------------------------------------------------------------


def mixed(write_sdf: WriteSdf) -> str:
    return write_sdf(
        "groups.sdf",
        [
            ("CCO", {"_Name": "b1", "series": "b"}),
            ("CC", {"_Name": "a1", "series": "a"}),
            ("CCN", {"_Name": "b2", "series": "b"}),
            ("CCC", {"_Name": "b3", "series": "b"}),
        ],
    )


@pytest.mark.parametrize("as_columns", [True, False])
def test_groups_have_all_their_molecules_and_no_others(
    write_sdf: WriteSdf, tmp_path: Path, as_columns: bool
) -> None:
    dataset = convert(
        mixed(write_sdf), tmp_path / "a.zarr",
        groupby_key="series", smiles_column=None, mol_prop_as_cols=as_columns,
    )  # fmt: skip
    assert dataset.table["series"].tolist() == ["b", "a"]
    assert [names(dataset[i]["molecule"]) for i in dataset.rows] == [["b1", "b2", "b3"], ["a1"]]
    assert all(isinstance(dataset[i]["molecule"], tuple) for i in dataset.rows)


def test_conformers_are_grouped_by_their_name(write_sdf: WriteSdf, tmp_path: Path) -> None:
    path = write_sdf(
        "c.sdf", [("CC", {"_Name": "x"}), ("CC", {"_Name": "x"}), ("C", {"_Name": "z"})]
    )
    dataset = convert(path, tmp_path / "a.zarr", mol_id_column="id", groupby_key="id")
    assert dataset.table["id"].tolist() == ["x", "z"]
    assert [len(dataset[i]["molecule"]) for i in dataset.rows] == [2, 1]


def test_groups_go_on_in_the_archive_when_files_follow_one_another(
    write_sdf: WriteSdf, tmp_path: Path
) -> None:
    factory = DatasetFactory(tmp_path / "a.zarr")
    factory.register_converter("sdf", SDFConverter(groupby_key="series", smiles_column=None))
    path = mixed(write_sdf)
    factory.add_from_files([path, path], axis=0)
    dataset = factory.build()
    expected = [["b1", "b2", "b3"], ["a1"]]
    assert [names(dataset[i]["molecule"]) for i in dataset.rows] == expected * 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"groupby_key": "series"}, "several values of 'smiles'"),
        ({"groupby_key": "nothing", "smiles_column": None}, "no column is named"),
        ({"mol_column": "series"}, "the name 'series'"),
        ({"smiles_column": "series"}, "the name 'series'"),
        ({"mol_id_column": "smiles"}, "the name 'smiles'"),
        ({"mol_column": "a#b"}, "a#b"),
    ],
)
def test_what_cannot_be_a_table_is_refused(
    write_sdf: WriteSdf, tmp_path: Path, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidDatasetError, match=message) as caught:
        convert(mixed(write_sdf), tmp_path / "a.zarr", **options)
    assert caught.value.hint


def test_molecules_without_the_key_are_not_dropped(write_sdf: WriteSdf, tmp_path: Path) -> None:
    path = write_sdf("a.sdf", [("C", {"series": "a"}), ("CC", {})])
    with pytest.raises(InvalidDatasetError, match=r"1 molecules .* number 2"):
        convert(path, tmp_path / "a.zarr", groupby_key="series", smiles_column=None)


# -- files that are not what they should be ----------------------------------------------------


def test_molecules_that_cannot_be_read_are_told_or_left_out(sdf: str, tmp_path: Path) -> None:
    first, second, rest = Path(sdf).read_text("utf-8").split("$$$$", 2)
    damaged = second.replace("  2  1  0", "  2  x  0", 1)
    Path(sdf).write_text("$$$$".join([first, damaged, rest]), "utf-8")
    with pytest.raises(DamagedFileError, match=r"1 of 3 records .*: 2") as caught:
        convert(sdf, tmp_path / "a.zarr")
    assert "skip_invalid" in caught.value.hint
    dataset = convert(sdf, tmp_path / "a.zarr", skip_invalid=True, mol_id_column="name")
    assert dataset.table["name"].tolist() == ["ethanol", "benzene"]
    assert names([dataset[i]["molecule"] for i in dataset.rows]) == ["ethanol", "benzene"]


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.sdf").touch()
    with pytest.raises(InvalidDatasetError, match="no molecules"):
        create_dataset_from_file(tmp_path / "empty.sdf", tmp_path / "a.zarr")


def test_a_missing_package_is_named_by_its_extra(
    sdf: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "rdkit", None)
    with pytest.raises(MissingExtraError) as caught:
        create_dataset_from_file(sdf, tmp_path / "a.zarr")
    assert caught.value.extra == "chem"


def test_many_molecules_are_stored_in_few_files(write_sdf: WriteSdf, tmp_path: Path) -> None:
    path = write_sdf("many.sdf", [("C", {})] * 300)
    dataset = create_dataset_from_file(path, tmp_path / "a.zarr")
    assert dataset.archive.info("molecule").chunks == (256,)
    assert convert(path, tmp_path / "b.zarr", zarr_chunks=(7,)).archive.info("molecule").chunks == (
        7,
    )


def test_the_same_file_makes_equal_datasets(sdf: str, tmp_path: Path) -> None:
    first = create_dataset_from_file(sdf, tmp_path / "a.zarr")
    assert first == create_dataset_from_file(sdf, tmp_path / "b.zarr")
