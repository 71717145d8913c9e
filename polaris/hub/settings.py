"""The settings of a client of a hub."""

from __future__ import annotations

from polaris.bootstrap.settings import PolarisHubSettings

__all__ = ["PolarisHubSettings"]
