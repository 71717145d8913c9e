"""Datasets: their class, their columns, and subsets of them."""

from __future__ import annotations

from polaris.domain.columns import ColumnAnnotation, KnownContentType, Modality
from polaris.domain.subset import Subset
from polaris.hub.artifacts.dataset import Dataset, DatasetV1

__all__ = ["ColumnAnnotation", "Dataset", "DatasetV1", "KnownContentType", "Modality", "Subset"]
