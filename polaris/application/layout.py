"""Where the parts of an artifact lie among its objects."""

from __future__ import annotations

__all__ = ["ARCHIVE", "MANIFEST", "TABLE"]

# The table of a dataset.
TABLE = "table.parquet"
# The Zarr archive of a dataset.
ARCHIVE = "data.zarr"
# Our sha256 manifest, in the format of the `sha256sum` tool.
MANIFEST = "sha256sums.txt"
