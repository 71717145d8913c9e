"""Files of molecules and of structures, which the conversion to datasets reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import attrs

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["MoleculeFiles", "MoleculeRecord", "StructureFiles"]


@attrs.frozen
class MoleculeRecord:
    """One molecule of a file.

    Attributes:
        binary: RDKit's binary form, which `Adapter.BYTES_TO_MOL` reads.
        smiles: The molecule as SMILES; None where it was not asked for.
        title: Its name, the first line of its record; may be empty.
        properties: The texts of its properties by their names, in the order of the file.
    """

    binary: bytes
    smiles: str | None
    title: str
    properties: Mapping[str, str]


class MoleculeFiles(Protocol):
    """Reads files of molecules; blocking. Safe for use by several threads."""

    def read_sdf(
        self,
        data: bytes,
        /,
        *,
        source: str,
        keep_properties: bool,
        smiles: bool,
        isomeric: bool,
    ) -> Sequence[MoleculeRecord | None]:
        """Return the molecules of an SDF file, in its order.

        Molecules are as the file has them: not sanitised, with the hydrogens that are there.

        Args:
            data: The file.
            source: Names the file in errors.
            keep_properties: Keep the file's properties on the molecule, in ``binary``.
            smiles: Make SMILES.
            isomeric: Make SMILES that tell stereoisomers and isotopes apart.

        Returns:
            A record for each molecule, None for a record that cannot be read. Whatever follows a
            record's end is another one, except for blank lines at the end of the file.

        Raises:
            MissingExtraError: A package is not installed.
        """
        ...


class StructureFiles(Protocol):
    """Reads files of structures; blocking. Safe for use by several threads."""

    def read_pdb(self, data: bytes, /, *, source: str) -> Mapping[str, NDArray[Any]]:
        """Return the atoms of the first model of a PDB file.

        Of several locations of an atom the first is taken.

        Args:
            data: The file.
            source: Names the file in errors.

        Returns:
            ``X``, ``Y`` and ``Z``, float32 in Å, and an array for each name in
            `polaris.domain.atoms`, with the type that is given there; all of shape ``(atoms,)``.

        Raises:
            DamagedFileError: It is not a PDB file, or has no model.
            MissingExtraError: A package is not installed.
        """
        ...
