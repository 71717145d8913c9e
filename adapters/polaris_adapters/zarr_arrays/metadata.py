"""Opening the root of an archive, and telling in our words why its metadata cannot be read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import zarr
from numcodecs import registry  # type: ignore[import-untyped]  # It ships no annotations.
from numcodecs.errors import (  # type: ignore[import-untyped]  # It ships no annotations.
    UnknownCodecError as UnknownNumcodecError,
)
from zarr.errors import ContainsArrayError
from zarr.errors import UnknownCodecError as UnknownZarrCodecError
from zarr.storage import StorePath

from polaris.application.object_tree import batches, joined
from polaris.errors import (
    DamagedFileError,
    InvalidDatasetError,
    InvalidZarrCodec,
    ObjectNotFoundError,
    PolarisError,
)
from polaris.ports.storage import Read, StoragePort
from polaris_adapters.zarr_arrays.object_types import register_object_types
from polaris_adapters.zarr_arrays.store import StoragePortStore

__all__ = ["metadata_error", "open_root", "own_error", "place"]

# Whatever opens an archive imports this module.
register_object_types()

# The codec that runs whatever code an archive holds; it is never used.
_PICKLE = "pickle"


def place(storage: StoragePort, path: str) -> str:
    """Return words for where an archive lies."""
    return repr(path) if path else str(storage)


async def open_root(
    storage: StoragePort, path: str, *, read_only: bool, consolidated: bool | None
) -> zarr.AsyncGroup:
    """Open the group at the root of an archive, of format 2 or 3.

    Args:
        storage: Where it lies.
        path: Folder of the root.
        read_only: Refuse every change.
        consolidated: Whether to use consolidated metadata; None for where there is some.

    Raises:
        ObjectNotFoundError: There is no archive.
        InvalidDatasetError: Its root is an array, or its metadata is not consolidated.
        InvalidZarrCodec: The metadata names a codec that is not installed.
        DamagedFileError: The metadata cannot be decoded.
    """
    store = StoragePortStore(storage, path, read_only=read_only)
    where = place(storage, path)
    try:
        return await zarr.AsyncGroup.open(
            StorePath(store), zarr_format=None, use_consolidated=consolidated
        )
    except PolarisError:
        raise
    except ContainsArrayError as cause:
        raise _root_is_array(where) from cause
    except FileNotFoundError as cause:
        if await store.exists(".zarray"):
            raise _root_is_array(where) from cause
        raise ObjectNotFoundError(
            f"There is no Zarr archive at {where}",
            hint="Check the path, or create the archive with mode='a'.",
        ) from cause
    except Exception as cause:  # zarr parses what it finds without checking it first.
        if consolidated and await _lacks_consolidated(storage, path):
            raise InvalidDatasetError(
                f"The metadata of the archive at {where} is not consolidated",
                hint="Open it with as_consolidated=False, or run zarr.consolidate_metadata on it.",
            ) from cause
        raise await metadata_error(cause, storage, path, f"the archive at {where}") from cause


def _root_is_array(where: str) -> InvalidDatasetError:
    return InvalidDatasetError(
        f"The root of the archive at {where} is an array, not a group",
        hint="Put the array into a group.",
    )


def own_error(cause: BaseException | None) -> PolarisError | None:
    """Return the error of ours that zarr wrapped into one of its own, if there is one."""
    while cause is not None:
        if isinstance(cause, PolarisError):
            return cause
        cause = cause.__cause__
    return None


async def metadata_error(
    cause: Exception, storage: StoragePort, path: str, what: str
) -> PolarisError:
    """Return the error that tells why metadata could not be used.

    Args:
        cause: What zarr raised.
        storage: Where the archive lies.
        path: Folder of its root.
        what: Names the archive or array.
    """
    codec = _codec_id(cause)
    if codec is None and "No Zarr data type" in str(cause):
        codec = await _object_codec(storage, path)
    if codec is not None:
        return InvalidZarrCodec(codec)
    return DamagedFileError(
        f"The metadata of {what} cannot be decoded: {type(cause).__name__}: {cause}",
        hint="Restore the archive from where it came from.",
    )


def _codec_id(cause: BaseException) -> str | None:
    """Return the codec that is missing, if that is what went wrong."""
    if isinstance(cause, UnknownNumcodecError):
        # numcodecs gives the repr of the identifier; that of a missing one is not quoted.
        name = str(cause.codec_id)
        return name.strip("'\"") if name != "None" else None
    if isinstance(cause, UnknownZarrCodecError) and cause.__cause__ is not None:
        return str(cause.__cause__.args[0])
    return None


async def _lacks_consolidated(storage: StoragePort, path: str) -> bool:
    names = ("zarr.json", ".zmetadata")
    v3, v2 = await storage.get([Read(joined(path, name)) for name in names])
    if v3 is None:
        return v2 is None
    root = _parsed(v3)
    is_group = root.get("node_type") == "group" and root.get("zarr_format") == 3
    return is_group and root.get("consolidated_metadata") is None


async def _object_codec(storage: StoragePort, path: str) -> str | None:
    """Return the first codec of objects that zarr cannot use, of the arrays of a v2 archive."""
    keys = [joined(path, ".zmetadata")]
    keys += [
        stat.key
        async for page in storage.list(path)
        for stat in page
        if stat.key.rpartition("/")[2] == ".zarray"
    ]
    for batch in batches(keys):
        for data in await storage.get([Read(key) for key in batch]):
            document = _parsed(data or b"")
            members = document.get("metadata", {".zarray": document})
            for member in members.values() if isinstance(members, Mapping) else ():
                if (codec := _unusable_filter(member)) is not None:
                    return codec
    return None


def _unusable_filter(array: Any) -> str | None:
    if not isinstance(array, Mapping) or array.get("dtype") != "|O":
        return None
    filters = array.get("filters")
    ids = [f.get("id") for f in filters or () if isinstance(f, Mapping)]
    return next((str(i) for i in ids if i is not None and not _is_usable(str(i))), None)


def _is_usable(codec_id: str) -> bool:
    known = codec_id in registry.codec_registry or codec_id in registry.entries
    return known and codec_id != _PICKLE


def _parsed(data: bytes) -> dict[str, Any]:
    """Return a JSON object; an empty one where it is damaged."""
    try:
        document = json.loads(data)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
