"""The newer address of `polaris.dataset.zarr`."""

from __future__ import annotations

from polaris.hub.archives import (
    ZarrFileChecksum,
    compute_zarr_checksum,
    generate_zarr_manifest,
    write_archive,
)

__all__ = [
    "ZarrFileChecksum",
    "compute_zarr_checksum",
    "generate_zarr_manifest",
    "write_archive",
]
