"""The old address of the public types."""

from __future__ import annotations

from typing import Literal

from polaris.application.verification import ChecksumStrategy
from polaris.domain.identity import HubOwner
from polaris.domain.task_types import TargetType, TaskType
from polaris.hub.timeouts import TimeoutTypes
from polaris.ports.archives import IOMode
from polaris.ports.artifacts import Access as AccessType

__all__ = [
    "AccessType",
    "ChecksumStrategy",
    "DirectionType",
    "HubOwner",
    "IOMode",
    "SupportedLicenseType",
    "TargetType",
    "TaskType",
    "TimeoutTypes",
    "ZarrConflictResolution",
]

DirectionType = float | Literal["min", "max"]
SupportedLicenseType = Literal[
    "CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "CC-BY-NC-SA-4.0", "CC0-1.0", "MIT"
]
ZarrConflictResolution = Literal["raise", "replace", "skip"]
