"""Splits with index sets under a path that existing code imports."""

from __future__ import annotations

from polaris.domain.index_set import IndexSet
from polaris.domain.split_v2 import SplitV2

__all__ = ["IndexSet", "SplitV2"]
