"""The codec of molecules in arrays of objects."""

from __future__ import annotations

from typing import Any

from numcodecs.abc import Codec  # type: ignore[import-untyped]  # It ships no annotations.
from numcodecs.vlen import VLenBytes  # type: ignore[import-untyped]  # It ships no annotations.
from numpy.typing import NDArray

from polaris.errors import InvalidDatasetError
from polaris_adapters.chem_formats.cells import cells_of, is_vacant, object_array
from polaris_adapters.chem_formats.imported import chem

__all__ = ["RDKitMolCodec"]


class RDKitMolCodec(Codec):  # type: ignore[misc]  # It ships no annotations.
    """Stores RDKit molecules with all their properties; the codec ``rdkit_mol``.

    A chunk has the form of the codec ``vlen-bytes``, its texts being RDKit's binary form of the
    molecules. A cell without molecule is None, and an empty text in the chunk.
    """

    codec_id = "rdkit_mol"

    def encode(self, buf: Any) -> bytes:
        """Encode a chunk of molecules.

        Args:
            buf: Array or list of ``rdkit.Chem.Mol``; None where there is no molecule.

        Raises:
            InvalidDatasetError: A cell is something else.
            MissingExtraError: RDKit is not installed.
        """
        return bytes(VLenBytes().encode(object_array(map(_to_bytes, cells_of(buf)))))

    def decode(self, buf: Any, out: NDArray[Any] | None = None) -> NDArray[Any]:
        """Decode a chunk; see `encode`.

        Returns:
            Molecules and None, shape ``(n,)``.

        Raises:
            MissingExtraError: RDKit is not installed.
            RuntimeError: RDKit cannot read a molecule.
        """
        molecules = object_array(map(_to_molecule, VLenBytes().decode(buf)))
        if out is None:
            return molecules
        out[...] = molecules.reshape(out.shape)
        return out


def _to_bytes(cell: Any) -> bytes:
    if is_vacant(cell):
        return b""
    rdkit = chem()
    if not isinstance(cell, rdkit.Mol):
        raise InvalidDatasetError(
            f"A cell holds a {type(cell).__name__}, not a molecule",
            hint="Give molecules of RDKit, or None where there is none.",
        )
    return bytes(cell.ToBinary(int(rdkit.PropertyPickleOptions.AllProps)))


def _to_molecule(cell: bytes) -> Any:
    return chem().Mol(cell) if cell else None
