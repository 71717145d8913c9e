"""Molecules and structures: their files, and how they are stored in archives.

RDKit and biotite are imported when something needs them.
"""

from __future__ import annotations

from polaris_adapters.chem_formats.molecule_codec import RDKitMolCodec
from polaris_adapters.chem_formats.rdkit_files import RDKitMoleculeFiles
from polaris_adapters.chem_formats.structure_codec import AtomArrayCodec
from polaris_adapters.chem_formats.structure_files import BiotiteStructureFiles

__all__ = ["AtomArrayCodec", "BiotiteStructureFiles", "RDKitMolCodec", "RDKitMoleculeFiles"]
