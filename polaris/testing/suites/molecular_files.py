"""The conformance suites of `polaris.ports.molecular_files`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from polaris.domain.atoms import ATOM_TYPES, AXES, OPTIONAL_ATOM_TYPES
from polaris.domain.column_adapters import Adapter
from polaris.errors import DamagedFileError
from polaris.ports.molecular_files import MoleculeFiles, StructureFiles

__all__ = ["MoleculeFilesSuite", "StructureFilesSuite"]

_METHANOL = """methanol
  made by hand

  3  2  0  0  0  0  0  0  0  0999 V2000
    0.0000    0.0000    0.0000 C   0  0
    1.4000    0.0000    0.0000 O   0  0
    1.7000    0.9000    0.0000 H   0  0
  1  2  1  0
  2  3  1  0
M  END
> <measured>
007

> <note>
two
lines

"""
_METHANE = _METHANOL.partition("  3  2")[0].replace("methanol", "") + (
    "  1  0  0  0  0  0  0  0  0  0999 V2000\n    0.0000    0.0000    0.0000 C   0  0\nM  END\n"
)
_DAMAGED = _METHANOL.replace("  3  2", "  x  2")
_END = "$$$$\n"

_ATOM = "{kind:6}{number:5} {name:4} {residue:3} {chain}{place:4}{code}   {x:8.3f}{y:8.3f}{z:8.3f}"
_LINES = [
    _ATOM.format(kind="ATOM", number=7, name=" CA ", residue="ALA", chain="A", place=1, code=" ",
                 x=11.104, y=6.134, z=-6.504) + "  0.50 10.25           C1+",
    _ATOM.format(kind="HETATM", number=9, name=" O  ", residue="HOH", chain="B", place=2, code="C",
                 x=1.5, y=-2.0, z=0.0) + "  1.00  3.00           O  ",
]  # fmt: skip


def _model(number: int, shift: float = 0.0) -> str:
    lines = [line[:30] + f"{float(line[30:38]) + shift:8.3f}" + line[38:] for line in _LINES]
    return "\n".join([f"MODEL     {number:4}", *lines, "ENDMDL", ""])


class MoleculeFilesSuite:
    """What every `MoleculeFiles` promises.

    Derive a class whose name begins with ``Test`` and give it the fixture ``files``, the port.
    """

    @staticmethod
    def _read(files: MoleculeFiles, text: str | bytes, **options: bool) -> Any:
        data = text.encode() if isinstance(text, str) else text
        chosen = {"keep_properties": True, "smiles": True, "isomeric": True, **options}
        return files.read_sdf(data, source="some.sdf", **chosen)

    def test_molecules_come_in_the_order_of_the_file(self, files: MoleculeFiles) -> None:
        found = self._read(files, _METHANOL + _END + _METHANE + _END)
        assert [record.title for record in found] == ["methanol", ""]
        assert [Adapter.BYTES_TO_MOL(record.binary).GetNumAtoms() for record in found] == [3, 1]

    def test_properties_are_the_texts_of_the_file(self, files: MoleculeFiles) -> None:
        [record] = self._read(files, _METHANOL + _END)
        assert dict(record.properties) == {"measured": "007", "note": "two\nlines"}
        assert list(record.properties) == ["measured", "note"]

    @pytest.mark.parametrize("keep", [True, False])
    def test_properties_stay_on_the_molecule_if_they_are_to(
        self, files: MoleculeFiles, keep: bool
    ) -> None:
        [record] = self._read(files, _METHANOL + _END, keep_properties=keep)
        molecule = Adapter.BYTES_TO_MOL(record.binary)
        assert set(molecule.GetPropNames()) == ({"measured", "note"} if keep else set())
        assert dict(record.properties) == {"measured": "007", "note": "two\nlines"}

    def test_hydrogens_and_coordinates_are_kept(self, files: MoleculeFiles) -> None:
        [record] = self._read(files, _METHANOL + _END)
        molecule = Adapter.BYTES_TO_MOL(record.binary)
        assert [atom.GetSymbol() for atom in molecule.GetAtoms()] == ["C", "O", "H"]
        assert molecule.GetConformer().GetPositions()[1].tolist() == pytest.approx([1.4, 0, 0])

    def test_smiles_are_made_where_they_are_asked_for(self, files: MoleculeFiles) -> None:
        [record] = self._read(files, _METHANOL + _END)
        assert Adapter.SMILES_TO_MOL(record.smiles) is not None
        [record] = self._read(files, _METHANOL + _END, smiles=False)
        assert record.smiles is None

    @pytest.mark.parametrize("text", ["", "\n", "\n \n\n"])
    def test_an_empty_file_has_no_molecules(self, files: MoleculeFiles, text: str) -> None:
        assert list(self._read(files, text)) == []

    @pytest.mark.parametrize(
        ("text", "readable"),
        [
            (_DAMAGED + _END + _METHANE + _END, [False, True]),
            (_METHANE + _END + _DAMAGED + _END + _METHANOL + _END, [True, False, True]),
            (_METHANE + _END + "something else", [True, False]),
            ("no such file", [False]),
            (_END, [False]),
            (_END + _METHANE + _END, [False, True]),
        ],
    )
    def test_a_record_that_cannot_be_read_takes_no_other_one_with_it(
        self, files: MoleculeFiles, text: str, readable: list[bool]
    ) -> None:
        found = self._read(files, text)
        assert [record is not None for record in found] == readable

    @pytest.mark.parametrize("ending", ["", _END, _END + "\n\n", "$$$$"])
    def test_the_end_of_the_last_record_may_be_missing(
        self, files: MoleculeFiles, ending: str
    ) -> None:
        found = self._read(files, _METHANOL + _END + _METHANOL + ending)
        assert [record.title for record in found] == ["methanol", "methanol"]

    def test_lines_may_end_as_on_other_systems(self, files: MoleculeFiles) -> None:
        [record] = self._read(files, (_METHANOL + _END).replace("\n", "\r\n"))
        assert record.title == "methanol"
        assert record.properties["measured"] == "007"

    @pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
    def test_names_may_have_any_letters(self, files: MoleculeFiles, encoding: str) -> None:
        text = (_METHANOL + _END).replace("methanol", "m\u00e9thanol")
        [record] = self._read(files, text.encode(encoding))
        assert record.title == "m\u00e9thanol"


class StructureFilesSuite:
    """What every `StructureFiles` promises.

    Derive a class whose name begins with ``Test`` and give it the fixture ``files``, the port.
    """

    def test_the_atoms_are_those_of_the_file(self, files: StructureFiles) -> None:
        atoms = files.read_pdb("\n".join(_LINES).encode(), source="some.pdb")
        expected: dict[str, Any] = {
            "X": [11.104, 1.5],
            "Y": [6.134, -2.0],
            "Z": [-6.504, 0.0],
            "chain_id": ["A", "B"],
            "res_id": [1, 2],
            "ins_code": ["", "C"],
            "res_name": ["ALA", "HOH"],
            "hetero": [False, True],
            "atom_name": ["CA", "O"],
            "element": ["C", "O"],
            "atom_id": [7, 9],
            "b_factor": [10.25, 3.0],
            "occupancy": [0.5, 1.0],
            "charge": [1, 0],
        }
        assert set(atoms) == set(expected)
        for name, values in expected.items():
            if name in AXES:
                np.testing.assert_allclose(atoms[name], values, atol=1e-3)
            else:
                assert atoms[name].tolist() == values

    def test_the_types_are_those_that_are_stored(self, files: StructureFiles) -> None:
        atoms = files.read_pdb("\n".join(_LINES).encode(), source="some.pdb")
        types = {**dict.fromkeys(AXES, "float32"), **ATOM_TYPES, **OPTIONAL_ATOM_TYPES}
        assert {name: values.dtype for name, values in atoms.items()} == {
            name: np.dtype(dtype) for name, dtype in types.items()
        }

    def test_of_several_models_the_first_is_taken(self, files: StructureFiles) -> None:
        atoms = files.read_pdb((_model(1) + _model(2, 5.0)).encode(), source="some.pdb")
        np.testing.assert_allclose(atoms["X"], [11.104, 1.5], atol=1e-3)

    @pytest.mark.parametrize(
        "data",
        [b"", b"no such file\n", b"\xff\xfe\x00", "\n".join(_LINES).replace("11.104", "11.x04")
         .encode()],
        ids=["empty", "text", "binary", "damaged"],
    )  # fmt: skip
    def test_what_is_no_pdb_file_is_refused(self, files: StructureFiles, data: bytes) -> None:
        with pytest.raises(DamagedFileError, match=r"some\.pdb") as caught:
            files.read_pdb(data, source="some.pdb")
        assert caught.value.hint
