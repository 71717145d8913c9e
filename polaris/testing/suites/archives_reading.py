"""What reading an archive in bulk promises."""

from __future__ import annotations

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from polaris.application.loop_thread import run_blocking
from polaris.domain.checksums.archive import FileChecksum, archive_digest
from polaris.errors import (
    DamagedFileError,
    InvalidDatasetError,
    InvalidZarrCodec,
    ObjectNotFoundError,
    PolarisChecksumError,
    PolarisError,
)
from polaris.ports.archives import ArchivePort, HasStorage, StoredArchive
from polaris.ports.storage import Read, StoragePort
from polaris.testing.suites.archives_samples import (
    FORMATS,
    Files,
    X,
    Y,
    archive_v2,
    archive_v3,
    store_files,
    values_of,
)

__all__ = ["ArchivesReadingSuite"]


class _Spy:
    """Another store; remembers what was read, and may refuse to read some of it."""

    def __init__(self, inner: StoragePort, refused: str | None = None) -> None:
        self._inner = inner
        self._refused = refused
        self.read: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def get(self, reads: list[Read], /) -> list[bytes | None]:
        keys = [read.key for read in reads]
        self.read += keys
        if self._refused in keys:
            raise PolarisChecksumError(f"{self._refused} differs from its checksum")
        return await self._inner.get(reads)


