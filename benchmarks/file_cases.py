"""Cases that hash the files of archives; see `case.py`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmarks.job import Case, Job
else:
    from job import Case, Job


def _manifest(folder: Path, size: int, rows: int) -> Job:
    from polaris.dataset import DatasetV2

    root = str(folder / "data.zarr")
    return Job(
        lambda: DatasetV2(name="bench", zarr_root_path=root).zarr_manifest_path, _manifest_rows
    )


def _manifest_rows(path: str) -> list[list[str]]:
    """Return what a manifest says, whatever the order of its rows."""
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    return sorted([row["path"], row["md5_checksum"]] for row in table.to_pylist())


def _digest(folder: Path, size: int, rows: int) -> Job:
    from polaris.dataset.zarr import compute_zarr_checksum

    root = str(folder / "data.zarr")
    return Job(lambda: compute_zarr_checksum(root), _digest_and_files)


def _digest_and_files(found: Any) -> list[Any]:
    digest, files = found
    sums = sorted([str(file.path), file.md5sum, file.size] for file in files)
    return [digest.digest, sums]


CASES = {
    "manifest_100_kb": Case(_manifest, "files_of_100_kb"),
    "manifest_1_kb": Case(_manifest, "files_of_1_kb"),
    "digest_100_kb": Case(_digest, "files_of_100_kb"),
    "digest_1_kb": Case(_digest, "files_of_1_kb"),
}
