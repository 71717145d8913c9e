"""How the values of a column are stored: their data type, and the codec of objects."""

from __future__ import annotations

from typing import Any

import attrs
import numcodecs  # type: ignore[import-untyped]  # It ships no annotations.
import numpy as np
from numpy.typing import NDArray
from zarr.core.dtype import VariableLengthBytes, VariableLengthUTF8

from polaris.domain.memory_sizes import memory_bytes
from polaris.errors import InvalidDatasetError
from polaris_adapters.zarr_arrays.object_types import AnyObject

__all__ = ["StoredType", "stored_type"]

# Classes by name, so that no chemistry is imported to store numbers; and the codecs that clients in
# use have for them.
_CODECS = {"rdkit.Chem.rdchem.Mol": "rdkit_mol", "biotite.structure.AtomArray": "atom_array"}

# Bytes that a text is taken for where chunks are measured, and of how many other objects the size
# is looked at: one structure may be as large as a thousand molecules.
_TEXT_BYTES = 128
_MEASURED = 16

# How much more memory objects take than their part of a chunk. A chunk of them is decoded as a
# whole, and not kept, since they can be changed.
_CODED = 4


@attrs.frozen
class StoredType:
    """What an array of a column is made with.

    Attributes:
        dtype: A numpy dtype, or a data type of zarr.
        value_bytes: Bytes of a value, before it is compressed; of objects about, and rather more.
        contents: What the values are: a numpy dtype, or the name of a kind of objects.
        filters: The codec that makes objects into bytes, if they need one.
    """

    dtype: Any
    value_bytes: int
    contents: str | np.dtype[Any]
    filters: tuple[Any, ...] = ()

    def check(self, name: str, values: NDArray[Any]) -> None:
        """Refuse a later block of a column that could not be stored as it is.

        Raises:
            InvalidDatasetError: Its values are of another type, which would change them.
        """
        found = _contents(values)
        if isinstance(self.contents, np.dtype):
            fits = isinstance(found, np.dtype) and np.can_cast(found, self.contents, "safe")
        else:
            vacant = found == "nothing" and self.contents in _CODECS.values()
            fits = found == self.contents or not values.size or vacant
        if not fits:
            raise InvalidDatasetError(
                f"The blocks of {name!r} hold {self.contents} and {found or _types(values)}",
                hint="Convert all blocks of a column to one type.",
            )


def stored_type(name: str, values: NDArray[Any], zarr_format: int) -> StoredType:
    """Return how values like these are stored.

    Args:
        name: The column, for errors.
        values: Its first block, shape ``(n, *element)``. Objects are texts or bytes; or molecules
            or structures, or None in their place; or arrays of numbers of one axis.
        zarr_format: 2 or 3.

    Raises:
        InvalidDatasetError: They cannot be stored, or not in this format.
    """
    contents = _contents(values)
    if isinstance(contents, np.dtype):
        return StoredType(contents, contents.itemsize, contents)
    if contents == "texts" or not values.size:
        return StoredType(VariableLengthUTF8(), _TEXT_BYTES, "texts")
    if contents in (None, "nothing"):
        raise InvalidDatasetError(
            f"The column {name!r} holds objects of the types {_types(values)}",
            hint="Store numbers, texts, bytes, molecules, structures or arrays of numbers with one "
            "axis; give missing values a value of that type.",
        )
    if zarr_format == 3:
        raise InvalidDatasetError(
            f"The column {name!r} holds objects of the type {_types(values)}, which Zarr format 3 "
            "has no settled type for",
            hint="Give zarr_format=2.",
        )
    if contents == "bytes":
        return StoredType(VariableLengthBytes(), _TEXT_BYTES, contents)
    if contents in _CODECS.values():
        dtype, codec = AnyObject(), numcodecs.get_codec({"id": contents})
    else:
        dtype = AnyObject(object_codec_id="vlen-array")
        codec = numcodecs.VLenArray(values.reshape(-1)[0].dtype)
    some = values.reshape(-1)[:_MEASURED]
    value_bytes = max(1, sum(map(memory_bytes, some)) // len(some) // _CODED)
    return StoredType(dtype, value_bytes, contents, (codec,))


def _contents(values: NDArray[Any]) -> str | np.dtype[Any] | None:
    """Return what values are, by name if they are objects; None for what cannot be stored."""
    if values.dtype != object:
        return values.dtype
    kinds = {type(value) for value in values.flat}
    if kinds <= {type(None)}:
        return "nothing"
    if kinds in ({str}, {bytes}):
        return "texts" if str in kinds else "bytes"
    if kinds == {np.ndarray}:
        dtypes = {value.dtype if value.ndim == 1 else None for value in values.flat}
        dtype = dtypes.pop()
        return None if dtypes or dtype is None or dtype.kind not in "biuf" else f"{dtype} arrays"
    codecs = {_codec_id(kind) for kind in kinds - {type(None)}}
    return codecs.pop() if len(codecs) == 1 else None


def _codec_id(kind: type) -> str | None:
    names = (f"{base.__module__}.{base.__qualname__}" for base in kind.__mro__)
    return next((_CODECS[name] for name in names if name in _CODECS), None)


def _types(values: NDArray[Any]) -> str:
    return ", ".join(sorted({type(value).__name__ for value in values.flat}))
