"""The manifest of a Zarr archive as the Hub keeps it: a parquet file of paths and MD5 sums.

The released clients write its rows in the order in which a disk lists its folders, so that two
manifests of one archive differ. Ours are sorted.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from operator import attrgetter

from polaris.domain.checksums.archive import FileChecksum
from polaris.errors import DamagedFileError

__all__ = ["decode_zarr_manifest", "encode_zarr_manifest"]


def encode_zarr_manifest(files: Iterable[FileChecksum]) -> bytes:
    """Return the manifest of an archive's files as parquet."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = sorted(files, key=attrgetter("path"))
    columns = {
        "path": pa.array([file.path for file in rows], pa.string()),
        "md5_checksum": pa.array([file.md5sum for file in rows], pa.string()),
    }
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


def decode_zarr_manifest(data: bytes, *, source: str) -> list[tuple[str, str]]:
    """Return the rows of a manifest, path and MD5, in the order of the file.

    Args:
        data: The file's content.
        source: Where it came from, for errors.

    Raises:
        DamagedFileError: It is not a manifest.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(io.BytesIO(data), columns=["path", "md5_checksum"])
        paths, sums = table["path"].to_pylist(), table["md5_checksum"].to_pylist()
    except (pa.ArrowException, OSError, ValueError, KeyError) as cause:
        raise DamagedFileError(
            f"{source} is not the manifest of a Zarr archive: {cause}",
            hint="Restore the file, or fetch the dataset again.",
        ) from cause
    return list(zip(paths, sums, strict=True))
