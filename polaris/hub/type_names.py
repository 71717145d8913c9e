"""Names for the types of what users give and get, for annotations in their own code."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "ColumnIndex",
    "ColumnName",
    "DatapointPartType",
    "DatapointType",
    "DatasetIndex",
    "DirectionType",
    "IncomingPredictionsType",
    "ListOrArrayType",
    "PredictionKwargs",
    "PredictionsType",
    "RowIndex",
    "SplitIndicesType",
    "SplitType",
    "SupportedLicenseType",
    "ZarrConflictResolution",
]

DirectionType = float | Literal["min", "max"]
SupportedLicenseType = Literal[
    "CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "CC-BY-NC-SA-4.0", "CC0-1.0", "MIT"
]
ZarrConflictResolution = Literal["raise", "replace", "skip"]

ColumnName = str
ColumnIndex = str
RowIndex = int | str
DatasetIndex = RowIndex | tuple[RowIndex, ColumnIndex]

SplitIndicesType = list[int]
SplitType = tuple[SplitIndicesType, SplitIndicesType | dict[str, SplitIndicesType]]

# One part of a row, by column where there are several; and its inputs with its targets.
DatapointPartType = Any | tuple[Any, ...] | dict[str, Any]
DatapointType = tuple[DatapointPartType, DatapointPartType]

ListOrArrayType = list[Any] | NDArray[np.generic]
IncomingPredictionsType = (
    ListOrArrayType | dict[str, ListOrArrayType] | dict[str, dict[str, ListOrArrayType]]
)
PredictionsType = dict[str, dict[str, NDArray[np.generic]]]
PredictionKwargs = Literal["y_pred", "y_prob"]
