"""The conformance suite of `polaris.ports.archives`."""

from __future__ import annotations

import asyncio
import hashlib
import json
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import zarr

from polaris.application.loop_thread import run_blocking
from polaris.domain.checksums.archive import FileChecksum, archive_digest
from polaris.errors import (
    DamagedFileError,
    InvalidDatasetError,
    InvalidInputError,
    InvalidZarrCodec,
    ObjectExistsError,
    ObjectNotFoundError,
    PolarisChecksumError,
    PolarisError,
)
from polaris.ports.archives import ArchivePort, IOMode, StoredArchive
from polaris.ports.storage import Read, StoragePort, Write

__all__ = ["ArchivesSuite"]

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


def _v2(*, consolidated: bool = True, **x: Any) -> Files:
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


def _v3(*, consolidated: bool = True, codec: str = "bytes") -> Files:
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


async def _store(storage: StoragePort, files: Mapping[str, bytes], path: str = "a.zarr") -> None:
    folder = f"{path}/" if path else ""
    await storage.put([Write(f"{folder}{key}", data) for key, data in files.items()])


async def _all(storage: StoragePort, prefix: str = "") -> Files:
    keys = [stat.key async for page in storage.list(prefix) for stat in page]
    found = await storage.get([Read(key) for key in keys])
    return {key: data for key, data in zip(keys, found, strict=True) if data is not None}


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


FORMATS = pytest.mark.parametrize("make", [_v2, _v3], ids=["v2", "v3"])


