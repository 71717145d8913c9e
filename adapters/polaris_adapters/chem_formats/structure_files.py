"""Structure files, read with biotite."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polaris.domain.atoms import ATOM_TYPES, AXES, OPTIONAL_ATOM_TYPES
from polaris.errors import DamagedFileError
from polaris_adapters.chem_formats.imported import pdb_file

__all__ = ["BiotiteStructureFiles"]


class BiotiteStructureFiles:
    """A `StructureFiles` with biotite."""

    def read_pdb(self, data: bytes, /, *, source: str) -> Mapping[str, NDArray[Any]]:
        """See `StructureFiles.read_pdb`."""
        reader = pdb_file()
        try:
            file = reader.read(io.StringIO(data.decode("utf-8", errors="replace")))
            atoms = file.get_structure(model=1, extra_fields=list(OPTIONAL_ATOM_TYPES))
        except Exception as cause:  # What biotite raises for damaged files is not specified.
            raise DamagedFileError(
                f"{source} cannot be read as a PDB file: {cause}",
                hint="Check that it is a PDB file with at least one model, and complete lines.",
            ) from cause
        arrays: dict[str, NDArray[Any]] = {
            axis: np.ascontiguousarray(atoms.coord[:, number], dtype=np.float32)
            for number, axis in enumerate(AXES)
        }
        for name, dtype in {**ATOM_TYPES, **OPTIONAL_ATOM_TYPES}.items():
            arrays[name] = np.asarray(atoms.get_annotation(name)).astype(dtype)
        return arrays
