"""Archives of molecules and structures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr

from polaris_adapters.chem_formats.cells import object_array
from polaris_adapters.chem_formats.registering import register_codecs
from polaris_adapters.object_store import FolderStorage
from polaris_adapters.zarr_arrays import ZarrArchives, ZarrSource
from polaris_adapters.zarr_arrays.object_types import AnyObject

register_codecs()


@pytest.fixture
def archive(tmp_path: Path) -> Callable[..., ZarrSource]:
    """Write cells to an array ``x`` with a codec, and return the archive for reading."""

    def make(cells: list[Any], codec: Any, chunk: int = 2) -> ZarrSource:
        root = zarr.open_group(str(tmp_path / "a.zarr"), mode="w", zarr_format=2)
        array = root.create_array(
            "x", shape=(len(cells),), chunks=(chunk,), dtype=AnyObject(), filters=[codec]
        )
        array[:] = object_array(cells)
        zarr.consolidate_metadata(root.store)
        return ZarrArchives().source(FolderStorage(tmp_path), "a.zarr")

    return make


@pytest.fixture
def all_rows() -> Callable[[ZarrSource], list[Any]]:
    """Return every cell of the array ``x``."""

    def read(source: ZarrSource) -> list[Any]:
        return list(source.take("x", np.arange(source.info("x").shape[0], dtype=np.int64)))

    return read
