"""What a dataset's columns mean."""

from __future__ import annotations

from enum import Enum
from typing import Any, ClassVar, Literal

import attrs
import numpy as np

from polaris.domain.artifact import text_map
from polaris.domain.fields import Validated, check_assignment
from polaris.errors import InvalidDatasetError, InvalidInputError

__all__ = ["ColumnAnnotation", "KnownContentType", "Modality"]

# Content types that other software is known to understand; any other text is allowed as well.
KnownContentType = Literal["chemical/x-smiles", "chemical/x-pdb"]


class Modality(Enum):
    """What kind of thing the cells of a column describe."""

    UNKNOWN = "unknown"
    MOLECULE = "molecule"
    MOLECULE_3D = "molecule_3D"
    PROTEIN = "protein"
    PROTEIN_3D = "protein_3D"
    IMAGE = "image"


def _modality(value: Modality | str) -> Modality:
    if isinstance(value, Modality):
        return value
    if isinstance(value, str) and value.upper() in Modality.__members__:
        return Modality[value.upper()]
    raise InvalidInputError(
        f"{value!r} is not a modality", hint=f"Give one of {', '.join(Modality.__members__)}."
    )


def _dtype(value: Any) -> Any:
    """Return a dtype; a name that numpy does not know, such as pandas' ``str``, stays a text."""
    if value is None or isinstance(value, np.dtype) or not isinstance(value, str):
        return value
    if value == "str":
        # To numpy that is a text of fixed width zero; to pandas a column of texts.
        return value
    try:
        return np.dtype(value)
    except TypeError:
        return value


def _is_pointer(value: Any) -> bool:
    if not isinstance(value, (bool, np.bool_)):
        raise InvalidInputError(f"must be true or false, not {value!r}")
    return bool(value)


@attrs.define(kw_only=True, on_setattr=check_assignment)
class ColumnAnnotation(Validated):
    """What a column means.

    Attributes:
        is_pointer: Whether its cells point into the dataset's Zarr archive.
        modality: What its cells describe; the name of one is accepted.
        description: One or a few sentences.
        user_attributes: Free pairs of texts.
        dtype: Type of its cells; set by the dataset to that of the column.
        content_type: Media type of its cells, such as ``chemical/x-smiles``.
    """

    error_type: ClassVar[type[InvalidDatasetError]] = InvalidDatasetError

    is_pointer: bool = attrs.field(default=False, converter=_is_pointer)
    modality: Modality = attrs.field(default=Modality.UNKNOWN, converter=_modality)
    description: str | None = attrs.field(default=None)
    user_attributes: dict[str, str] = attrs.field(factory=dict, converter=text_map)
    dtype: Any = attrs.field(default=None, converter=_dtype)
    content_type: KnownContentType | str | None = attrs.field(default=None)
