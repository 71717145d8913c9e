"""Arrays of structures."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from polaris.errors import DamagedFileError, InvalidDatasetError, MissingExtraError
from polaris_adapters.chem_formats import AtomArrayCodec
from polaris_adapters.zarr_arrays import ZarrSource

biotite = pytest.importorskip("biotite.structure")

Archive = Callable[..., ZarrSource]
AllRows = Callable[[ZarrSource], list[Any]]


def structure(count: int, **annotations: Any) -> Any:
    atoms = biotite.AtomArray(count)
    atoms.coord = np.arange(3 * count, dtype=np.float32).reshape(count, 3) / 7
    atoms.chain_id[:] = "A"
    atoms.res_id[:] = np.arange(count) + 1
    atoms.res_name[:] = "GLY"
    atoms.atom_name[:] = "CA"
    atoms.element[:] = "C"
    for name, values in annotations.items():
        atoms.set_annotation(name, np.asarray(values))
    return atoms


def test_structures_are_read_back(archive: Archive, all_rows: AllRows) -> None:
    known = {"atom_id": [5, 6], "b_factor": [1.5, 2.5], "occupancy": [1.0, 0.5], "charge": [0, -1]}
    stored = [structure(2, **known), None, structure(1), structure(0)]
    found = all_rows(archive(stored, AtomArrayCodec()))
    assert [type(cell).__name__ for cell in found] == ["AtomArray", "NoneType", *["AtomArray"] * 2]
    assert found[0] == stored[0]
    np.testing.assert_array_equal(found[2].coord, stored[2].coord)
    assert found[2].chain_id.tolist() == ["A"]
    assert found[3].array_length() == 0
    assert found[3].coord.shape == (0, 3)


def test_what_is_unknown_is_what_a_pdb_file_would_get(archive: Archive, all_rows: AllRows) -> None:
    [found] = all_rows(archive([structure(3)], AtomArrayCodec()))
    assert found.atom_id.tolist() == [1, 2, 3]
    assert found.b_factor.tolist() == [0, 0, 0]
    assert found.occupancy.tolist() == [1, 1, 1]
    assert found.charge.tolist() == [0, 0, 0]


def test_long_texts_are_kept_whole(archive: Archive, all_rows: AllRows) -> None:
    [found] = all_rows(archive([structure(1, chain_id=["AAAA-1"])], AtomArrayCodec()))
    assert found.chain_id.tolist() == ["AAAA-1"]


def test_structures_of_one_length_stay_cells(archive: Archive) -> None:
    source = archive([structure(2), structure(2), structure(2)], AtomArrayCodec())
    found = source.take("x", np.array([2, 0, 0], dtype=np.int64))
    assert found.shape == (3,)
    assert source.load().take("x", np.array([1], dtype=np.int64)).shape == (1,)


def test_metadata_names_the_codec_as_existing_clients_do(archive: Archive, tmp_path: Path) -> None:
    archive([structure(1)], AtomArrayCodec())
    metadata = json.loads((tmp_path / "a.zarr" / "x" / ".zarray").read_text("utf-8"))
    assert metadata["filters"] == [
        {"id": "atom_array", "raw": False, "use_single_float": False, "use_bin_type": True}
    ]


def test_single_precision_takes_less_room() -> None:
    stored = [structure(50)]
    chunks = [AtomArrayCodec(use_single_float=single).encode(stored) for single in (True, False)]
    assert len(chunks[0]) < len(chunks[1])
    [found] = AtomArrayCodec(use_single_float=True).decode(chunks[0])
    np.testing.assert_allclose(found.coord, stored[0].coord)


@pytest.mark.parametrize("cell", [1, "C", b"C", [1, 2]])
def test_other_cells_are_refused(cell: Any) -> None:
    with pytest.raises(InvalidDatasetError, match=type(cell).__name__):
        AtomArrayCodec().encode([cell])


def test_several_models_are_refused_with_advice() -> None:
    with pytest.raises(InvalidDatasetError, match="one model"):
        AtomArrayCodec().encode([biotite.stack([structure(1), structure(1)])])


@pytest.mark.parametrize("chunk", [b"", b"\x91\xc0", b"\x93\x80\xa2|O\x91\x01"])
def test_damaged_chunks_are_told(
    archive: Archive, all_rows: AllRows, tmp_path: Path, chunk: bytes
) -> None:
    source = archive([structure(1)], AtomArrayCodec(), chunk=1)
    (tmp_path / "a.zarr" / "x" / "0").write_bytes(chunk)
    with pytest.raises(DamagedFileError, match="rows 0 to 0"):
        all_rows(source)


def test_a_missing_package_is_named_by_its_extra(
    archive: Archive, all_rows: AllRows, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = archive([structure(1)], AtomArrayCodec())
    monkeypatch.setitem(sys.modules, "biotite", None)
    with pytest.raises(MissingExtraError) as caught:
        all_rows(source)
    assert caught.value.extra == "structures"
