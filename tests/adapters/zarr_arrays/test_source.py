"""Reading archives in bulk with zarr: formats, codecs, limits, pickling."""

from __future__ import annotations

import asyncio
import json
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr

from polaris.application.verification import VerifyingStorage
from polaris.domain.checksums.sha256sums import Sha256Manifest
from polaris.errors import (
    DamagedFileError,
    InvalidDatasetError,
    InvalidZarrCodec,
    PolarisChecksumError,
    PolarisError,
)
from polaris.ports.archives import StoredArchive
from polaris.ports.storage import StoragePort, Write
from polaris.testing.fakes.faulty_storage import FaultyStorage
from polaris.testing.fakes.in_memory_storage import InMemoryStorage
from polaris_adapters.object_store import FolderStorage
from polaris_adapters.zarr_arrays import ZarrSource, chunk_reading

ROWS = np.array([19, 3, 3, 0, 7, 11, 19], dtype=np.int64)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def new_group(folder: Path, zarr_format: Any = 2) -> zarr.Group:
    return zarr.open_group(str(folder / "a.zarr"), mode="w", zarr_format=zarr_format)


def source_of(folder: Path) -> StoredArchive:
    return ZarrSource(FolderStorage(folder), "a.zarr")


@pytest.mark.parametrize("zarr_format", [2, 3])
@pytest.mark.parametrize("chunks", [(1, 1, 1), (3, 2, 5), (20, 4, 5), (6, 4, 2)])
def test_chunks_along_all_axes_are_joined(
    folder: Path, zarr_format: int, chunks: tuple[int, ...]
) -> None:
    values = np.random.default_rng(0).normal(size=(20, 4, 5))
    array = new_group(folder, zarr_format).create_array(
        "x", shape=values.shape, chunks=chunks, dtype="float64"
    )
    array[:] = values
    np.testing.assert_array_equal(source_of(folder).take("x", ROWS), values[ROWS])


def test_shards_are_read(folder: Path) -> None:
    values = np.arange(40, dtype="int32").reshape(20, 2)
    array = new_group(folder, 3).create_array(
        "x", shape=values.shape, chunks=(2, 2), shards=(10, 2), dtype="int32"
    )
    array[:] = values
    source = source_of(folder)
    assert source.info("x").chunks == (2, 2)
    np.testing.assert_array_equal(source.take("x", ROWS), values[ROWS])


def test_a_damaged_shard_is_told(folder: Path) -> None:
    array = new_group(folder, 3).create_array(
        "x", shape=(20,), chunks=(2,), shards=(10,), dtype="int32"
    )
    array[:] = 1
    shard = folder / "a.zarr" / "x" / "c" / "1"
    shard.write_bytes(shard.read_bytes()[:-1])
    with pytest.raises(DamagedFileError, match="10 to 11 of 'x'"):
        source_of(folder).take("x", np.arange(20))


