"""Turning what a column stores into what a model reads."""

from __future__ import annotations

from enum import Enum
from typing import Any

from polaris.domain.atoms import ATOM_TYPES, AXES, OPTIONAL_ATOM_TYPES
from polaris.errors import InvalidDatasetError, MissingExtraError

__all__ = ["Adapter"]


class Adapter(Enum):
    """A conversion of cells; call a member on a value, or on a tuple for each of its values."""

    SMILES_TO_MOL = "SMILES_TO_MOL"
    BYTES_TO_MOL = "BYTES_TO_MOL"
    ARRAY_TO_PDB = "ARRAY_TO_PDB"

    def __call__(self, value: Any) -> Any:
        """Convert a value.

        Args:
            value: A SMILES text; the bytes of an RDKit molecule; or a mapping of the arrays of a
                structure's atoms.

        Returns:
            An RDKit ``Mol``, or a biotite ``AtomArray``.

        Raises:
            MissingExtraError: RDKit, or biotite, is not installed.
            InvalidDatasetError: The value cannot be converted.
        """
        if isinstance(value, tuple):
            return tuple(self(item) for item in value)
        return _CONVERSIONS[self](value)


def _smiles_to_mol(value: Any) -> Any:
    try:
        from rdkit import Chem
    except ImportError as cause:
        raise MissingExtraError("Reading molecules", extra="chem") from cause
    molecule = Chem.MolFromSmiles(value) if isinstance(value, str) else None
    if molecule is None:
        raise InvalidDatasetError(
            f"{value!r} is not a valid SMILES", hint="Correct the cell, or read it without adapter."
        )
    return molecule


def _bytes_to_mol(value: Any) -> Any:
    try:
        from rdkit import Chem
    except ImportError as cause:
        raise MissingExtraError("Reading molecules", extra="chem") from cause
    try:
        return Chem.Mol(bytes(value))  # type: ignore[call-overload]  # the stubs lack bytes
    except (TypeError, ValueError, RuntimeError) as cause:
        raise InvalidDatasetError(
            "The cell does not hold the bytes of an RDKit molecule",
            hint="Read the column without adapter to see what it holds.",
        ) from cause


def _array_to_pdb(value: Any) -> Any:
    try:
        from biotite import structure
    except ImportError as cause:
        raise MissingExtraError("Reading structures (biotite)", extra="structures") from cause
    import numpy as np

    try:
        coordinates = np.stack([np.asarray(value[axis][:]) for axis in AXES], axis=1)
        atoms = structure.AtomArray(len(coordinates))
        atoms.coord = coordinates.astype(np.float32)
        for name in (*ATOM_TYPES, *OPTIONAL_ATOM_TYPES):
            if name in ATOM_TYPES or name in value:
                atoms.set_annotation(name, np.asarray(value[name][:]))
    except (KeyError, IndexError, TypeError, ValueError) as cause:
        raise InvalidDatasetError(
            f"The cell does not hold the atoms of a structure: {cause}",
            hint="Read the column without adapter to see what it holds.",
        ) from cause
    return atoms


_CONVERSIONS = {
    Adapter.SMILES_TO_MOL: _smiles_to_mol,
    Adapter.BYTES_TO_MOL: _bytes_to_mol,
    Adapter.ARRAY_TO_PDB: _array_to_pdb,
}
