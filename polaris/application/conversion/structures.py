"""Converting PDB files: a row, and a group of arrays, for each structure."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from polaris.application.conversion.converter import (
    ConversionTarget,
    Converted,
    Converter,
    refuse_names,
)
from polaris.domain.column_adapters import Adapter
from polaris.domain.columns import ColumnAnnotation, Modality
from polaris.errors import InvalidDatasetError

__all__ = ["PDBConverter"]


@attrs.define
class PDBConverter(Converter):
    """Makes a row of a PDB file: a pointer to the arrays of the atoms of its first model.

    Attributes:
        pdb_column: Name of the column, and of the group in the archive.
        n_jobs: Not used; a file is read by one process.
        zarr_chunks: Length of the chunks of the arrays; the whole array where None.
    """

    pdb_column: str = "pdb"
    n_jobs: int = 1
    zarr_chunks: Sequence[int | None] | None = None

    def convert(self, path: str, factory: ConversionTarget, append: bool = False) -> Converted:
        """See `Converter.convert`.

        Raises:
            InvalidDatasetError: A structure of that name is in the archive; or see
                `Converter.convert`.
            DamagedFileError: It is not a PDB file, or has no model.
            MissingExtraError: biotite is not installed.
        """
        import pandas as pd

        atoms = factory.structures.read_pdb(factory.read_file(path), source=path)
        name = path.replace("\\", "/").rstrip("/").rpartition("/")[2].rpartition(".")[0]
        group = f"{self.pdb_column}/{name}"
        refuse_names([self.pdb_column, name], factory, append=append)
        if group in factory.zarr_root:
            raise InvalidDatasetError(
                f"The archive contains a structure {name!r} already, of another file",
                hint="Rename one of the files.",
            )
        chunks = self.zarr_chunks or (None,)
        for field, values in atoms.items():
            factory.archive.append(f"{group}/{field}", values, chunks=chunks)
        annotation = ColumnAnnotation(
            is_pointer=True, modality=Modality.PROTEIN_3D, content_type="chemical/x-pdb"
        )
        return (
            pd.DataFrame({self.pdb_column: [group]}),
            {self.pdb_column: annotation},
            {self.pdb_column: Adapter.ARRAY_TO_PDB},
        )
