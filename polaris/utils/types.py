"""The old address of the public types."""

from __future__ import annotations

from polaris.application.verification import ChecksumStrategy
from polaris.domain.identity import HubOwner
from polaris.domain.task_types import TargetType, TaskType
from polaris.hub.timeouts import TimeoutTypes
from polaris.hub.type_names import (
    ColumnIndex,
    ColumnName,
    DatapointPartType,
    DatapointType,
    DatasetIndex,
    DirectionType,
    IncomingPredictionsType,
    ListOrArrayType,
    PredictionKwargs,
    PredictionsType,
    RowIndex,
    SplitIndicesType,
    SplitType,
    SupportedLicenseType,
    ZarrConflictResolution,
)
from polaris.ports.archives import IOMode
from polaris.ports.artifacts import Access as AccessType

__all__ = [
    "AccessType",
    "ChecksumStrategy",
    "ColumnIndex",
    "ColumnName",
    "DatapointPartType",
    "DatapointType",
    "DatasetIndex",
    "DirectionType",
    "HubOwner",
    "IOMode",
    "IncomingPredictionsType",
    "ListOrArrayType",
    "PredictionKwargs",
    "PredictionsType",
    "RowIndex",
    "SplitIndicesType",
    "SplitType",
    "SupportedLicenseType",
    "TargetType",
    "TaskType",
    "TimeoutTypes",
    "ZarrConflictResolution",
]