class ArchivesReadingSuite:
    """Reading an archive in bulk, by blocking calls; part of `ArchivesSuite`."""

    @pytest.fixture(params=[archive_v2, archive_v3], ids=["v2", "v3"])
    def files(self, request: pytest.FixtureRequest) -> Files:
        made: Files = request.param()
        return made

    @pytest.fixture
    def source(self, archives: ArchivePort, storage: StoragePort, files: Files) -> StoredArchive:
        run_blocking(store_files(storage, files))
        return archives.source(storage, "a.zarr")

    def test_it_tells_where_it_lies(self, source: StoredArchive, storage: StoragePort) -> None:
        assert isinstance(source, HasStorage)
        assert source.storage is storage
        assert source.path == "a.zarr"

    @pytest.mark.parametrize("consolidated", [True, False])
    @FORMATS
    def test_it_tells_whether_its_metadata_is_consolidated(
        self, archives: ArchivePort, storage: StoragePort, make: Any, consolidated: bool
    ) -> None:
        run_blocking(store_files(storage, make(consolidated=consolidated)))
        assert archives.source(storage, "a.zarr").is_consolidated is consolidated

    @pytest.mark.parametrize("consolidated", [True, False])
    @FORMATS
    def test_arrays_are_listed_with_those_of_groups(
        self, archives: ArchivePort, storage: StoragePort, make: Any, consolidated: bool
    ) -> None:
        run_blocking(store_files(storage, make(consolidated=consolidated)))
        source = archives.source(storage, "a.zarr")
        y, x = source.arrays()
        assert (y.path, y.shape, y.dtype, y.chunks) == ("nested/y", (10,), Y.dtype, (4,))
        assert (x.path, x.shape, x.dtype, x.chunks) == ("x", (10, 3), X.dtype, (4, 3))
        assert source.info("x") == x

    @pytest.mark.parametrize(
        "rows",
        [
            [0],
            [9],
            [9, 0],
            [0, 0, 2],
            [3, 3, 3],
            [8, 1, 8, 0, 1],
            [1, 9],
            list(range(10)),
            [4, 5, 6, 7],
            list(range(9, -1, -1)) * 3,
        ],
    )
    def test_rows_come_in_the_order_asked(self, source: StoredArchive, rows: list[int]) -> None:
        asked = np.array(rows, dtype=np.int64)
        for path, values in (("x", X), ("nested/y", Y)):
            found = source.take(path, asked)
            assert found.dtype == values.dtype
            np.testing.assert_array_equal(found, values[rows])

    def test_no_rows_have_the_shape_of_none(self, source: StoredArchive) -> None:
        none = np.array([], dtype=np.int64)
        assert source.take("x", none).shape == (0, 3)
        assert source.take("x", none).dtype == X.dtype

    @pytest.mark.parametrize("row", [-1, 10, 2**62])
    def test_rows_out_of_range_are_refused(self, source: StoredArchive, row: int) -> None:
        with pytest.raises(InvalidDatasetError, match=str(row)):
            source.take("x", np.array([0, row], dtype=np.int64))

    @pytest.mark.parametrize("path", ["z", "nested", "nested/z", "x/0.0", "", "../a.zarr/x"])
    def test_a_missing_array_is_told(self, source: StoredArchive, path: str) -> None:
        with pytest.raises(InvalidDatasetError):
            source.take(path, np.array([0], dtype=np.int64))
        with pytest.raises(InvalidDatasetError):
            source.info(path)

    def test_a_missing_archive_is_found_out_at_first_use(
        self, archives: ArchivePort, storage: StoragePort
    ) -> None:
        source = archives.source(storage, "gone.zarr")
        for use in (source.arrays, source.files, source.digest, source.load, lambda: source.group):
            with pytest.raises(ObjectNotFoundError, match=r"gone\.zarr"):
                use()

    def test_each_chunk_is_read_once_and_only_if_needed(
        self, archives: ArchivePort, storage: StoragePort, files: Files
    ) -> None:
        run_blocking(store_files(storage, files))
        spy: Any = _Spy(storage)
        source = archives.source(spy, "a.zarr")
        source.info("x")
        spy.read.clear()
        source.take("x", np.array([8, 1, 0, 9, 1, 8, 2], dtype=np.int64))
        chunks = [f"a.zarr/{key}" for key in sorted(files) if "x/" in key and key[-1] == "0"]
        assert sorted(spy.read) == [chunks[0], chunks[2]]

    def test_a_damaged_chunk_is_told(
        self, archives: ArchivePort, storage: StoragePort, files: Files
    ) -> None:
        chunk = sorted(key for key in files if "x/" in key and key[-1] == "0")[1]
        run_blocking(store_files(storage, {**files, chunk: b"short"}))
        source = archives.source(storage, "a.zarr")
        np.testing.assert_array_equal(source.take("x", np.array([0, 9], dtype=np.int64)), X[[0, 9]])
        with pytest.raises(DamagedFileError, match=r"4 to 7.*'x'"):
            source.take("x", np.arange(10, dtype=np.int64))
        with pytest.raises(DamagedFileError):
            source.load()

    def test_what_the_store_raises_comes_through(
        self, archives: ArchivePort, storage: StoragePort, files: Files
    ) -> None:
        run_blocking(store_files(storage, files))
        chunk = min(key for key in files if "x/" in key and key[-1] == "0")
        spy: Any = _Spy(storage, refused=f"a.zarr/{chunk}")
        with pytest.raises(PolarisChecksumError):
            archives.source(spy, "a.zarr").take("x", np.array([0], dtype=np.int64))
        root: Any = archives.source(spy, "a.zarr").group
        with pytest.raises(PolarisChecksumError):
            root["x"][0]

    @pytest.mark.parametrize("key", ["x/.zarray", "x/zarr.json"])
    def test_damaged_metadata_of_an_array_is_told(
        self, archives: ArchivePort, storage: StoragePort, key: str
    ) -> None:
        make: Any = archive_v2 if key.endswith(".zarray") else archive_v3
        run_blocking(store_files(storage, {**make(consolidated=False), key: b"{"}))
        for use in ("arrays", "load"):
            with pytest.raises(DamagedFileError, match=r"a\.zarr"):
                getattr(archives.source(storage, "a.zarr"), use)()
        with pytest.raises(DamagedFileError, match="'x'"):
            archives.source(storage, "a.zarr").info("x")

    @pytest.mark.parametrize("consolidated", [True, False])
    def test_a_codec_that_is_not_installed_is_named(
        self, archives: ArchivePort, storage: StoragePort, consolidated: bool
    ) -> None:
        files = archive_v2(consolidated=consolidated, filters=[{"id": "nowhere"}], dtype="|O")
        run_blocking(store_files(storage, files))
        with pytest.raises(InvalidZarrCodec) as caught:
            archives.source(storage, "a.zarr").info("x")
        assert caught.value.codec_id == "nowhere"

    def test_files_and_digest_are_those_of_the_bytes(
        self, source: StoredArchive, files: Files
    ) -> None:
        sums = [
            FileChecksum(key, hashlib.md5(data, usedforsecurity=False).hexdigest(), len(data))
            for key, data in sorted(files.items())
        ]
        assert list(source.files()) == sums
        assert source.digest() == archive_digest(sums)

    def test_the_group_is_read_only(self, source: StoredArchive) -> None:
        np.testing.assert_array_equal(values_of(source.group, "x"), X)
        with pytest.raises(ValueError, match="read-only"):
            source.group.create_group("new")

    def test_a_loaded_archive_needs_no_store(
        self, archives: ArchivePort, storage: StoragePort, files: Files
    ) -> None:
        run_blocking(store_files(storage, files))
        spy: Any = _Spy(storage)
        source = archives.source(spy, "a.zarr")
        loaded = source.load()
        spy.read.clear()
        np.testing.assert_array_equal(loaded.take("x", np.array([9, 0, 9])), X[[9, 0, 9]])
        np.testing.assert_array_equal(loaded.take("nested/y", np.arange(10)), Y)
        assert list(loaded.arrays()) == list(source.arrays())
        assert loaded.info("x") == source.info("x")
        assert spy.read == []
        np.testing.assert_array_equal(values_of(loaded.group, "x"), X)
        assert loaded.digest() == source.digest()
        assert list(loaded.files()) == list(source.files())
        for path, row in (("z", 0), ("x", 10), ("x", -1)):
            with pytest.raises(InvalidDatasetError):
                loaded.take(path, np.array([row]))

    def test_many_threads_may_read(self, source: StoredArchive) -> None:
        together = threading.Barrier(8)

        def read(seed: int) -> bool:
            rows = np.random.default_rng(seed).integers(0, 10, 20)
            together.wait(timeout=10)
            return bool((source.take("x", rows) == X[rows]).all())

        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(read, range(8)))

    def test_errors_say_what_to_do(self, source: StoredArchive) -> None:
        with pytest.raises(PolarisError) as caught:
            source.take("z", np.array([0]))
        assert caught.value.hint
