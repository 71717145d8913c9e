"""What opening an archive with an `ArchivePort` promises."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
import pytest
import zarr

from polaris.errors import (
    DamagedFileError,
    InvalidDatasetError,
    InvalidInputError,
    InvalidZarrCodec,
    ObjectExistsError,
    ObjectNotFoundError,
)
from polaris.ports.archives import ArchivePort, IOMode
from polaris.ports.storage import StoragePort
from polaris.testing.suites.archives_samples import (
    FORMATS,
    Files,
    X,
    Y,
    all_files,
    archive_v2,
    archive_v3,
    store_files,
    values_of,
)

__all__ = ["ArchivesOpeningSuite"]


class ArchivesOpeningSuite:
    """Opening an archive for arbitrary access; part of `ArchivesSuite`."""

    @FORMATS
    @pytest.mark.parametrize("consolidated", [True, False])
    @pytest.mark.parametrize("path", ["a.zarr", "deep/b.zarr", ""])
    async def test_what_is_there_is_read(
        self, archives: ArchivePort, storage: StoragePort, make: Any, consolidated: bool, path: str
    ) -> None:
        await store_files(storage, make(consolidated=consolidated), path)
        root = await archives.open_group(storage, path, mode="r", consolidated=consolidated)
        np.testing.assert_array_equal(await asyncio.to_thread(values_of, root, "x"), X)
        np.testing.assert_array_equal(await asyncio.to_thread(values_of, root, "nested/y"), Y)

    async def test_reading_mode_changes_nothing(
        self, archives: ArchivePort, storage: StoragePort
    ) -> None:
        await store_files(storage, archive_v2())
        before = await all_files(storage)
        root: Any = await archives.open_group(storage, "a.zarr", mode="r", consolidated=True)
        with pytest.raises(ValueError, match="read-only"):
            await asyncio.to_thread(root["x"].__setitem__, 0, 1)
        with pytest.raises(ValueError, match="read-only"):
            await asyncio.to_thread(root.create_group, "new")
        assert await all_files(storage) == before

    @FORMATS
    @pytest.mark.parametrize("mode", ["r+", "a"])
    async def test_writing_modes_change_what_is_there(
        self, archives: ArchivePort, storage: StoragePort, make: Any, mode: IOMode
    ) -> None:
        await store_files(storage, make())
        root: Any = await archives.open_group(storage, "a.zarr", mode=mode, consolidated=False)
        await asyncio.to_thread(root["x"].__setitem__, 1, [7, 8, 9])
        again = await archives.open_group(storage, "a.zarr", mode="r", consolidated=True)
        np.testing.assert_array_equal(
            (await asyncio.to_thread(values_of, again, "x"))[:3], [[0, 1, 2], [7, 8, 9], [6, 7, 8]]
        )

    @pytest.mark.parametrize("mode", ["a", "w", "w-"])
    async def test_creating_modes_make_archives_that_existing_clients_read(
        self, archives: ArchivePort, storage: StoragePort, mode: IOMode
    ) -> None:
        root = await archives.open_group(storage, "new.zarr", mode=mode, consolidated=False)
        assert root.metadata.zarr_format == 2
        await asyncio.to_thread(_write, root, "x", X)
        again = await archives.open_group(storage, "new.zarr", mode="r", consolidated=False)
        np.testing.assert_array_equal(await asyncio.to_thread(values_of, again, "x"), X)
        assert all(key.startswith("new.zarr/") for key in await all_files(storage))

    async def test_a_new_archive_can_be_consolidated(
        self, archives: ArchivePort, storage: StoragePort
    ) -> None:
        root = await archives.open_group(storage, "new.zarr", mode="w-", consolidated=False)
        await asyncio.to_thread(_write, root, "x", X)
        await asyncio.to_thread(zarr.consolidate_metadata, root.store)
        again = await archives.open_group(storage, "new.zarr", mode="r", consolidated=True)
        np.testing.assert_array_equal(await asyncio.to_thread(values_of, again, "x"), X)

    @FORMATS
    async def test_w_empties_the_archive_and_nothing_else(
        self, archives: ArchivePort, storage: StoragePort, make: Any
    ) -> None:
        await store_files(storage, make())
        await store_files(storage, {"x/0": b"1"}, "a.zarr2")
        root = await archives.open_group(storage, "a.zarr", mode="w", consolidated=False)
        assert await asyncio.to_thread(list, root) == []
        kept = await all_files(storage)
        assert "a.zarr2/x/0" in kept
        assert not any(key.startswith(("a.zarr/x", "a.zarr/nested")) for key in kept)

    @FORMATS
    async def test_w_minus_refuses_what_is_there(
        self, archives: ArchivePort, storage: StoragePort, make: Any
    ) -> None:
        await store_files(storage, make())
        before = await all_files(storage)
        with pytest.raises(ObjectExistsError, match=r"a\.zarr"):
            await archives.open_group(storage, "a.zarr", mode="w-", consolidated=False)
        assert await all_files(storage) == before

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
        assert await all_files(storage) == {}

    @pytest.mark.parametrize("mode", ["a", "w", "w-"])
    async def test_consolidated_metadata_is_for_reading(
        self, archives: ArchivePort, storage: StoragePort, mode: IOMode
    ) -> None:
        await store_files(storage, archive_v2())
        before = await all_files(storage)
        with pytest.raises(InvalidInputError, match="onsolidated"):
            await archives.open_group(storage, "a.zarr", mode=mode, consolidated=True)
        assert await all_files(storage) == before

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
        await store_files(storage, make(consolidated=False))
        with pytest.raises(InvalidDatasetError, match="as_consolidated=False"):
            await archives.open_group(storage, "a.zarr", mode="r", consolidated=True)

    @pytest.mark.parametrize(
        "damage", [b"", b"{", b"[1]", b"null", b"\xff\xfe", b'{"zarr_format": 9}']
    )
    @pytest.mark.parametrize(
        ("make", "key"),
        [(archive_v2, ".zgroup"), (archive_v2, ".zmetadata"), (archive_v3, "zarr.json")],
    )
    async def test_damaged_metadata_is_told(
        self, archives: ArchivePort, storage: StoragePort, make: Any, key: str, damage: bytes
    ) -> None:
        await store_files(storage, {**make(), key: damage})
        with pytest.raises(DamagedFileError, match=r"a\.zarr"):
            await archives.open_group(storage, "a.zarr", mode="r", consolidated=True)

    @pytest.mark.parametrize(
        "files",
        [archive_v2(compressor={"id": "nowhere"}), archive_v3(codec="nowhere")],
        ids=["v2", "v3"],
    )
    async def test_a_codec_that_the_root_needs_is_named(
        self, archives: ArchivePort, storage: StoragePort, files: Files
    ) -> None:
        await store_files(storage, files)
        with pytest.raises(InvalidZarrCodec) as caught:
            await archives.open_group(storage, "a.zarr", mode="r", consolidated=True)
        assert caught.value.codec_id == "nowhere"


def _write(root: zarr.Group, name: str, values: np.ndarray[Any, Any]) -> None:
    array = root.create_array(name, shape=values.shape, chunks=(4, 3), dtype=values.dtype)
    array[:] = values
