"""Molecule files, read with RDKit."""

from __future__ import annotations

import re
from typing import Any

from polaris.ports.molecular_files import MoleculeRecord
from polaris_adapters.chem_formats.imported import chem

__all__ = ["RDKitMoleculeFiles"]

# The line that ends a record (CTfile Formats, BIOVIA, "SDfiles").
_END = re.compile(r"^\$\$\$\$[^\n]*\n?", re.MULTILINE)


class RDKitMoleculeFiles:
    """A `MoleculeFiles` with RDKit."""

    def read_sdf(
        self,
        data: bytes,
        /,
        *,
        source: str,
        keep_properties: bool,
        smiles: bool,
        isomeric: bool,
    ) -> list[MoleculeRecord | None]:
        """See `MoleculeFiles.read_sdf`."""
        rdkit = chem(f"Reading {source}")
        from rdkit import rdBase

        # What RDKit would log is reported by whoever gets the records.
        with rdBase.BlockLogs():
            supplier = rdkit.SDMolSupplier()
            return [
                _record(rdkit, _molecule(supplier, text), keep_properties, smiles, isomeric)
                for text in _records(_text(data))
            ]


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        # Older programs write Latin-1, which gives every byte a meaning.
        return data.decode("latin-1")


def _records(text: str) -> list[str]:
    """Return the records; RDKit, given all of them, can lose those that follow a damaged one."""
    records = _END.split(text)
    # After the last end nothing is left but perhaps blank lines.
    return records[:-1] if not records[-1].strip() else records


def _molecule(supplier: Any, text: str) -> Any:
    supplier.SetData(text, sanitize=False, removeHs=False)
    try:
        return supplier[0]
    except (IndexError, RuntimeError):  # A record without anything in it.
        return None


def _record(
    rdkit: Any, molecule: Any, keep_properties: bool, smiles: bool, isomeric: bool
) -> MoleculeRecord | None:
    if molecule is None:
        return None
    properties = {str(name): str(molecule.GetProp(name)) for name in molecule.GetPropNames()}
    title = str(molecule.GetProp("_Name")) if molecule.HasProp("_Name") else ""
    if not keep_properties:
        for name in properties:
            molecule.ClearProp(name)
    binary = molecule.ToBinary(int(rdkit.PropertyPickleOptions.AllProps))
    try:
        text = rdkit.MolToSmiles(molecule, isomericSmiles=isomeric) if smiles else None
    except RuntimeError:  # RDKit's own, for a molecule that cannot be written so.
        return None
    return MoleculeRecord(bytes(binary), text, title.strip(), properties)
