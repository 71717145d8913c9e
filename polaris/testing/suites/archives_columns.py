"""What writing a new archive of columns promises."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from polaris.application.loop_thread import run_blocking
from polaris.domain.arrays import ArrayLayout
from polaris.errors import InvalidDatasetError, ObjectExistsError
from polaris.ports.archives import ArchivePort
from polaris.ports.storage import StoragePort
from polaris.testing.suites.archives_samples import all_files, archive_v2, store_files

__all__ = ["ArchivesColumnsSuite"]

X = np.arange(300, dtype="<f4").reshape(100, 3)
TEXTS = np.array([f"text {i} é" for i in range(100)])
LAYOUTS = pytest.mark.parametrize(
    "layout",
    [
        ArrayLayout(),
        ArrayLayout(chunks=7),
        ArrayLayout(zarr_format=3, chunks={"x": 9}),
        ArrayLayout(zarr_format=3, shards=True),
        ArrayLayout(zarr_format=3, chunks=5, shards=23),
    ],
    ids=["v2", "v2-chunks", "v3", "v3-shards", "v3-shards-of-23"],
)


def _blocks(values: NDArray[Any], rows: int) -> Iterator[NDArray[Any]]:
    for start in range(0, len(values), rows):
        yield values[start : start + rows]


class ArchivesColumnsSuite:
    """Writing a new archive of columns, by blocking calls; part of `ArchivesSuite`."""

    @LAYOUTS
    def test_columns_are_read_back(
        self, archives: ArchivePort, storage: StoragePort, layout: ArrayLayout
    ) -> None:
        columns = {"x": X, "blocks": _blocks(X, 11), "text": TEXTS, "flag": X[:, 0] > 9}
        if layout.zarr_format == 2:
            columns["bytes"] = np.array([b"a" * i for i in range(100)], dtype=object)
        archives.write_columns(storage, "a.zarr", columns, layout)
        source = archives.source(storage, "a.zarr")
        assert source.is_consolidated
        assert [info.path for info in source.arrays()] == sorted(columns)
        rows = np.array([99, 0, 50, 50], dtype=np.int64)
        for path, values in {**columns, "blocks": X}.items():
            found = source.take(path, rows)
            assert found.tolist() == np.asarray(values)[rows].tolist(), path

    def test_chunks_are_as_long_as_asked_for(
        self, archives: ArchivePort, storage: StoragePort
    ) -> None:
        layout = ArrayLayout(chunks={"x": 7})
        archives.write_columns(storage, "a.zarr", {"x": X, "y": X}, layout)
        source = archives.source(storage, "a.zarr")
        assert source.info("x").chunks == (7, 3)
        assert source.info("y").chunks[1:] == (3,)

    def test_a_shard_is_one_object(self, archives: ArchivePort, storage: StoragePort) -> None:
        layout = ArrayLayout(zarr_format=3, chunks=10, shards=50)
        archives.write_columns(storage, "a.zarr", {"x": X}, layout)
        files = run_blocking(all_files(storage, "a.zarr"))
        assert sum(key.startswith("a.zarr/x/c/") for key in files) == 2

    def test_nothing_is_written_over(self, archives: ArchivePort, storage: StoragePort) -> None:
        run_blocking(store_files(storage, archive_v2()))
        before = run_blocking(all_files(storage))
        with pytest.raises(ObjectExistsError):
            archives.write_columns(storage, "a.zarr", {"x": X}, ArrayLayout())
        assert run_blocking(all_files(storage)) == before

    @pytest.mark.parametrize(
        "columns",
        [
            {"x": X, "y": X[:50]},
            {"x": [X[:30], X[30:]], "y": [X[:30], X[30:50]]},
            {"x/y": X},
            {"": X},
            {".x": X},
            {"__index__": X},
            {"x": []},
            {"x": np.float64(3)},
            {"x": [X, X[:, :2]]},
            {"x": np.array(["text", 3, None], dtype=object)},
        ],
        ids=[f"case{number}" for number in range(10)],
    )
    def test_columns_that_cannot_be_stored_leave_nothing(
        self, archives: ArchivePort, storage: StoragePort, columns: Any
    ) -> None:
        with pytest.raises(InvalidDatasetError):
            archives.write_columns(storage, "a.zarr", columns, ArrayLayout())
        assert run_blocking(all_files(storage)) == {}

    def test_bytes_of_any_length_need_format_2(
        self, archives: ArchivePort, storage: StoragePort
    ) -> None:
        columns = {"x": np.array([b"", b"a"], dtype=object)}
        with pytest.raises(InvalidDatasetError, match="zarr_format=2"):
            archives.write_columns(storage, "a.zarr", columns, ArrayLayout(zarr_format=3))

    def test_an_archive_without_rows_or_columns(
        self, archives: ArchivePort, storage: StoragePort
    ) -> None:
        archives.write_columns(storage, "none.zarr", {}, ArrayLayout())
        assert archives.source(storage, "none.zarr").arrays() == ()
        archives.write_columns(storage, "empty.zarr", {"x": X[:0]}, ArrayLayout())
        assert archives.source(storage, "empty.zarr").info("x").shape == (0, 3)