class _OpeningSuite:
    """Opening an archive for arbitrary access."""

    @FORMATS
    @pytest.mark.parametrize("consolidated", [True, False])
    @pytest.mark.parametrize("path", ["a.zarr", "deep/b.zarr", ""])
    async def test_what_is_there_is_read(
        self, archives: ArchivePort, storage: StoragePort, make: Any, consolidated: bool, path: str
    ) -> None:
        await _store(storage, make(consolidated=consolidated), path)
        root = await archives.open_group(storage, path, mode="r", consolidated=consolidated)
        np.testing.assert_array_equal(await asyncio.to_thread(_values, root, "x"), X)
        np.testing.assert_array_equal(await asyncio.to_thread(_values, root, "nested/y"), Y)

    async def test_reading_mode_changes_nothing(
        self, archives: ArchivePort, storage: StoragePort
    ) -> None:
        await _store(storage, _v2())
        before = await _all(storage)
        root: Any = await archives.open_group(storage, "a.zarr", mode="r", consolidated=True)
        with pytest.raises(ValueError, match="read-only"):
            await asyncio.to_thread(root["x"].__setitem__, 0, 1)
        with pytest.raises(ValueError, match="read-only"):
            await asyncio.to_thread(root.create_group, "new")
        assert await _all(storage) == before

    @FORMATS
    @pytest.mark.parametrize("mode", ["r+", "a"])
    async def test_writing_modes_change_what_is_there(
        self, archives: ArchivePort, storage: StoragePort, make: Any, mode: IOMode
    ) -> None:
        await _store(storage, make())
        root: Any = await archives.open_group(storage, "a.zarr", mode=mode, consolidated=False)
        await asyncio.to_thread(root["x"].__setitem__, 1, [7, 8, 9])
        again = await archives.open_group(storage, "a.zarr", mode="r", consolidated=True)
        np.testing.assert_array_equal(
            (await asyncio.to_thread(_values, again, "x"))[:3], [[0, 1, 2], [7, 8, 9], [6, 7, 8]]
        )

    @pytest.mark.parametrize("mode", ["a", "w", "w-"])
    async def test_creating_modes_make_archives_that_existing_clients_read(
        self, archives: ArchivePort, storage: StoragePort, mode: IOMode
    ) -> None:
        root = await archives.open_group(storage, "new.zarr", mode=mode, consolidated=False)
        assert root.metadata.zarr_format == 2
        await asyncio.to_thread(_write, root, "x", X)
        again = await archives.open_group(storage, "new.zarr", mode="r", consolidated=False)
        np.testing.assert_array_equal(await asyncio.to_thread(_values, again, "x"), X)
        assert all(key.startswith("new.zarr/") for key in await _all(storage))

    async def test_a_new_archive_can_be_consolidated(
        self, archives: ArchivePort, storage: StoragePort
    ) -> None:
        root = await archives.open_group(storage, "new.zarr", mode="w-", consolidated=False)
        await asyncio.to_thread(_write, root, "x", X)
        await asyncio.to_thread(zarr.consolidate_metadata, root.store)
        again = await archives.open_group(storage, "new.zarr", mode="r", consolidated=True)
        np.testing.assert_array_equal(await asyncio.to_thread(_values, again, "x"), X)

    @FORMATS
    async def test_w_empties_the_archive_and_nothing_else(
        self, archives: ArchivePort, storage: StoragePort, make: Any
    ) -> None:
        await _store(storage, make())
        await _store(storage, {"x/0": b"1"}, "a.zarr2")
        root = await archives.open_group(storage, "a.zarr", mode="w", consolidated=False)
        assert await asyncio.to_thread(list, root) == []
        kept = await _all(storage)
        assert "a.zarr2/x/0" in kept
        assert not any(key.startswith(("a.zarr/x", "a.zarr/nested")) for key in kept)

    @FORMATS
    async def test_w_minus_refuses_what_is_there(
        self, archives: ArchivePort, storage: StoragePort, make: Any
    ) -> None:
        await _store(storage, make())
        before = await _all(storage)
        with pytest.raises(ObjectExistsError, match=r"a\.zarr"):
            await archives.open_group(storage, "a.zarr", mode="w-", consolidated=False)
        assert await _all(storage) == before

    async def test_one_of_many_creates_an_archive_with_w_minus(
        self, archives: ArchivePort, storage: StoragePort
    ) -> None:
        opened = await asyncio.gather(
            *(
                archives.open_group(storage, "a.zarr", mode="w-", consolidated=False)
                for _ in range(8)
            ),
            return_exceptions=True,
        )
        assert sum(isinstance(one, zarr.Group) for one in opened) == 1
        assert sum(isinstance(one, ObjectExistsError) for one in opened) == 7

    @pytest.mark.parametrize("mode", ["r", "r+"])
    @pytest.mark.parametrize("consolidated", [True, False])
    async def test_a_missing_archive_is_not_found(
        self, archives: ArchivePort, storage: StoragePort, mode: IOMode, consolidated: bool
    ) -> None:
        with pytest.raises(ObjectNotFoundError, match=r"gone\.zarr"):
            await archives.open_group(storage, "gone.zarr", mode=mode, consolidated=consolidated)
        assert await _all(storage) == {}

    @pytest.mark.parametrize("mode", ["a", "w", "w-"])
    async def test_consolidated_metadata_is_for_reading(
        self, archives: ArchivePort, storage: StoragePort, mode: IOMode
    ) -> None:
        await _store(storage, _v2())
        before = await _all(storage)
        with pytest.raises(InvalidInputError, match="onsolidated"):
            await archives.open_group(storage, "a.zarr", mode=mode, consolidated=True)
        assert await _all(storage) == before

    async def test_an_unknown_mode_is_refused(
        self, archives: ArchivePort, storage: StoragePort
    ) -> None:
        unknown: Any = "x"
        with pytest.raises(InvalidInputError, match="mode"):
            await archives.open_group(storage, "a.zarr", mode=unknown, consolidated=False)

    @FORMATS
    async def test_missing_consolidated_metadata_is_told(
        self, archives: ArchivePort, storage: StoragePort, make: Any
    ) -> None:
        await _store(storage, make(consolidated=False))
        with pytest.raises(InvalidDatasetError, match="as_consolidated=False"):
            await archives.open_group(storage, "a.zarr", mode="r", consolidated=True)

    @pytest.mark.parametrize(
        "damage", [b"", b"{", b"[1]", b"null", b"\xff\xfe", b'{"metadata": 1}']
    )
    @pytest.mark.parametrize(
        ("make", "key"), [(_v2, ".zgroup"), (_v2, ".zmetadata"), (_v3, "zarr.json")]
    )
    async def test_damaged_metadata_is_told(
        self, archives: ArchivePort, storage: StoragePort, make: Any, key: str, damage: bytes
    ) -> None:
        await _store(storage, {**make(), key: damage})
        with pytest.raises(DamagedFileError, match=r"a\.zarr"):
            await archives.open_group(storage, "a.zarr", mode="r", consolidated=True)

    @pytest.mark.parametrize(
        "files", [_v2(compressor={"id": "nowhere"}), _v3(codec="nowhere")], ids=["v2", "v3"]
    )
    async def test_a_codec_that_is_not_installed_is_named(
        self, archives: ArchivePort, storage: StoragePort, files: Files
    ) -> None:
        await _store(storage, files)
        with pytest.raises(InvalidZarrCodec) as caught:
            await archives.open_group(storage, "a.zarr", mode="r", consolidated=True)
        assert caught.value.codec_id == "nowhere"


