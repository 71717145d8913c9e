"""Datasets: their class, their columns, and subsets of them."""

from __future__ import annotations

from polaris.domain.columns import ColumnAnnotation, KnownContentType, Modality
from polaris.domain.subset import Subset
from polaris.hub.artifacts.dataset import Dataset, DatasetV1
from polaris.hub.artifacts.dataset_v2 import DatasetV2
from polaris.hub.artifacts.factory import (
    DatasetFactory,
    create_dataset_from_file,
    create_dataset_from_files,
)

__all__ = [
    "ColumnAnnotation",
    "Dataset",
    "DatasetFactory",
    "DatasetV1",
    "DatasetV2",
    "KnownContentType",
    "Modality",
    "Subset",
    "create_dataset_from_file",
    "create_dataset_from_files",
]
