"""Arrays of Python objects in archives of format 2, which zarr 3 has no data type for.

In format 2 the data type ``|O`` says nothing of what the objects are: a codec among the array's
filters turns them into bytes and back. zarr 3 knows a few of these codecs, one data type for each.
The type here stands for all others, such as those of molecules and structures. Only codecs that are
registered with numcodecs are ever used; and the one that can run any code, ``pickle``, is known to
zarr by its name and so never gets this type.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import zarr
from zarr.core.dtype import VariableLengthBytes, data_type_registry
from zarr.core.dtype.common import DataTypeValidationError
from zarr.core.dtype.wrapper import ZDType

__all__ = ["AnyBytes", "AnyObject", "is_any_object", "register_object_types"]

# Those that zarr knows by name, has no type for, and that only ever give data.
_SAFE_CODECS = frozenset({"vlen-array", "json2", "msgpack2"})


@dataclass(frozen=True, kw_only=True)
class AnyObject(ZDType[np.dtypes.ObjectDType, Any]):
    """Objects that a codec among the filters of an array makes into bytes; format 2 only.

    A cell that was never written is None, whatever fill value the metadata has.

    Attributes:
        object_codec_id: The codec of the objects, if it is one that zarr knows by its name.
    """

    object_codec_id: str | None = None

    dtype_cls = np.dtypes.ObjectDType
    _zarr_v3_name: ClassVar[str] = "polaris.any_object"

    @classmethod
    def from_native_dtype(cls, dtype: object) -> Self:
        """Refuse: a numpy dtype of objects does not say which codec they need."""
        raise DataTypeValidationError(f"{dtype} does not name the codec of its objects")

    def to_native_dtype(self) -> np.dtypes.ObjectDType:
        """Return the numpy dtype of objects."""
        return self.dtype_cls()

    @classmethod
    def _from_json_v2(cls, data: object) -> Self:
        # For codecs that zarr does not know by name, it gives None as that of the objects.
        if isinstance(data, Mapping) and data.get("name") == "|O":
            codec = data.get("object_codec_id")
            if codec is None or codec in _SAFE_CODECS:
                return cls(object_codec_id=codec)
        raise DataTypeValidationError(f"{data!r} is not a type of objects with a codec")

    @classmethod
    def _from_json_v3(cls, data: object) -> Self:
        raise DataTypeValidationError(f"{data!r} is not a type of format 3")

    def to_json(self, zarr_format: int) -> Any:
        """Return the type as metadata of format 2 has it."""
        if zarr_format != 2:
            raise ValueError("Objects with a codec can be stored in archives of format 2 only.")
        return {"name": "|O", "object_codec_id": self.object_codec_id}

    def _check_scalar(self, data: object) -> bool:
        return True

    def cast_scalar(self, data: object) -> Any:
        """Return the value as it is."""
        return data

    def default_scalar(self) -> Any:
        """Return None, the value of a cell that was never written."""
        return None

    def from_json_scalar(self, data: object, *, zarr_format: int) -> Any:
        """Return None: no fill value in metadata stands for an object."""
        return None

    def to_json_scalar(self, data: object, *, zarr_format: int) -> Any:
        """Return None, which is the fill value of every such array."""
        return None


@dataclass(frozen=True, kw_only=True)
class AnyBytes(VariableLengthBytes):
    """Texts of bytes, in arrays whose fill value is a number as well.

    zarr 2 fills arrays with 0 unless told otherwise, also those of bytes, and zarr 3 cannot read
    that. It means an empty text here, as an absent chunk does.
    """

    def from_json_scalar(self, data: Any, *, zarr_format: Any) -> bytes:
        """Return the fill value that metadata has."""
        return b"" if data == 0 else super().from_json_scalar(data, zarr_format=zarr_format)


def is_any_object(array: zarr.Array[Any]) -> bool:
    """Tell whether the cells of an array are objects that can be changed."""
    metadata = array.metadata
    return metadata.zarr_format == 2 and isinstance(metadata.dtype, AnyObject)


def register_object_types() -> None:
    """Let zarr read arrays of such types; doing it again changes nothing."""
    data_type_registry.register(AnyObject._zarr_v3_name, AnyObject)
    data_type_registry.register(AnyBytes._zarr_v3_name, AnyBytes)
