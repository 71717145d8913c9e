"""Converting SDF files: a row for each molecule, or for each group of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
from numpy.typing import NDArray

from polaris.application.conversion.converter import (
    ConversionTarget,
    Converted,
    Converter,
    refuse_names,
)
from polaris.domain.column_adapters import Adapter
from polaris.domain.columns import ColumnAnnotation, Modality
from polaris.domain.table_assembly import typed_texts
from polaris.errors import DamagedFileError, InvalidDatasetError
from polaris.ports.molecular_files import MoleculeRecord

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SDFConverter"]


@attrs.define
class SDFConverter(Converter):
    """Makes a row of each molecule of an SDF file: a pointer to it, its SMILES, its properties.

    Molecules are kept as the file has them: not sanitised, with the hydrogens that are there. What
    a property holds is decided for the whole column: numbers if all its texts are such.

    Attributes:
        mol_column: Name of the column of molecules, and of their array.
        smiles_column: Name of the column of SMILES; None for no such column.
        use_isomeric_smiles: Whether SMILES tell stereoisomers and isotopes apart.
        mol_id_column: Name of a column of the molecules' names, the first lines of their records.
        mol_prop_as_cols: Whether properties become columns; otherwise they stay on the molecules.
        groupby_key: Name of a property, or of another column, whose equal values make one row: its
            cell is a tuple of the group's molecules. Groups come in the order of the file.
        n_jobs: Not used; a file is read by one process.
        zarr_chunks: How many molecules are stored together.
        skip_invalid: Leave out molecules that cannot be read, instead of refusing the file.
    """

    mol_column: str = "molecule"
    smiles_column: str | None = "smiles"
    use_isomeric_smiles: bool = True
    mol_id_column: str | None = None
    mol_prop_as_cols: bool = True
    groupby_key: str | None = None
    n_jobs: int = 1
    zarr_chunks: Sequence[int | None] = (256,)
    skip_invalid: bool = False

    def convert(self, path: str, factory: ConversionTarget, append: bool = False) -> Converted:
        """See `Converter.convert`.

        Raises:
            DamagedFileError: Molecules cannot be read.
            InvalidDatasetError: Names of columns clash; or groups cannot be made: the key is
                missing, or another column has several values in a group; or see
                `Converter.convert`.
            MissingExtraError: RDKit is not installed.
        """
        records = self._readable(
            factory.molecules.read_sdf(
                factory.read_file(path),
                source=path,
                keep_properties=not self.mol_prop_as_cols,
                smiles=self.smiles_column is not None,
                isomeric=self.use_isomeric_smiles,
            ),
            path,
        )
        table = self._table(records, path)
        order = np.arange(len(records))
        bounds = np.arange(len(records) + 1)
        if self.groupby_key is not None:
            table, order, bounds = _grouped(table, self.groupby_key, path)
        refuse_names([self.mol_column], factory, append=append)
        binaries = np.empty(len(records), dtype=object)
        binaries[:] = [records[position].binary for position in order]
        first = factory.archive.append(self.mol_column, binaries, chunks=self.zarr_chunks)
        starts = (first + bounds).tolist()
        table[self.mol_column] = [
            self.get_pointer(
                self.mol_column, slice(start, stop) if self.groupby_key is not None else start
            )
            for start, stop in pairwise(starts)
        ]
        return table, self._annotations(), {self.mol_column: Adapter.BYTES_TO_MOL}

    def _readable(
        self, records: Sequence[MoleculeRecord | None], path: str
    ) -> list[MoleculeRecord]:
        found = [record for record in records if record is not None]
        if len(found) < len(records) and not self.skip_invalid:
            numbers = [number for number, record in enumerate(records, 1) if record is None]
            listed = ", ".join(map(str, numbers[:10])) + (" …" if len(numbers) > 10 else "")
            raise DamagedFileError(
                f"{len(numbers)} of {len(records)} records of {path} cannot be read as molecules: "
                f"{listed}",
                hint="Mend the file, or leave them out with SDFConverter(skip_invalid=True).",
            )
        if not found:
            raise InvalidDatasetError(
                f"{path} holds no molecules", hint="Check that it is an SDF file."
            )
        return found

    def _table(self, records: Sequence[MoleculeRecord], path: str) -> pd.DataFrame:
        """Return the table without the molecules themselves."""
        import pandas as pd

        names = list(dict.fromkeys(name for record in records for name in record.properties))
        own = {"mol_column": self.mol_column, "smiles_column": self.smiles_column,
               "mol_id_column": self.mol_id_column}  # fmt: skip
        if not self.mol_prop_as_cols:
            names = [name for name in names if name == self.groupby_key]
        taken = set(names)
        for field, name in own.items():
            if name is not None and name in taken:
                raise InvalidDatasetError(
                    f"{path} gives more than one column the name {name!r}",
                    hint=f"Choose another {field} for the SDFConverter.",
                )
            taken.add(name or "")
        columns: dict[str, Any] = {}
        if self.smiles_column is not None:
            columns[self.smiles_column] = [record.smiles for record in records]
        for name in names:
            columns[name] = typed_texts([record.properties.get(name) for record in records])
        if self.mol_id_column is not None:
            columns[self.mol_id_column] = [record.title for record in records]
        return pd.DataFrame(columns, index=range(len(records)))

    def _annotations(self) -> dict[str, ColumnAnnotation]:
        annotations = {
            self.mol_column: ColumnAnnotation(is_pointer=True, modality=Modality.MOLECULE_3D)
        }
        if self.smiles_column is not None:
            annotations[self.smiles_column] = ColumnAnnotation(
                modality=Modality.MOLECULE, content_type="chemical/x-smiles"
            )
        return annotations


def _grouped(
    table: pd.DataFrame, key: str, path: str
) -> tuple[pd.DataFrame, NDArray[np.int64], NDArray[np.int64]]:
    """Return a row for each group, and which molecules it has.

    Returns:
        The table; the positions of the molecules, group by group; and where groups begin in that
        order, with the number of molecules at the end.
    """
    import pandas as pd

    if key not in table.columns:
        raise InvalidDatasetError(
            f"The molecules of {path} cannot be grouped by {key!r}, which no column is named",
            hint=f"Its columns are {', '.join(table.columns) or 'none'}.",
        )
    missing = np.flatnonzero(table[key].isna())
    if len(missing):
        raise InvalidDatasetError(
            f"{len(missing)} molecules of {path} have no {key!r}, such as number {missing[0] + 1}",
            hint="Give each molecule a value, or group by another column.",
        )
    codes, _ = pd.factorize(table[key])
    order = np.argsort(codes, kind="stable").astype(np.int64)
    firsts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    differing = [
        str(name)
        for name in table.columns
        if (table.groupby(codes)[name].nunique(dropna=False) > 1).any()
    ]
    if differing:
        raise InvalidDatasetError(
            f"Within groups of {path} by {key!r} the molecules have several values of "
            f"{', '.join(map(repr, differing))}",
            hint="Leave them out (smiles_column=None, mol_prop_as_cols=False), or do not group.",
        )
    grouped = table.iloc[order[firsts]].reset_index(drop=True)
    return grouped, order, np.append(firsts, len(order)).astype(np.int64)