@pytest.mark.parametrize("dtype", ["?", "u1", ">i4", "<f2", "<c8", "<U3", "S4", "<M8[ns]"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_types_and_orders_of_elements(folder: Path, dtype: str, order: Any) -> None:
    values = np.arange(40).reshape(20, 2).astype(dtype)
    array = new_group(folder).create_array(
        "x", shape=values.shape, chunks=(3, 2), dtype=values.dtype, order=order
    )
    array[:] = values
    found = source_of(folder).take("x", ROWS)
    assert found.dtype == values.dtype
    np.testing.assert_array_equal(found, values[ROWS])


def test_texts_of_any_length(folder: Path) -> None:
    texts = ["C" * i + "é" for i in range(20)]
    array = new_group(folder).create_array("x", shape=(20,), chunks=(3,), dtype=str)
    array[:] = np.array(texts, dtype=object)
    source = source_of(folder)
    assert source.take("x", ROWS).tolist() == [texts[row] for row in ROWS]
    assert source.load().take("x", ROWS).tolist() == [texts[row] for row in ROWS]


def test_chunks_that_were_never_written_are_filled(folder: Path) -> None:
    array = new_group(folder).create_array(
        "x", shape=(20,), chunks=(3,), dtype="float32", fill_value=np.nan
    )
    array[3] = 1
    found = source_of(folder).take("x", ROWS)
    np.testing.assert_array_equal(found, [np.nan, 1, 1, *[np.nan] * 4])


def test_a_single_value_has_no_rows(folder: Path) -> None:
    root = new_group(folder)
    array = root.create_array("one", shape=(), dtype="int64")
    array[...] = 42
    source = source_of(folder)
    assert source.info("one").shape == ()
    with pytest.raises(InvalidDatasetError, match="single value"):
        source.take("one", np.array([0]))
    assert [info.path for info in source.load().arrays()] == ["one"]


def test_a_damaged_single_value_is_told(folder: Path) -> None:
    array = new_group(folder).create_array("one", shape=(), dtype="int64")
    array[...] = 42
    (folder / "a.zarr" / "one" / "0").write_bytes(b"?")
    with pytest.raises(DamagedFileError, match="'one'"):
        source_of(folder).load()


@pytest.mark.parametrize("shape", [(0,), (0, 3), (20, 0)])
def test_empty_arrays(folder: Path, shape: tuple[int, ...]) -> None:
    new_group(folder).create_array("x", shape=shape, chunks=(3,) * len(shape), dtype="int8")
    source = source_of(folder)
    rows = np.arange(shape[0], dtype=np.int64)
    assert source.take("x", rows).shape == shape
    assert source.load().take("x", rows).shape == shape


@pytest.mark.parametrize("rows", [[[0]], [0.5], ["a"]])
def test_rows_that_are_not_numbers_are_refused(folder: Path, rows: Any) -> None:
    new_group(folder).create_array("x", shape=(3,), dtype="int8")
    with pytest.raises(InvalidDatasetError, match="whole numbers"):
        source_of(folder).take("x", np.array(rows))


def test_a_bit_that_flipped_in_a_compressed_chunk_is_told(folder: Path) -> None:
    array = new_group(folder).create_array(
        "x",
        shape=(20,),
        chunks=(10,),
        dtype="float64",
        compressors=[{"id": "zlib", "level": 1}],
    )
    array[:] = np.random.default_rng(0).normal(size=20)
    chunk = folder / "a.zarr" / "x" / "1"
    data = bytearray(chunk.read_bytes())
    data[20] ^= 0xFF
    chunk.write_bytes(data)
    source = source_of(folder)
    assert source.take("x", np.array([0])).shape == (1,)
    with pytest.raises(DamagedFileError, match="rows 10 to 19 of 'x'"):
        source.take("x", np.arange(20))


def test_a_codec_works_once_it_is_registered(folder: Path) -> None:
    import numcodecs  # type: ignore[import-untyped]

    class Inverted(numcodecs.abc.Codec):  # type: ignore[misc]
        codec_id = "polaris_test_inverted"

        def encode(self, buf: Any) -> bytes:
            return bytes(255 - byte for byte in bytes(buf))

        def decode(self, buf: Any, out: Any = None) -> bytes:
            return self.encode(buf)

    new_group(folder).create_array("x", shape=(2,), chunks=(2,), dtype="u1", compressors=None)
    path = folder / "a.zarr" / "x" / ".zarray"
    document = json.loads(path.read_bytes())
    path.write_text(json.dumps({**document, "compressor": {"id": Inverted.codec_id}}))
    (folder / "a.zarr" / "x" / "0").write_bytes(bytes([255, 250]))
    with pytest.raises(PolarisError, match=Inverted.codec_id):
        source_of(folder).info("x")
    numcodecs.register_codec(Inverted)
    try:
        assert source_of(folder).take("x", np.arange(2)).tolist() == [0, 5]
    finally:
        del numcodecs.registry.codec_registry[Inverted.codec_id]


def test_a_verifying_store_checks_the_chunks_that_are_read(folder: Path) -> None:
    array = new_group(folder).create_array("x", shape=(20,), chunks=(10,), dtype="int64")
    array[:] = np.arange(20)
    storage = FolderStorage(folder)
    sums = asyncio.run(_sha256(storage))
    (folder / "a.zarr" / "x" / "1").write_bytes((folder / "a.zarr" / "x" / "0").read_bytes())
    verifying = VerifyingStorage(storage, Sha256Manifest.of(sums), "the dataset")
    source = ZarrSource(verifying, "a.zarr")
    assert source.take("x", np.array([3])).tolist() == [3]
    root: Any = source.group
    for use in (lambda: source.take("x", np.array([13])), source.load, lambda: root["x"][:]):
        with pytest.raises(PolarisChecksumError, match="x/1"):
            use()


async def _sha256(storage: StoragePort) -> dict[str, str]:
    keys = [stat.key async for page in storage.list() for stat in page]
    return {d.key: d.sha256 for d in await storage.digest(keys) if d is not None}


def test_a_batch_of_chunks_is_one_call_of_the_store(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    array = new_group(folder).create_array("x", shape=(20,), chunks=(2,), dtype="int64")
    array[:] = np.arange(20)
    storage = FaultyStorage(FolderStorage(folder))
    source = ZarrSource(storage, "a.zarr")
    source.info("x")
    for limit, value, calls in (
        ("BYTES_AT_ONCE", 2**20, 1),
        ("BYTES_AT_ONCE", 48, 4),
        ("BYTES_AT_ONCE", 1, 10),
        ("OBJECTS_AT_ONCE", 5, 2),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(chunk_reading, limit, value)
            storage.calls.clear()
            np.testing.assert_array_equal(source.take("x", np.arange(20)[::-1]), range(19, -1, -1))
            assert storage.calls["get"] == calls


@pytest.mark.parametrize("shards", [None, (6, 4)])
def test_any_rows_in_any_batches_are_those_that_numpy_takes(
    folder: Path, monkeypatch: pytest.MonkeyPatch, shards: tuple[int, ...] | None
) -> None:
    values = np.arange(92, dtype="int16").reshape(23, 4)
    array = new_group(folder, 3).create_array(
        "x", shape=values.shape, chunks=(3, 2), shards=shards, dtype="int16"
    )
    array[:] = values
    source = source_of(folder)
    random = np.random.default_rng(0)
    for objects in (1, 4, 6, 512):
        monkeypatch.setattr(chunk_reading, "OBJECTS_AT_ONCE", objects)
        for count in (1, 2, 5, 23, 60):
            rows = random.integers(0, 23, count)
            np.testing.assert_array_equal(source.take("x", rows), values[rows])


def test_arrays_are_opened_once_by_all_threads(folder: Path) -> None:
    new_group(folder).create_array("x", shape=(20,), chunks=(2,), dtype="int64")
    storage = FaultyStorage(FolderStorage(folder))
    source = ZarrSource(storage, "a.zarr")
    together = threading.Barrier(8)

    def use(_: int) -> None:
        together.wait(timeout=10)
        source.info("x")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(use, range(8)))
    once = storage.calls["get"]
    source.info("x")
    assert storage.calls["get"] == once
    ZarrSource(counting := FaultyStorage(FolderStorage(folder)), "a.zarr").info("x")
    assert counting.calls["get"] == once


def test_nothing_is_read_before_it_is_used(folder: Path) -> None:
    storage = FaultyStorage(FolderStorage(folder))
    ZarrSource(storage, "a.zarr")
    assert not storage.calls


def test_a_source_can_be_pickled_open_or_not(folder: Path) -> None:
    array = new_group(folder).create_array("x", shape=(20,), chunks=(2,), dtype="int64")
    array[:] = np.arange(20)
    source = source_of(folder)
    fresh = pickle.dumps(source)
    source.take("x", ROWS)
    assert pickle.dumps(source) == fresh
    again = pickle.loads(fresh)
    np.testing.assert_array_equal(again.take("x", ROWS), ROWS)
    loaded = pickle.loads(pickle.dumps(source.load()))
    np.testing.assert_array_equal(loaded.take("x", ROWS), ROWS)


def test_the_digest_sees_every_byte(folder: Path) -> None:
    new_group(folder).create_array("x", shape=(20,), chunks=(2,), dtype="int64")
    source = source_of(folder)
    before = source.digest()
    path = folder / "a.zarr" / "x" / ".zarray"
    path.write_bytes(path.read_bytes() + b" ")
    after = source.digest()
    assert after.size == before.size + 1
    assert after.md5 != before.md5


async def test_an_array_of_other_objects_names_its_codec() -> None:
    storage = InMemoryStorage()
    array = {
        "zarr_format": 2,
        "shape": [1],
        "chunks": [1],
        "dtype": "|O",
        "compressor": None,
        "fill_value": None,
        "order": "C",
        "filters": [{"id": "pickle"}],
    }
    await storage.put(
        [Write(".zgroup", b'{"zarr_format": 2}'), Write("x/.zarray", json.dumps(array).encode())]
    )
    with pytest.raises(InvalidZarrCodec) as caught:
        await asyncio.to_thread(ZarrSource(storage, "").arrays)
    assert caught.value.codec_id == "pickle"
