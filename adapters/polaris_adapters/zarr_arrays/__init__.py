"""Zarr archives in any `StoragePort`, read and written with zarr 3."""

from __future__ import annotations

from polaris_adapters.zarr_arrays.archives import ZarrArchives
from polaris_adapters.zarr_arrays.source import ZarrSource
from polaris_adapters.zarr_arrays.store import StoragePortStore

__all__ = ["StoragePortStore", "ZarrArchives", "ZarrSource"]
