"""Predictions as a Zarr archive: a group for each test set, an array for each target."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
from numpy.typing import NDArray

from polaris.application.dataset_parts import file_checksums
from polaris.application.layout import PREDICTIONS, ZARR_MANIFEST
from polaris.application.object_tree import joined
from polaris.application.overlay_storage import OverlayStorage
from polaris.application.publish import parcel_of_bytes
from polaris.application.transfer import Parcel
from polaris.codec.zarr_manifest import encode_zarr_manifest
from polaris.domain.submissions import BenchmarkPredictionsV2
from polaris.errors import InvalidPredictionsError
from polaris.ports.archives import ArchivePort
from polaris.ports.storage import StoragePort, Write

if TYPE_CHECKING:
    import zarr

__all__ = ["predictions_parcels", "read_predictions", "write_predictions"]

_GROUPS = {
    2: (".zgroup", {"zarr_format": 2}),
    3: ("zarr.json", {"zarr_format": 3, "node_type": "group", "attributes": {}}),
}


async def predictions_parcels(
    submission: BenchmarkPredictionsV2, archives: ArchivePort
) -> tuple[str, tuple[Parcel, ...]]:
    """Return the MD5 of the manifest of an archive of predictions, and the objects of both.

    Raises:
        InvalidPredictionsError: The predictions are of a kind that cannot be stored.
    """
    scratch = OverlayStorage()
    await write_predictions(submission, archives, scratch, PREDICTIONS)
    files = [
        parcel_of_bytes(key, data)
        for key, data in sorted(scratch.changes.items())
        if data is not None
    ]
    cut = len(PREDICTIONS) + 1
    relative = [attrs.evolve(f.digest, key=f.digest.key[cut:]) for f in files]
    rows = await asyncio.to_thread(encode_zarr_manifest, file_checksums(relative))
    manifest = parcel_of_bytes(ZARR_MANIFEST, rows)
    return manifest.digest.md5, (manifest, *files)


async def write_predictions(
    submission: BenchmarkPredictionsV2, archives: ArchivePort, storage: StoragePort, path: str
) -> None:
    """Write predictions as an archive.

    An array has the type, the chunks, the compressor and the filters of the dataset's column, so
    that molecules and structures are stored as they are there.

    Args:
        submission: The predictions.
        archives: Opens Zarr archives.
        storage: Where the archive goes; nothing may be at the path.
        path: Folder of its root.

    Raises:
        InvalidPredictionsError: The predictions are of a kind that cannot be stored.
    """
    columns = submission.dataset_zarr_root
    zarr_format = 2 if columns is None else columns.metadata.zarr_format
    name, group = _GROUPS[zarr_format]
    folders = [path, *(joined(path, test) for test in submission.test_set_labels)]
    text = json.dumps(group).encode()
    await storage.put([Write(joined(folder, name), text) for folder in folders])
    likes = [
        Write(joined(path, f"{test}/{target}/{key}"), document)
        for test, by_target in submission.predictions.items()
        for target, values in by_target.items()
        if columns is not None and len(columns[target].shape) == values.ndim
        for key, document in _metadata_like(columns[target], values).items()
    ]
    if likes:
        await storage.put(likes)
    root = await archives.open_group(storage, path, mode="r+", consolidated=False)
    await asyncio.to_thread(_fill, root, submission)


def _metadata_like(column: Any, values: NDArray[Any]) -> dict[str, bytes]:
    """Return the metadata documents of a column, for as many rows as there are predictions."""
    from zarr.core.buffer import default_buffer_prototype

    found: dict[str, bytes] = {}
    for name, buffer in column.metadata.to_buffer_dict(default_buffer_prototype()).items():
        document = json.loads(buffer.to_bytes())
        if name != ".zattrs":
            document["shape"] = list(values.shape)
            found[name] = json.dumps(document).encode()
    return found


def _fill(root: zarr.Group, submission: BenchmarkPredictionsV2) -> None:
    for test, by_target in submission.predictions.items():
        group: Any = root[test]
        for target, values in by_target.items():
            try:
                if target not in group:
                    _create(group, target, values)
                group[target][...] = _storable(values, group[target])
            except (TypeError, ValueError) as cause:
                raise InvalidPredictionsError(
                    f"The predictions of {target!r} for {test!r} cannot be stored: {cause}",
                    hint="Give what the dataset's column holds, and its dataset_zarr_root.",
                ) from cause


def _create(group: Any, target: str, values: NDArray[Any]) -> None:
    is_text = values.dtype.kind == "O"
    if is_text and not all(isinstance(cell, str) for cell in values.flat):
        raise TypeError("without the dataset's archive only numbers and texts can be")
    group.create_array(
        target, shape=values.shape, chunks=values.shape, dtype=str if is_text else values.dtype
    )


def _storable(values: NDArray[Any], array: Any) -> NDArray[Any]:
    return values.astype(array.dtype) if array.dtype.kind == "T" else values


async def read_predictions(
    archives: ArchivePort,
    storage: StoragePort,
    path: str,
    *,
    test_set_labels: list[str],
    target_labels: list[str],
) -> dict[str, dict[str, NDArray[Any]]]:
    """Return the predictions of an archive, ``{test set: {target: array}}``.

    Raises:
        ObjectNotFoundError: There is no archive.
        InvalidDatasetError: It lacks an array.
        PolarisChecksumError: The storage checks what is read, and it differs.
    """
    source = archives.source(storage, path)

    def read(test: str, target: str) -> NDArray[Any]:
        key = f"{test}/{target}"
        values = source.take(key, np.arange(source.info(key).shape[0], dtype=np.int64))
        return values.astype(object) if values.dtype.kind == "T" else values

    def read_all() -> dict[str, dict[str, NDArray[Any]]]:
        return {
            test: {target: read(test, target) for target in target_labels}
            for test in test_set_labels
        }

    return await asyncio.to_thread(read_all)
