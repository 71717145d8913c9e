"""Where the parts of an artifact lie among its objects."""

from __future__ import annotations

__all__ = ["ARCHIVE", "EXAMPLES", "MANIFEST", "PREDICTIONS", "TABLE", "TARGETS", "ZARR_MANIFEST"]

# The table of a dataset.
TABLE = "table.parquet"
# The Zarr archive of a dataset.
ARCHIVE = "data.zarr"
# The paths and MD5 sums of the files of an archive that is a dataset by itself.
ZARR_MANIFEST = "zarr_manifest.parquet"
# The predictions that are kept with results.
EXAMPLES = "examples.parquet"
# Our sha256 manifest, in the format of the `sha256sum` tool.
MANIFEST = "sha256sums.txt"
# The Zarr archive of submitted predictions.
PREDICTIONS = "predictions.zarr"
# The Zarr archive of the true targets of a competition, in the hidden area of a hub.
TARGETS = "targets.zarr"
