"""Archives of both formats, written by hand, for the suite of `polaris.ports.archives`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import zarr

from polaris.ports.storage import Read, StoragePort, Write

__all__ = [
    "FORMATS",
    "Files",
    "X",
    "Y",
    "all_files",
    "archive_v2",
    "archive_v3",
    "store_files",
    "values_of",
]

# Ten rows in chunks of four: two whole chunks and a part of one.
X = np.arange(30, dtype="<f4").reshape(10, 3)
Y = np.arange(10, dtype="<i8") * 11

Files = dict[str, bytes]


def _encoded(document: Any) -> bytes:
    return json.dumps(document).encode()


def _v2_array(values: np.ndarray[Any, Any], **changes: Any) -> dict[str, Any]:
    return {
        "zarr_format": 2,
        "shape": list(values.shape),
        "chunks": [4, *values.shape[1:]],
        "dtype": values.dtype.str,
        "compressor": None,
        "fill_value": 0,
        "order": "C",
        "filters": None,
        **changes,
    }


def _chunks(values: np.ndarray[Any, Any], name: str) -> Files:
    padded = np.zeros((12, *values.shape[1:]), values.dtype)
    padded[:10] = values
    return {name.format(i): padded[4 * i : 4 * i + 4].tobytes() for i in range(3)}


def archive_v2(*, consolidated: bool = True, **x: Any) -> Files:
    """Return an archive of format 2 without compression; ``x`` changes the metadata of an array."""
    documents = {
        ".zgroup": {"zarr_format": 2},
        "x/.zarray": _v2_array(X, **x),
        "nested/.zgroup": {"zarr_format": 2},
        "nested/y/.zarray": _v2_array(Y),
    }
    files = {key: _encoded(document) for key, document in documents.items()}
    files |= _chunks(X, "x/{}.0") | _chunks(Y, "nested/y/{}")
    if consolidated:
        files[".zmetadata"] = _encoded({"zarr_consolidated_format": 1, "metadata": documents})
    return files


def _v3_array(values: np.ndarray[Any, Any], data_type: str, codec: str) -> dict[str, Any]:
    chunks = [4, *values.shape[1:]]
    return {
        "zarr_format": 3,
        "node_type": "array",
        "shape": list(values.shape),
        "data_type": data_type,
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": chunks}},
        "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
        "fill_value": 0,
        "codecs": [{"name": codec, "configuration": {"endian": "little"}}],
        "attributes": {},
    }


def archive_v3(*, consolidated: bool = True, codec: str = "bytes") -> Files:
    """Return the same archive in format 3."""
    group: dict[str, Any] = {"zarr_format": 3, "node_type": "group", "attributes": {}}
    members = {
        "x": _v3_array(X, "float32", codec),
        "nested": group,
        "nested/y": _v3_array(Y, "int64", "bytes"),
    }
    inline = {"kind": "inline", "must_understand": False, "metadata": members}
    root = {**group, "consolidated_metadata": inline} if consolidated else group
    files = {f"{key}/zarr.json": _encoded(member) for key, member in members.items()}
    files |= _chunks(X, "x/c/{}/0") | _chunks(Y, "nested/y/c/{}")
    return {"zarr.json": _encoded(root), **files}


async def store_files(
    storage: StoragePort, files: Mapping[str, bytes], path: str = "a.zarr"
) -> None:
    """Write an archive's files below a folder, past the port under test."""
    folder = f"{path}/" if path else ""
    await storage.put([Write(f"{folder}{key}", data) for key, data in files.items()])


async def all_files(storage: StoragePort, prefix: str = "") -> Files:
    """Return all objects below a folder."""
    keys = [stat.key async for page in storage.list(prefix) for stat in page]
    found = await storage.get([Read(key) for key in keys])
    return {key: data for key, data in zip(keys, found, strict=True) if data is not None}


FORMATS = pytest.mark.parametrize("make", [archive_v2, archive_v3], ids=["v2", "v3"])


def values_of(root: zarr.Group, path: str) -> np.ndarray[Any, Any]:
    """Return what an array holds, read with zarr's blocking calls."""
    array = root[path]
    assert isinstance(array, zarr.Array)
    return np.asarray(array[:])