class _ReadingSuite:
    """Reading an archive in bulk, by blocking calls."""

    @pytest.fixture(params=[_v2, _v3], ids=["v2", "v3"])
    def files(self, request: pytest.FixtureRequest) -> Files:
        made: Files = request.param()
        return made

    @pytest.fixture
    def source(self, archives: ArchivePort, storage: StoragePort, files: Files) -> StoredArchive:
        run_blocking(_store(storage, files))
        return archives.source(storage, "a.zarr")

    def test_it_tells_where_it_lies(self, source: StoredArchive, storage: StoragePort) -> None:
        assert isinstance(source, StoredArchive)
        assert source.storage is storage
        assert source.path == "a.zarr"

    @pytest.mark.parametrize("consolidated", [True, False])
    @FORMATS
    def test_arrays_are_listed_with_those_of_groups(
        self, archives: ArchivePort, storage: StoragePort, make: Any, consolidated: bool
    ) -> None:
        run_blocking(_store(storage, make(consolidated=consolidated)))
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
        run_blocking(_store(storage, files))
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
        run_blocking(_store(storage, {**files, chunk: b"short"}))
        source = archives.source(storage, "a.zarr")
        np.testing.assert_array_equal(source.take("x", np.array([0, 9], dtype=np.int64)), X[[0, 9]])
        with pytest.raises(DamagedFileError, match=r"4 to 7.*'x'"):
            source.take("x", np.arange(10, dtype=np.int64))
        with pytest.raises(DamagedFileError):
            source.load()

    def test_what_the_store_raises_comes_through(
        self, archives: ArchivePort, storage: StoragePort, files: Files
    ) -> None:
        run_blocking(_store(storage, files))
        chunk = sorted(key for key in files if "x/" in key and key[-1] == "0")[0]
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
        make: Any = _v2 if key.endswith(".zarray") else _v3
        run_blocking(_store(storage, {**make(consolidated=False), key: b"{"}))
        for use in ("arrays", "load"):
            with pytest.raises(DamagedFileError, match=r"a\.zarr"):
                getattr(archives.source(storage, "a.zarr"), use)()
        with pytest.raises(DamagedFileError, match="'x'"):
            archives.source(storage, "a.zarr").info("x")

    @pytest.mark.parametrize("consolidated", [True, False])
    def test_a_codec_that_is_not_installed_is_named(
        self, archives: ArchivePort, storage: StoragePort, consolidated: bool
    ) -> None:
        files = _v2(consolidated=consolidated, filters=[{"id": "nowhere"}], dtype="|O")
        run_blocking(_store(storage, files))
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
        np.testing.assert_array_equal(_values(source.group, "x"), X)
        with pytest.raises(ValueError, match="read-only"):
            source.group.create_group("new")

    def test_a_loaded_archive_needs_no_store(
        self, archives: ArchivePort, storage: StoragePort, files: Files
    ) -> None:
        run_blocking(_store(storage, files))
        spy: Any = _Spy(storage)
        source = archives.source(spy, "a.zarr")
        loaded = source.load()
        spy.read.clear()
        np.testing.assert_array_equal(loaded.take("x", np.array([9, 0, 9])), X[[9, 0, 9]])
        np.testing.assert_array_equal(loaded.take("nested/y", np.arange(10)), Y)
        assert list(loaded.arrays()) == list(source.arrays())
        assert loaded.info("x") == source.info("x")
        assert spy.read == []
        np.testing.assert_array_equal(_values(loaded.group, "x"), X)
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


class ArchivesSuite(_OpeningSuite, _ReadingSuite):
    """What every `ArchivePort` promises.

    Derive a class whose name begins with ``Test`` and give it the fixtures ``archives``, the port,
    and ``storage``, an empty `StoragePort`; new ones for each test. Needs pytest-asyncio in its
    ``auto`` mode.

    Example:
        >>> class TestZarrArchives(ArchivesSuite):
        ...     @pytest.fixture
        ...     def archives(self) -> ArchivePort:
        ...         return ZarrArchives()
        ...     @pytest.fixture
        ...     def storage(self) -> StoragePort:
        ...         return InMemoryStorage()  # doctest: +SKIP
    """


def _values(root: zarr.Group, path: str) -> np.ndarray[Any, Any]:
    array = root[path]
    assert isinstance(array, zarr.Array)
    return np.asarray(array[:])


def _write(root: zarr.Group, name: str, values: np.ndarray[Any, Any]) -> None:
    array = root.create_array(name, shape=values.shape, chunks=(4, 3), dtype=values.dtype)
    array[:] = values
