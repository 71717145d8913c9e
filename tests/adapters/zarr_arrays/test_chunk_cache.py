"""Decoded chunks: kept where rows are left to be asked for, bounded in bytes, and never wrong."""

from __future__ import annotations

import gc
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr

from polaris.ports.storage import Read
from polaris_adapters.object_store import FolderStorage
from polaris_adapters.zarr_arrays import ZarrSource
from polaris_adapters.zarr_arrays.chunk_cache import ChunkCache, decoded_bytes

VALUES = np.arange(100 * 3, dtype="<i4").reshape(100, 3)
TEXTS = np.array([f"text {i}" for i in range(100)], dtype=np.dtypes.StringDType())


class CountingStorage:
    """A folder that notes which objects were read."""

    def __init__(self, root: Path) -> None:
        self._folder = FolderStorage(root)
        self.reads: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._folder, name)

    async def get(self, reads: Sequence[Read], /) -> list[bytes | None]:
        self.reads += [read.key for read in reads]
        return await self._folder.get(reads)

    def chunks(self, array: str) -> list[str]:
        """Return the chunks of an array that were read."""
        keys = [key.split("/") for key in self.reads]
        return [parts[-1] for parts in keys if array in parts and parts[-1][0].isdigit()]


@pytest.fixture(params=["v2", "v3", "sharded"])
def storage(tmp_path: Path, request: pytest.FixtureRequest) -> CountingStorage:
    zarr_format: Any = 2 if request.param == "v2" else 3
    root = zarr.open_group(str(tmp_path / "a.zarr"), mode="w", zarr_format=zarr_format)
    shards: Any = (30, 3) if request.param == "sharded" else None
    root.create_array("x", shape=(100, 3), chunks=(10, 2 if shards is None else 3), dtype="<i4",
                      shards=shards)[:] = VALUES  # fmt: skip
    root.create_array("t", shape=(100,), chunks=(9,), dtype="str")[:] = TEXTS
    return CountingStorage(tmp_path)


@pytest.mark.parametrize("seed", range(5))
def test_rows_are_right_whatever_is_kept(storage: CountingStorage, seed: int) -> None:
    random = np.random.default_rng(seed)
    # Room for a few chunks only, so that some are dropped all the time.
    source = ZarrSource(storage, "a.zarr", ChunkCache(int(random.integers(0, 1500))))
    for _ in range(20):
        rows = random.integers(0, 100, random.integers(0, 30))
        if random.random() < 0.3:
            rows = np.sort(rows)
        np.testing.assert_array_equal(source.take("x", rows), VALUES[rows])
        assert source.take("t", rows).tolist() == TEXTS[rows].tolist()


def test_a_chunk_is_decoded_once_however_its_rows_are_asked_for(tmp_path: Path) -> None:
    root = zarr.open_group(str(tmp_path / "a.zarr"), mode="w", zarr_format=2)
    root.create_array("x", shape=(100,), chunks=(10,), dtype="<i4")[:] = VALUES[:, 0]
    storage = CountingStorage(tmp_path)
    source = ZarrSource(storage, "a.zarr", ChunkCache())
    for row in np.random.default_rng(0).permutation(100):
        assert source.take("x", np.array([row])) == VALUES[row, 0]
    assert sorted(storage.chunks("x")) == [str(chunk) for chunk in range(10)]


def test_a_chunk_that_was_read_whole_is_not_kept(storage: CountingStorage) -> None:
    cache = ChunkCache()
    source = ZarrSource(storage, "a.zarr", cache)
    source.take("x", np.arange(100))
    assert cache.size == 0
    source.take("x", np.array([7, 95]))
    assert cache.size == 2 * 10 * 3 * 4


def test_what_a_caller_changes_is_not_kept(storage: CountingStorage) -> None:
    source = ZarrSource(storage, "a.zarr", ChunkCache())
    for rows in ([4], [4], [4, 5], [4, 5]):
        source.take("x", np.array(rows))[:] = -1
    np.testing.assert_array_equal(source.take("x", np.array([4, 5])), VALUES[4:6])


def test_two_archives_share_a_cache_without_mixing(tmp_path: Path) -> None:
    cache = ChunkCache()
    sources = []
    for number in range(2):
        root = zarr.open_group(str(tmp_path / f"{number}.zarr"), mode="w", zarr_format=2)
        root.create_array("x", shape=(10,), chunks=(5,), dtype="<i4")[:] = number
        sources.append(ZarrSource(FolderStorage(tmp_path), f"{number}.zarr", cache))
    for _ in range(2):
        for number, source in enumerate(sources):
            assert source.take("x", np.array([1, 7])).tolist() == [number, number]


def test_the_bound_holds_and_the_least_recently_used_chunk_goes_first() -> None:
    cache = ChunkCache(300)
    for number in range(3):
        cache.put((0, "x", number), np.zeros(100, dtype="i1"))
    assert cache.get((0, "x", 0)) is not None
    cache.put((0, "x", 3), np.zeros(100, dtype="i1"))
    assert [cache.get((0, "x", number)) is not None for number in range(4)] == [
        True, False, True, True,
    ]  # fmt: skip
    cache.put((0, "x", 4), np.zeros(301, dtype="i1"))
    assert cache.get((0, "x", 4)) is None
    assert cache.size == 300
    cache.put((0, "x", 0), np.zeros(50, dtype="i1"))
    assert cache.size == 250


def test_texts_count_with_their_letters() -> None:
    letters = "x" * 1000
    for dtype in (object, np.dtypes.StringDType()):
        assert decoded_bytes(np.array([letters] * 10, dtype=dtype)) >= 10_000
    assert decoded_bytes(np.zeros(10)) == 80


def test_the_chunks_of_an_archive_go_with_it(storage: CountingStorage) -> None:
    cache = ChunkCache()
    source = ZarrSource(storage, "a.zarr", cache)
    source.take("x", np.array([0]))
    assert cache.size > 0
    del source
    gc.collect()
    assert cache.size == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="There is no fork on this system.")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_child_starts_without_chunks_and_without_a_taken_lock() -> None:
    cache = ChunkCache()
    cache.put((0, "x", 0), np.zeros(3))
    with cache._held().lock:
        child = os.fork()
        if child == 0:
            os._exit(0 if cache.get((0, "x", 0)) is None and cache.size == 0 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
