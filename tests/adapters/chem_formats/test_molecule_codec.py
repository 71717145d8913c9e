"""Arrays of molecules."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numcodecs  # type: ignore[import-untyped]  # It ships no annotations.
import numpy as np
import pytest
import zarr

from polaris.errors import (
    DamagedFileError,
    InvalidDatasetError,
    InvalidZarrCodec,
    MissingExtraError,
)
from polaris_adapters.chem_formats import RDKitMolCodec
from polaris_adapters.chem_formats.cells import object_array
from polaris_adapters.chem_formats.registering import register_codecs
from polaris_adapters.zarr_arrays import ZarrSource

chem = pytest.importorskip("rdkit.Chem")

Archive = Callable[..., ZarrSource]
AllRows = Callable[[ZarrSource], list[Any]]


def molecule(smiles: str, **properties: Any) -> Any:
    found = chem.MolFromSmiles(smiles)
    for name, value in properties.items():
        found.SetDoubleProp(name, value) if isinstance(value, float) else found.SetProp(name, value)
    return found


def test_molecules_are_read_back_with_their_properties(archive: Archive, all_rows: AllRows) -> None:
    stored = [molecule("CCO", y=1.5, note="x"), molecule("c1ccccc1"), molecule("C")]
    stored[0].GetAtomWithIdx(0).SetProp("label", "first")
    found = all_rows(archive(stored, RDKitMolCodec()))
    assert [chem.MolToSmiles(m) for m in found] == ["CCO", "c1ccccc1", "C"]
    assert found[0].GetPropsAsDict() == {"y": 1.5, "note": "x"}
    assert found[0].GetAtomWithIdx(0).GetProp("label") == "first"


def test_a_cell_without_molecule_is_none(archive: Archive, all_rows: AllRows) -> None:
    found = all_rows(archive([None, molecule("C"), None, None, None], RDKitMolCodec()))
    assert [cell is None for cell in found] == [True, False, True, True, True]


def test_a_molecule_without_atoms_is_not_none(archive: Archive, all_rows: AllRows) -> None:
    [found] = all_rows(archive([chem.Mol()], RDKitMolCodec()))
    assert found.GetNumAtoms() == 0


def test_rows_that_were_never_written_are_none(archive: Archive, tmp_path: Path) -> None:
    source = archive([molecule("C")] * 4, RDKitMolCodec())
    (tmp_path / "a.zarr" / "x" / "1").unlink()
    assert source.take("x", np.array([3, 0], dtype=np.int64)).tolist()[0] is None


def test_changing_a_molecule_does_not_change_what_is_read_next(archive: Archive) -> None:
    source = archive([molecule("C"), molecule("CC"), molecule("CCC")], RDKitMolCodec())
    row = np.array([1], dtype=np.int64)
    source.take("x", row)[0].SetProp("mine", "yes")
    assert not source.take("x", row)[0].HasProp("mine")


def test_an_archive_in_memory_has_the_molecules(archive: Archive) -> None:
    loaded = archive([molecule("C"), None, molecule("CCC")], RDKitMolCodec()).load()
    found = loaded.take("x", np.array([2, 1], dtype=np.int64))
    assert found[0].GetNumAtoms() == 3
    assert found[1] is None


def test_metadata_names_the_codec_as_existing_clients_do(archive: Archive, tmp_path: Path) -> None:
    archive([molecule("C")], RDKitMolCodec())
    metadata = json.loads((tmp_path / "a.zarr" / "x" / ".zarray").read_text("utf-8"))
    assert metadata["filters"] == [{"id": "rdkit_mol"}]
    assert metadata["dtype"] == "|O"
    assert metadata["fill_value"] is None


def test_a_fill_value_of_zero_is_read(archive: Archive, all_rows: AllRows, tmp_path: Path) -> None:
    source = archive([molecule("C"), None], RDKitMolCodec())
    for name in (".zmetadata", "x/.zarray"):
        path = tmp_path / "a.zarr" / name
        document = json.loads(path.read_text("utf-8"))
        document.get("metadata", {"x/.zarray": document})["x/.zarray"]["fill_value"] = 0
        path.write_text(json.dumps(document), "utf-8")
    assert [cell is None for cell in all_rows(source)] == [False, True]


def test_a_chunk_has_the_form_of_texts_of_bytes() -> None:
    chunk = RDKitMolCodec().encode([molecule("C"), None])
    first, second = numcodecs.VLenBytes().decode(chunk)
    assert chem.Mol(first).GetNumAtoms() == 1
    assert second == b""


@pytest.mark.parametrize("cell", [1, "C", b"C", 0.0, False])
def test_other_cells_are_refused(archive: Archive, cell: Any) -> None:
    with pytest.raises(InvalidDatasetError, match=type(cell).__name__):
        archive([cell], RDKitMolCodec())


def test_damaged_chunks_are_told(archive: Archive, all_rows: AllRows, tmp_path: Path) -> None:
    chunk = numcodecs.VLenBytes().encode(object_array([b"no molecule"]))
    source = archive([molecule("C")], RDKitMolCodec(), chunk=1)
    (tmp_path / "a.zarr" / "x" / "0").write_bytes(numcodecs.Blosc().encode(chunk))
    with pytest.raises(DamagedFileError, match="rows 0 to 0"):
        all_rows(source)


def test_a_missing_package_is_named_by_its_extra(
    archive: Archive, all_rows: AllRows, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = archive([molecule("C")], RDKitMolCodec())
    monkeypatch.setitem(sys.modules, "rdkit", None)
    assert source.info("x").shape == (1,)
    with pytest.raises(MissingExtraError) as caught:
        all_rows(source)
    assert caught.value.extra == "chem"


def test_a_codec_that_is_not_registered_is_named_and_works_once_it_is(
    archive: Archive, all_rows: AllRows, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = archive([molecule("C")], RDKitMolCodec())
    monkeypatch.delitem(numcodecs.registry.codec_registry, "rdkit_mol")
    with pytest.raises(InvalidZarrCodec) as caught:
        all_rows(source)
    assert caught.value.codec_id == "rdkit_mol"
    register_codecs()
    assert len(all_rows(source)) == 1


def test_a_codec_that_somebody_registered_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    class Mine(RDKitMolCodec):
        pass

    monkeypatch.setitem(numcodecs.registry.codec_registry, "rdkit_mol", Mine)
    register_codecs()
    assert type(numcodecs.get_codec({"id": "rdkit_mol"})) is Mine


def test_zarr_reads_and_writes_the_array_by_itself(archive: Archive, tmp_path: Path) -> None:
    archive([molecule("C"), molecule("CC"), None], RDKitMolCodec())
    array: Any = zarr.open_group(str(tmp_path / "a.zarr"), mode="r+")["x"]
    array[2] = molecule("CCC")
    assert [m.GetNumAtoms() for m in array[:]] == [1, 2, 3]
    assert array[1:2][0].GetNumAtoms() == 2
