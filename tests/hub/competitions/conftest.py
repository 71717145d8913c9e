"""A competition that is ready to be published."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr

from polaris.competition import CompetitionSpecification

ROWS = 20
# Values that would be recognised wherever they turned up.
TRUTH = 1000.5 + np.arange(ROWS) * 7.25
CLASSES = np.arange(ROWS, dtype=np.int64) * 3 + 41
LABELS = np.array([f"secret-{i}" for i in range(ROWS)], dtype=object)
TEST = [15, 12, 16, 19]


Make = Callable[..., CompetitionSpecification]


def _archive(path: Path, zarr_format: Any, shards: bool) -> None:
    root = zarr.open_group(str(path), mode="w", zarr_format=zarr_format)
    layout: dict[str, Any] = {"chunks": (3,)}
    if shards:
        layout["shards"] = (6,)
    for name, values in {
        "x": np.arange(ROWS, dtype=np.float32),
        "y": TRUTH,
        "kind": CLASSES,
    }.items():
        array = root.create_array(name, shape=(ROWS,), dtype=values.dtype, **layout)
        array[:] = values
    texts = root.create_array("label", shape=(ROWS,), dtype=str, **layout)
    texts[:] = LABELS.astype(np.dtypes.StringDType())
    zarr.consolidate_metadata(root.store)


@pytest.fixture
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    layout = getattr(request, "param", "v2")
    path = tmp_path / "source" / "data.zarr"
    with warnings.catch_warnings():
        # zarr warns that other readers may not know consolidated metadata of format 3.
        warnings.simplefilter("ignore")
        _archive(path, 2 if layout == "v2" else 3, "sharded" in layout)
    return str(path)


@pytest.fixture
def make(archive: str) -> Make:
    def build(**changes: Any) -> CompetitionSpecification:
        now = datetime.now(UTC)
        fields: dict[str, Any] = {
            "name": "the_contest",
            "owner": "acme",
            "license": "MIT",
            "zarr_root_path": archive,
            "input_cols": "x",
            "target_cols": "y",
            "metrics": ["mean_absolute_error", "r2"],
            "split": (list(range(10)), TEST),
            "start_time": now - timedelta(days=1),
            "end_time": now + timedelta(days=1),
        }
        return CompetitionSpecification(**(fields | changes))

    return build
