"""Files of molecules, structures and arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr

Molecules = list[tuple[str, Mapping[str, str]]]
WriteSdf = Callable[[str, Molecules], str]
WritePdb = Callable[..., str]
WriteArchive = Callable[..., str]

_PDB = """ATOM      1  N   {residue} A   1      11.104   6.134  -6.504  1.00 10.00           N
ATOM      2  CA  {residue} A   1      11.639   6.071  -5.147  0.50 11.00           C1+
HETATM    3  O   HOH B   2A     13.639   6.071  -5.147  1.00 12.50           O1-
END
"""


@pytest.fixture
def write_sdf(tmp_path: Path) -> WriteSdf:
    """Write SMILES with properties to an SDF file and return its path."""

    def write(name: str, molecules: Molecules) -> str:
        chem = pytest.importorskip("rdkit.Chem")
        path = str(tmp_path / name)
        with chem.SDWriter(path) as writer:
            for smiles, properties in molecules:
                molecule = chem.MolFromSmiles(smiles)
                for key, value in properties.items():
                    molecule.SetProp(key, value)
                writer.write(molecule)
        return path

    return write


@pytest.fixture
def sdf(write_sdf: WriteSdf) -> str:
    """Three molecules with two properties each."""
    return write_sdf(
        "some.sdf",
        [
            ("CCO", {"_Name": "ethanol", "y": "1", "lot": "007"}),
            ("CC", {"_Name": "ethane", "y": "2.5", "lot": "008"}),
            ("c1ccccc1", {"_Name": "benzene", "lot": "009"}),
        ],
    )


@pytest.fixture
def write_pdb(tmp_path: Path) -> WritePdb:
    """Write a structure of three atoms and return its path."""

    def write(name: str, residue: str = "ALA") -> str:
        pytest.importorskip("biotite")
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(_PDB.format(residue=residue), "utf-8")
        return str(path)

    return write


@pytest.fixture
def write_zarr(tmp_path: Path) -> WriteArchive:
    """Write an archive of arrays and return its path."""

    def write(name: str, zarr_format: Any = 2, **arrays: np.ndarray[Any, Any]) -> str:
        root = zarr.open_group(str(tmp_path / name), mode="w", zarr_format=zarr_format)
        for key, values in arrays.items():
            chunks = (min(3, max(1, len(values))), *values.shape[1:]) if values.ndim else ()
            array = root.create_array(key, shape=values.shape, chunks=chunks, dtype=values.dtype)
            array[...] = values
        root.attrs["origin"] = name
        if zarr_format == 2:
            zarr.consolidate_metadata(root.store)
        return str(tmp_path / name)

    return write
