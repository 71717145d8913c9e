"""Arrays of objects in archives of format 2, as zarr 2 writes them."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import numcodecs  # type: ignore[import-untyped]  # It ships no annotations.
import numpy as np
import pytest

from polaris.errors import InvalidZarrCodec
from polaris.ports.storage import Write
from polaris.testing.fakes.in_memory_storage import InMemoryStorage
from polaris_adapters.zarr_arrays.source import ZarrSource


def objects(cells: list[Any]) -> np.ndarray[Any, Any]:
    found = np.empty(len(cells), dtype=object)
    for place, cell in enumerate(cells):
        found[place] = cell
    return found


async def archive_of(codecs: dict[str, Any], chunk: bytes = b"") -> ZarrSource:
    """Write an archive with an array of one chunk for each codec, and open it."""
    storage = InMemoryStorage()
    await storage.put([Write(".zgroup", b'{"zarr_format": 2}')])
    for name, config in codecs.items():
        metadata = {
            "zarr_format": 2,
            "shape": [3],
            "chunks": [3],
            "dtype": "|O",
            "compressor": None,
            "fill_value": 0,
            "order": "C",
            "filters": [config],
        }
        files = [Write(f"{name}/.zarray", json.dumps(metadata).encode())]
        await storage.put([*files, Write(f"{name}/0", chunk)])
    return ZarrSource(storage, "")


ROWS = np.array([2, 0, 1], dtype=np.int64)


async def test_ragged_arrays_are_read() -> None:
    codec = numcodecs.VLenArray("<f4")
    cells = objects([np.array([1.5, 2.5], "<f4"), np.array([], "<f4"), np.array([3.5], "<f4")])
    source = await archive_of({"ragged": codec.get_config()}, bytes(codec.encode(cells)))
    found = await asyncio.to_thread(source.take, "ragged", ROWS)
    assert [cell.tolist() for cell in found] == [[3.5], [1.5, 2.5], []]
    assert {cell.dtype for cell in found} == {np.dtype("float32")}


@pytest.mark.parametrize("codec", [numcodecs.JSON(), numcodecs.MsgPack()])
async def test_objects_as_json_or_message_pack_are_read(codec: Any) -> None:
    cells = objects([{"a": [1, None]}, "é", ["b", 2.5]])
    source = await archive_of({"x": codec.get_config()}, bytes(codec.encode(cells)))
    found = await asyncio.to_thread(source.take, "x", ROWS)
    assert found.tolist() == [["b", 2.5], {"a": [1, None]}, "é"]


@pytest.mark.parametrize("missing", ["pickle", "nobody_has_it"])
async def test_the_codec_that_cannot_be_used_is_named_among_others(missing: str) -> None:
    source = await archive_of(
        {"a": numcodecs.VLenArray("<f4").get_config(), "b": {"id": missing}, "c": {"id": "json2"}}
    )
    with pytest.raises(InvalidZarrCodec) as caught:
        await asyncio.to_thread(source.arrays)
    assert caught.value.codec_id == missing
