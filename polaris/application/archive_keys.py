"""Which files of an archive's folder belong to the archive."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from polaris.application.object_tree import below
from polaris.domain.short_text import few
from polaris.errors import InvalidCompetitionError
from polaris.ports.storage import StoragePort

if TYPE_CHECKING:
    import zarr

__all__ = ["refuse_strangers"]

# What describes a group, and an array, in each format.
_OF_GROUPS = {2: {".zgroup", ".zattrs", ".zmetadata"}, 3: {"zarr.json"}}
_OF_ARRAYS = {2: {".zarray", ".zattrs"}, 3: {"zarr.json"}}


async def refuse_strangers(
    storage: StoragePort, path: str, root: zarr.Group, columns: Sequence[str]
) -> None:
    """Refuse an archive whose folder holds files that are no part of it.

    Nobody would mask them, and they may well hold what has to be: chunks of a column as it was
    before it was written anew in another layout or format, a copy that an editor left, a table.

    Args:
        storage: Where the archive lies.
        path: The folder of its root.
        root: The same, opened.
        columns: Its columns, which are arrays.

    Raises:
        InvalidCompetitionError: There are such files.
    """
    zarr_format = root.metadata.zarr_format
    # One by one: a listing by zarr would stumble over what is to be found here.
    chunks = await asyncio.to_thread(lambda: {name: _chunk_keys(root[name]) for name in columns})
    strangers: list[str] = []
    for stat in await below(storage, path):
        column, _, key = stat.key.partition("/")
        if not key:
            is_known = column in _OF_GROUPS[zarr_format]
        else:
            known = _OF_ARRAYS[zarr_format] | chunks.get(column, set())
            is_known = column in chunks and key in known
        if not is_known:
            strangers.append(stat.key)
    if strangers:
        raise InvalidCompetitionError(
            f"The archive's folder holds {len(strangers)} files that are no part of the archive: "
            f"{few(strangers)}",
            hint="They would be published unmasked. Write the columns to a new, empty folder.",
        )


def _chunk_keys(array: Any) -> set[str]:
    """Return the keys that the chunks of an array, or its shards, can have."""
    block = array.shards or array.chunks
    counts = [-(-length // edge) for length, edge in zip(array.shape, block, strict=True)]
    encode = array.metadata.encode_chunk_key
    return {encode(place) for place in itertools.product(*map(range, counts))}
