"""Datasets that follow from a text, which stands in them: whoever reads one knows what it must be.

The text is ``number of the client:name:count:shape``.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import zarr

from polaris.dataset import ColumnAnnotation, DatasetV1, DatasetV2

__all__ = ["SHAPES", "dataset_of", "difference"]

#: A table; a table that points into an archive; an archive; an archive of one large object.
SHAPES = {"table": 50, "pointers": 22, "archive": 22, "large": 3}
_ROWS = 12
_WIDE = 1_150_000


def _random(text: str) -> np.random.Generator:
    return np.random.default_rng(int(hashlib.sha256(text.encode()).hexdigest()[:16], 16))


def _table(text: str) -> pd.DataFrame:
    numbers = _random(text).normal(size=_ROWS)
    return pd.DataFrame({"smiles": ["C" * (i + 1) for i in range(_ROWS)], "y": numbers})


def _array(text: str) -> np.ndarray:
    is_large = text.endswith(":large")
    return _random(text).normal(size=(2, _WIDE) if is_large else (_ROWS, 32))


def dataset_of(text: str, owner: str, folder: Path) -> DatasetV1 | DatasetV2:
    """Return the dataset of a text.

    Args:
        text: See the module.
        owner: Who is to own it.
        folder: Where its archive goes, if it has one; emptied first.
    """
    _, name, _, shape = text.split(":")
    told: dict[str, Any] = {"name": name, "owner": owner, "license": "MIT", "description": text}
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if shape in ("archive", "large"):
        chunks = 2 if shape == "large" else 1
        columns = {"x": _array(text)}
        return DatasetV2.from_arrays(folder / "data.zarr", columns, chunks=chunks, **told)
    if shape == "table":
        return DatasetV1(table=_table(text), **told)
    root = zarr.open_group(str(folder / "data.zarr"), mode="w", zarr_format=2)
    array = root.create_array("x", shape=(_ROWS, 32), chunks=(1, 32), dtype="float64")
    array[:] = _array(text)
    zarr.consolidate_metadata(root.store)
    return DatasetV1(
        table=_table(text).assign(x=[f"x#{i}" for i in range(_ROWS)]),
        zarr_root_path=str(folder / "data.zarr"),
        annotations={"x": ColumnAnnotation(is_pointer=True)},
        **told,
    )


def difference(dataset: DatasetV1 | DatasetV2, *, arrays: bool = True) -> str | None:
    """Say in what a dataset differs from the one of its text; None if in nothing.

    Args:
        dataset: The dataset.
        arrays: Whether to read its archive too.
    """
    text = dataset.description
    shape = text.split(":")[-1]
    if shape not in SHAPES:
        return f"the text is {text!r}"
    if isinstance(dataset, DatasetV1):
        wanted = _table(text)
        if not dataset.table[["smiles", "y"]].equals(wanted):
            return f"the table is not that of {text}"
    if arrays and shape != "table" and not np.array_equal(dataset.zarr_root["x"][:], _array(text)):
        return f"the array is not that of {text}"
    return None
