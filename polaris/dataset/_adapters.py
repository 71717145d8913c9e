"""The old address of `Adapter`."""

from __future__ import annotations

from polaris.domain.column_adapters import Adapter

__all__ = ["Adapter"]
