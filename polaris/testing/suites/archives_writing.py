"""What adding arrays to an archive with an `ArchivePort` promises."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from polaris.errors import InvalidDatasetError
from polaris.ports.archives import ArchivePort
from polaris.ports.storage import StoragePort
from polaris.testing.suites.archives_samples import (
    FORMATS,
    X,
    all_files,
    archive_v2,
    store_files,
    values_of,
)

__all__ = ["ArchivesWritingSuite"]


def _texts(*texts: bytes) -> NDArray[Any]:
    found = np.empty(len(texts), dtype=object)
    found[:] = texts
    return found


class ArchivesWritingSuite:
    """Adding arrays to an archive; part of `ArchivesSuite`."""

    async def test_a_writer_makes_the_archive_when_it_is_first_used(
        self, archives: ArchivePort, storage: StoragePort
    ) -> None:
        writer = archives.writer(storage, "new.zarr")
        assert await all_files(storage) == {}
        assert await asyncio.to_thread(writer.names) == []
        assert await all_files(storage)

    async def test_rows_go_on_where_the_last_ones_ended(
        self, archives: ArchivePort, storage: StoragePort
    ) -> None:
        writer = archives.writer(storage, "a.zarr")
        assert await asyncio.to_thread(writer.append, "x", X) == 0
        assert await asyncio.to_thread(writer.append, "x", X[:3]) == 10
        again = archives.writer(storage, "a.zarr")
        assert await asyncio.to_thread(again.append, "x", X[3:4]) == 13
        values = await asyncio.to_thread(values_of, again.group, "x")
        np.testing.assert_array_equal(values, np.concatenate([X, X[:3], X[3:4]]))

    @pytest.mark.parametrize(
        "values",
        [
            np.array([True, False]),
            np.array(["\u00e9", "four"], dtype="U4"),
            np.zeros((2, 0, 3), dtype="<f4"),
            np.array([], dtype="<i8"),
            _texts(b"", b"\x00one"),
        ],
        ids=["bool", "text", "no elements", "no rows", "bytes"],
    )
    async def test_what_was_written_is_read(
        self, archives: ArchivePort, storage: StoragePort, values: NDArray[Any]
    ) -> None:
        writer = archives.writer(storage, "a.zarr")
        await asyncio.to_thread(writer.append, "group/inner/x", values)
        await asyncio.to_thread(writer.consolidate)
        source = archives.source(storage, "a.zarr")
        rows = np.arange(len(values), dtype=np.int64)
        found = await asyncio.to_thread(source.take, "group/inner/x", rows)
        assert found.tolist() == values.tolist()
        assert found.dtype == values.dtype
        assert await asyncio.to_thread(writer.names) == ["group"]

    @pytest.mark.parametrize(
        ("chunks", "expected"),
        [((2,), (2, 3)), ((None, 1), (10, 1)), ((4, None), (4, 3)), (None, (10, 3))],
    )
    async def test_chunks_are_those_that_are_asked_for(
        self, archives: ArchivePort, storage: StoragePort, chunks: Any, expected: tuple[int, int]
    ) -> None:
        writer = archives.writer(storage, "a.zarr")
        await asyncio.to_thread(lambda: writer.append("x", X, chunks=chunks))
        assert (
            await asyncio.to_thread(lambda: archives.source(storage, "a.zarr").info("x").chunks)
            == expected
        )

    @pytest.mark.parametrize(
        ("path", "values", "chunks"),
        [
            ("x", X.astype("<f8"), None),
            ("x", X[:, :2], None),
            ("nested", X, None),
            ("new", np.float64(1), None),
            ("new", np.array([b"bytes", "text"], dtype=object), None),
            ("new", X, (0,)),
            ("new", X, (1, 1, 1)),
        ],
    )
    async def test_rows_that_do_not_fit_are_refused(
        self, archives: ArchivePort, storage: StoragePort, path: str, values: Any, chunks: Any
    ) -> None:
        await store_files(storage, archive_v2())
        before = await all_files(storage)
        writer = archives.writer(storage, "a.zarr")
        with pytest.raises(InvalidDatasetError) as caught:
            await asyncio.to_thread(lambda: writer.append(path, np.asarray(values), chunks=chunks))
        assert caught.value.hint
        assert await all_files(storage) == before

    @FORMATS
    async def test_another_archives_array_is_copied_and_continued(
        self, archives: ArchivePort, storage: StoragePort, make: Any
    ) -> None:
        await store_files(storage, make(), "other.zarr")
        before = await all_files(storage)
        source = archives.source(storage, "other.zarr")
        writer = archives.writer(storage, "a.zarr")
        assert await asyncio.to_thread(writer.append_from, source, "x") == 0
        assert await asyncio.to_thread(writer.append_from, source, "x") == 10
        values = await asyncio.to_thread(values_of, writer.group, "x")
        np.testing.assert_array_equal(values, np.concatenate([X, X]))
        written = archives.source(storage, "a.zarr")
        assert (await asyncio.to_thread(written.info, "x")).chunks == (4, 3)
        after = await all_files(storage)
        assert {key: after[key] for key in before} == before

    async def test_what_is_removed_is_gone_and_the_rest_is_not(
        self, archives: ArchivePort, storage: StoragePort
    ) -> None:
        await store_files(storage, archive_v2(consolidated=False))
        writer = archives.writer(storage, "a.zarr")
        for _ in range(2):
            await asyncio.to_thread(writer.remove, "nested")
        assert await asyncio.to_thread(writer.names) == ["x"]
        assert not any("nested" in key for key in await all_files(storage))
        np.testing.assert_array_equal(await asyncio.to_thread(values_of, writer.group, "x"), X)

    async def test_consolidated_metadata_names_what_was_written(
        self, archives: ArchivePort, storage: StoragePort
    ) -> None:
        writer = archives.writer(storage, "a.zarr")
        await asyncio.to_thread(writer.append, "group/x", X)
        await asyncio.to_thread(writer.consolidate)
        root = await archives.open_group(storage, "a.zarr", mode="r", consolidated=True)
        np.testing.assert_array_equal(await asyncio.to_thread(values_of, root, "group/x"), X)
