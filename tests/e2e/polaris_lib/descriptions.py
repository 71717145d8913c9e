"""What objects hold, as JSON that is equal on both sides exactly if the objects are."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["of_cell", "of_dtype", "of_scores", "of_table", "plain"]

# Longer ones are told by a checksum.
_LISTED = 400


def of_cell(cell: Any) -> Any:
    """Return a cell with its type, to the last bit."""
    if type(cell) is str:
        return cell
    if cell is None or (type(cell) is float and math.isnan(cell)):
        # pandas reads a column of texts as one of its own, in which None is NaN.
        return "missing"
    if cell is pd.NA or cell is pd.NaT:
        return repr(cell)
    if isinstance(cell, np.ndarray):
        return _of_array(cell)
    if isinstance(cell, tuple):
        return ["tuple", *map(of_cell, cell)]
    if type(cell).__module__.startswith("zarr"):
        # polaris-lib gives the members of a group unread.
        return of_cell(cell[...])
    if isinstance(cell, Mapping):
        return {str(key): of_cell(value) for key, value in cell.items()}
    if hasattr(cell, "GetAtoms"):
        from rdkit import Chem

        return ["molecule", Chem.MolToSmiles(cell), cell.GetPropsAsDict(False, False)]
    if hasattr(cell, "coord"):
        return ["structure", cell.coord.tolist(), cell.element.tolist()]
    if isinstance(cell, (np.datetime64, np.timedelta64)):
        return [type(cell).__name__, str(cell), str(cell.dtype)]
    if isinstance(cell, (float, np.floating)):
        # The sign of NaN is not kept by anybody.
        return [type(cell).__name__, "nan" if math.isnan(cell) else float(cell).hex()]
    if isinstance(cell, bytes):
        return ["bytes", cell.hex()]
    if isinstance(cell, str):
        return str(cell)
    return [type(cell).__name__, str(cell)]


def _of_array(cells: np.ndarray[Any, Any]) -> Any:
    dtype = "objects" if cells.dtype.kind in "OT" else str(cells.dtype)
    if cells.dtype.kind in "biu":
        return [dtype, list(cells.shape), _listed(cells.ravel().tolist())]
    return [dtype, list(cells.shape), _listed([of_cell(cell) for cell in cells.ravel()])]


def _listed(cells: list[Any]) -> Any:
    if len(cells) <= _LISTED:
        return cells
    return [len(cells), hashlib.sha256(json.dumps(cells).encode()).hexdigest()]


def of_table(table: pd.DataFrame) -> dict[str, Any]:
    """Return a table: its columns in order with their types, its labels, its cells."""
    return {
        "columns": list(table.columns),
        "dtypes": [of_dtype(dtype) for dtype in table.dtypes],
        "label name": table.index.name,
        "labels": _listed([of_cell(label) for label in table.index]),
        "cells": [_listed([of_cell(c) for c in table[name].tolist()]) for name in table.columns],
    }


def of_dtype(dtype: Any) -> str:
    """Return a type as text."""
    if isinstance(dtype, pd.CategoricalDtype):
        return f"category {list(dtype.categories)} {dtype.ordered}"
    # pandas reads a column of texts as one of its own, even if it was written as one of objects.
    return "object" if str(dtype) == "str" else str(dtype)


def of_scores(table: pd.DataFrame) -> dict[str, float | str]:
    """Return scores by test set, target and metric; what is not finite as a text."""
    return {
        f"{test} | {target} | {metric}": float(score) if np.isfinite(score) else str(float(score))
        for test, target, metric, score in table[
            ["Test set", "Target label", "Metric", "Score"]
        ].itertuples(index=False)
    }


def plain(value: Any) -> Any:
    """Return a value of a document as JSON has it."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value if isinstance(value, (bool, int, float, str, type(None))) else str(value)
