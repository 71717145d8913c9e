"""Chunks of plain arrays are decoded without zarr, and are what zarr decodes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numcodecs  # type: ignore[import-untyped]  # It ships no annotations.
import numpy as np
import pytest
import zarr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from polaris.errors import DamagedFileError
from polaris_adapters.object_store import FolderStorage
from polaris_adapters.zarr_arrays import ZarrSource
from polaris_adapters.zarr_arrays.chunk_cache import ChunkCache

CODECS: list[Any] = [
    None,
    numcodecs.Blosc(cname="zstd", clevel=3, shuffle=1),
    numcodecs.Zstd(level=1),
    numcodecs.LZ4(),
    numcodecs.GZip(level=1),
]
DTYPES = ["<f8", "<f4", ">f8", "<i2", "|u1", "|b1", "<c16", "<M8[D]", "<U3", "|S4"]


def write(
    root: Path,
    *,
    shape: tuple[int, ...],
    chunks: tuple[int, ...],
    dtype: str = "<f8",
    codec: Any = None,
    order: str = "C",
    fill: Any = 0,
    filters: list[Any] | None = None,
) -> None:
    """Write an array ``x`` of random content whose second chunk was never written."""
    metadata = {
        "zarr_format": 2, "shape": shape, "chunks": chunks, "dtype": dtype, "order": order,
        "compressor": None if codec is None else codec.get_config(), "fill_value": fill,
        "filters": filters,
    }  # fmt: skip
    (root / "x").mkdir(parents=True)
    (root / ".zgroup").write_text('{"zarr_format": 2}')
    (root / "x" / ".zarray").write_text(json.dumps(metadata))
    entries = {".zgroup": {"zarr_format": 2}, "x/.zarray": metadata}
    consolidated = {"zarr_consolidated_format": 1, "metadata": entries}
    (root / ".zmetadata").write_text(json.dumps(consolidated))
    random = np.random.default_rng(0)
    for number in range(-(-shape[0] // chunks[0])):
        values = random.integers(0, 2, chunks).astype(np.dtype(dtype))
        data = values.tobytes(order="F" if order == "F" else "C")
        if number != 1:
            name = ".".join([str(number), *("0" for _ in shape[1:])])
            (root / "x" / name).write_bytes(data if codec is None else bytes(codec.encode(data)))


def source_of(root: Path) -> ZarrSource:
    return ZarrSource(FolderStorage(root), "", ChunkCache())


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    length=st.integers(1, 30),
    rest=st.sampled_from([(), (3,), (2, 2)]),
    chunk=st.integers(1, 12),
    dtype=st.sampled_from(DTYPES),
    codec=st.sampled_from(CODECS),
    order=st.sampled_from("CF"),
    wanted=st.lists(st.integers(0, 29), max_size=40),
)
def test_any_array_is_read_as_zarr_reads_it(
    tmp_path_factory: pytest.TempPathFactory,
    length: int,
    rest: tuple[int, ...],
    chunk: int,
    dtype: str,
    codec: Any,
    order: str,
    wanted: list[int],
) -> None:
    root = tmp_path_factory.mktemp("archive") / "a.zarr"
    fill = {"U": "", "S": "", "c": [1.0, 0.0], "b": True}.get(dtype[1], 1)
    shape, chunks = (length, *rest), (chunk, *rest)
    write(root, shape=shape, chunks=chunks, dtype=dtype, codec=codec, order=order, fill=fill)
    expected = np.asarray(zarr.open_array(str(root / "x"), mode="r")[...])
    source = source_of(root)
    for rows in (np.arange(length), np.array([row for row in wanted if row < length], dtype=int)):
        found = source.take("x", rows)
        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(found, expected[rows])


@pytest.mark.parametrize("codec", CODECS)
def test_large_chunks_are_decoded_into_their_place(tmp_path: Path, codec: Any) -> None:
    root = tmp_path / "a.zarr"
    write(root, shape=(35, 4096), chunks=(10, 4096), codec=codec, fill=7)
    expected = np.asarray(zarr.open_array(str(root / "x"), mode="r")[...])
    source = source_of(root)
    np.testing.assert_array_equal(source.take("x", np.arange(35)), expected)
    rows = np.array([34, 0, 12, 34, 29, 1])
    np.testing.assert_array_equal(source.take("x", rows), expected[rows])


def test_cells_without_a_fill_value_are_what_zarr_says(tmp_path: Path) -> None:
    root = tmp_path / "a.zarr"
    write(root, shape=(7,), chunks=(2,), fill=None)
    expected = np.asarray(zarr.open_array(str(root / "x"), mode="r")[...])
    np.testing.assert_array_equal(source_of(root).take("x", np.arange(7)), expected)


def test_filters_are_undone(tmp_path: Path) -> None:
    root = tmp_path / "a.zarr"
    delta = numcodecs.Delta(dtype="<i4")
    write(root, shape=(6,), chunks=(6,), dtype="<i4", filters=[delta.get_config()])
    data = delta.encode(np.arange(6, dtype="<i4") * 3).tobytes()
    (root / "x" / "0").write_bytes(data)
    assert source_of(root).take("x", np.arange(6)).tolist() == [0, 3, 6, 9, 12, 15]


@pytest.mark.parametrize("size", [4, 4096])
@pytest.mark.parametrize("damage", [lambda data: data[:-1], lambda data: data * 2, lambda _: b""])
@pytest.mark.parametrize("codec", [None, CODECS[1]])
def test_a_damaged_chunk_is_told_by_its_rows(
    tmp_path: Path, damage: Any, codec: Any, size: int
) -> None:
    root = tmp_path / "a.zarr"
    write(root, shape=(35, size), chunks=(10, size), codec=codec)
    name = root / "x" / "2.0"
    values = np.random.default_rng(1).random((10, size))
    whole = values.tobytes() if codec is None else bytes(codec.encode(values))
    name.write_bytes(damage(whole))
    source = source_of(root)
    assert source.take("x", np.arange(20)).shape == (20, size)
    if codec is not None and damage(whole)[: len(whole)] == whole:
        # What follows a frame of blosc is not looked at, by zarr neither.
        np.testing.assert_array_equal(source.take("x", np.arange(20, 30)), values)
        return
    with pytest.raises(DamagedFileError, match="rows 20 to 29 of 'x'"):
        source.take("x", np.arange(35))
    with pytest.raises(DamagedFileError, match="rows 20 to 29 of 'x'"):
        source.take("x", np.array([21]))
