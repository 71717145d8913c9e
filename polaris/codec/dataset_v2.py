"""The JSON documents of datasets that are archives: canonical, and as files on disk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from polaris.codec.unstructuring import (
    camel,
    fields_of,
    known_annotations,
    known_only,
    snake,
    without_nulls,
)
from polaris.domain.arrays import ArraySource
from polaris.domain.dataset_v2 import DatasetV2

__all__ = [
    "dataset_v2_from_document",
    "dataset_v2_to_document",
    "dataset_v2_to_file",
    "is_dataset_v2",
]

DatasetV2T = TypeVar("DatasetV2T", bound=DatasetV2)

# Where a published dataset keeps its archive, relative to its other objects.
_ARCHIVE = "data.zarr"


def is_dataset_v2(document: Mapping[str, Any]) -> bool:
    """Tell a document of a dataset that is an archive from one that is a table."""
    return document.get("version") == DatasetV2.version


def dataset_v2_to_document(dataset: DatasetV2) -> dict[str, Any]:
    """Return the canonical document without what all artifacts derive."""
    return fields_of(dataset, camel, without=("zarr_root_path",)) | {
        "zarrRootPath": _ARCHIVE,
        "zarrManifestMd5Sum": dataset.zarr_manifest_md5sum,
        "nRows": dataset.n_rows,
        "nColumns": dataset.n_columns,
    }


def dataset_v2_to_file(dataset: DatasetV2, *, zarr_root_path: str) -> dict[str, Any]:
    """Return the JSON document of a dataset on disk.

    Args:
        dataset: The dataset.
        zarr_root_path: Path of its archive, relative to the document.
    """
    derived = {
        "zarr_root_path": zarr_root_path,
        "zarr_manifest_md5sum": dataset.zarr_manifest_md5sum,
        "artifact_id": dataset.artifact_id,
        "urn": dataset.urn,
        "version": dataset.version,
        "n_rows": dataset.n_rows,
        "n_columns": dataset.n_columns,
    }
    return without_nulls(fields_of(dataset, snake, without=("zarr_root_path",)) | derived)


def dataset_v2_from_document(
    document: Mapping[str, Any],
    *,
    archive: ArraySource,
    zarr_root_path: str,
    cls: type[DatasetV2T],
) -> DatasetV2T:
    """Return the dataset that a document describes.

    Args:
        document: In camelCase or snake_case; unknown keys are ignored.
        archive: Its archive.
        zarr_root_path: Where that lies, whatever the document says.
        cls: The class to construct.

    Raises:
        InvalidDatasetError: Document or archive break a rule; all problems are reported.
    """
    known = known_only(document, cls) | known_annotations(document)
    for name in ("archive", "zarrRootPath", "zarr_root_path"):
        known.pop(name, None)
    return cls(**known, archive=archive, zarr_root_path=zarr_root_path)
