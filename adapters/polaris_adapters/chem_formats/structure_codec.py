"""The codec of structures in arrays of objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numcodecs.abc import Codec  # type: ignore[import-untyped]  # It ships no annotations.
from numpy.typing import NDArray

from polaris.domain.atoms import ATOM_TYPES, OPTIONAL_ATOM_TYPES
from polaris.errors import InvalidDatasetError
from polaris_adapters.chem_formats.cells import cells_of, is_vacant, object_array
from polaris_adapters.chem_formats.imported import msgpack_codec, structure

__all__ = ["AtomArrayCodec"]


class AtomArrayCodec(Codec):  # type: ignore[misc]  # It ships no annotations.
    """Stores biotite's ``AtomArray``; the codec ``atom_array``.

    A chunk is MessagePack: a dictionary of lists for each structure, with its coordinates and what
    is known of its atoms. Where numbers of atoms, B-factors, occupancies or charges are unknown,
    those are stored that a PDB file would get. Bonds and other annotations are not stored.

    Args:
        raw: Decode texts as bytes, as msgpack does; structures cannot be decoded then.
        use_single_float: Store numbers with single precision.
        use_bin_type: Tell bytes from texts.
    """

    codec_id = "atom_array"

    def __init__(
        self, raw: bool = False, use_single_float: bool = False, use_bin_type: bool = True
    ) -> None:
        self.raw = raw
        self.use_single_float = use_single_float
        self.use_bin_type = use_bin_type

    def get_config(self) -> dict[str, Any]:
        """Return the codec as metadata names it."""
        return {"id": self.codec_id, **self._options()}

    def encode(self, buf: Any) -> bytes:
        """Encode a chunk of structures.

        Args:
            buf: Array or list of ``biotite.structure.AtomArray``; None where there is no structure.

        Raises:
            InvalidDatasetError: A cell is something else.
            MissingExtraError: biotite is not installed.
        """
        documents = object_array(map(_to_document, cells_of(buf)))
        return bytes(msgpack_codec(**self._options()).encode(documents))

    def decode(self, buf: Any, out: NDArray[Any] | None = None) -> NDArray[Any]:
        """Decode a chunk; see `encode`.

        Returns:
            Structures and None, shape ``(n,)``.

        Raises:
            MissingExtraError: biotite is not installed.
            KeyError: A structure lacks what every structure has.
        """
        documents = msgpack_codec(**self._options()).decode(buf)
        structures = object_array(map(_to_structure, cells_of(documents)))
        if out is None:
            return structures
        flat = structures.reshape(out.shape)
        for position in np.ndindex(*out.shape):
            out[position] = flat[position]
        return out

    def _options(self) -> dict[str, bool]:
        return {
            "raw": self.raw,
            "use_single_float": self.use_single_float,
            "use_bin_type": self.use_bin_type,
        }


def _to_document(cell: Any) -> dict[str, Any] | None:
    if is_vacant(cell):
        return None
    if not isinstance(cell, structure().AtomArray):
        raise InvalidDatasetError(
            f"A cell holds a {type(cell).__name__}, not a structure",
            hint="Give AtomArrays of biotite (one model of a stack), or None where there is none.",
        )
    count = cell.array_length()
    known = cell.get_annotation_categories()
    # What biotite writes into a PDB file where it is not known.
    unknown = {
        "atom_id": np.arange(1, count + 1),
        "b_factor": np.zeros(count),
        "occupancy": np.ones(count),
        "charge": np.zeros(count, dtype=np.int64),
    }
    document = {"coord": cell.coord.tolist()}
    for name in (*ATOM_TYPES, *OPTIONAL_ATOM_TYPES):
        values = cell.get_annotation(name) if name in known else unknown[name]
        document[name] = values.tolist()
    return document


def _to_structure(document: Mapping[str, Any] | None) -> Any:
    if document is None:
        return None
    coordinates = np.asarray(document["coord"], dtype=np.float32).reshape(-1, 3)
    atoms = structure().AtomArray(len(coordinates))
    atoms.coord = coordinates
    for name, dtype in {**ATOM_TYPES, **OPTIONAL_ATOM_TYPES}.items():
        if name in ATOM_TYPES or name in document:
            atoms.set_annotation(name, _values(document[name], np.dtype(dtype)))
    return atoms


def _values(listed: list[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return a list as an array; texts that are longer than usual are kept whole."""
    values = np.asarray(listed) if dtype.kind == "U" and listed else np.asarray(listed, dtype)
    return values if values.dtype.itemsize >= dtype.itemsize else values.astype(dtype)
