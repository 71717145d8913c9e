"""Cases with datasets that are archives; see `case.py`.

Archives are written by hand, since the two environments have different versions of zarr.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numcodecs import Blosc  # type: ignore[import-untyped]  # It ships no annotations.

if TYPE_CHECKING:
    from polaris.dataset import DatasetV2

Case = tuple[Callable[[], object], float]

CODEC = {"id": "blosc", "cname": "lz4", "clevel": 5, "shuffle": 1, "blocksize": 0}
CHUNK = 1000


def column(root: Path, name: str, shape: tuple[int, ...], chunk: int) -> dict[str, Any]:
    """Write the metadata of an array of floats and return it."""
    metadata = {
        "zarr_format": 2, "shape": shape, "chunks": [chunk, *shape[1:]], "dtype": "<f8",
        "compressor": CODEC, "fill_value": 0, "order": "C", "filters": None,
    }  # fmt: skip
    (root / name).mkdir(parents=True)
    (root / name / ".zarray").write_text(json.dumps(metadata))
    return metadata


def consolidate(root: Path, arrays: dict[str, dict[str, Any]]) -> None:
    """Write the group and the metadata of all arrays."""
    group = {"zarr_format": 2}
    entries = {".zgroup": group} | {f"{name}/.zarray": each for name, each in arrays.items()}
    (root / ".zgroup").write_text(json.dumps(group))
    consolidated = {"zarr_consolidated_format": 1, "metadata": entries}
    (root / ".zmetadata").write_text(json.dumps(consolidated))


def three_columns(root: Path, size: int) -> None:
    """Write three columns of random numbers in chunks of 1,000 rows."""
    rng, codec = np.random.default_rng(0), Blosc(cname="lz4", clevel=5, shuffle=1)
    arrays = {}
    for name in "abc":
        arrays[name] = column(root, name, (size,), CHUNK)
        for chunk in range(-(-size // CHUNK)):
            (root / name / str(chunk)).write_bytes(codec.encode(rng.random(CHUNK)))
    consolidate(root, arrays)


def opener(size: int) -> Callable[[], DatasetV2]:
    """Return what opens a dataset of three columns anew, so that nothing is kept from before."""
    from polaris.dataset import DatasetV2

    folder = tempfile.TemporaryDirectory()
    three_columns(Path(folder.name) / "data.zarr", size)

    def opened() -> DatasetV2:
        return DatasetV2(name="bench_data", zarr_root_path=f"{folder.name}/data.zarr")

    return opened


def v2_rows(size: int, rows: int) -> Case:
    opened = opener(size)

    def run() -> object:
        data = opened()
        return sum(len(data[row]) for row in range(rows))

    return run, size / rows


def v2_cells(size: int, rows: int) -> Case:
    opened = opener(size)

    def run() -> object:
        data = opened()
        return [data.get_data(row, name) for row in range(rows) for name in "abc"]

    return run, size / rows


def v2_subset(size: int, rows: int) -> Case:
    from polaris.dataset import Subset

    opened = opener(size)

    def run() -> object:
        subset = Subset(opened(), np.arange(rows), ["a", "b"], ["c"])
        return sum(1 for _ in subset)

    return run, size / rows


def v2_batches(size: int, rows: int) -> Case:
    opened = opener(size)

    def run() -> object:
        data = opened()
        if hasattr(data, "batches"):
            return sum(len(batch["a"]) for batch in data.batches(128))
        # What comes nearest to it there.
        return sum(
            len([data.get_data(slice(start, start + 128), name) for name in "abc"])
            for start in range(0, rows, 128)
        )

    return run, size / rows


def v2_shuffled(size: int, rows: int) -> Case:
    opened = opener(size)
    order = np.random.default_rng(0).permutation(size)[:rows]

    def run() -> object:
        data = opened()
        if hasattr(data, "batches"):
            return sum(len(batch["a"]) for batch in data.batches(128, seed=0))
        return sum(len(data[int(row)]) for row in order)

    return run, size / rows


def manifest(size: int, rows: int) -> Case:
    from polaris.dataset import DatasetV2

    folder = tempfile.TemporaryDirectory()
    root = Path(folder.name) / "data.zarr"
    consolidate(root, {"a": column(root, "a", (size,), 1)})
    blob = np.random.default_rng(0).bytes(100_000)
    for number in range(size):
        (root / "a" / str(number)).write_bytes(blob)

    def run() -> object:
        assert folder
        return DatasetV2(name="bench_data", zarr_root_path=str(root)).zarr_manifest_path

    return run, 1.0


def v2_large(size: int, rows: int) -> Case:
    """Rows of 8 KB: 2.5 million of them are 20 GB. Their chunks are one file under many names."""
    from polaris.dataset import DatasetV2

    folder = tempfile.TemporaryDirectory()
    root = Path(folder.name) / "data.zarr"
    arrays = {
        "x": column(root, "x", (size, 1000), CHUNK),
        "y": column(root, "y", (size,), 100 * CHUNK),
    }
    consolidate(root, arrays)
    first = root / "x" / "0.0"
    values = np.tile(np.arange(1000.0), (CHUNK, 1))
    encoded = Blosc(cname="lz4", clevel=5, shuffle=1).encode(values)
    for number in range(-(-size // CHUNK)):
        target = root / "x" / f"{number}.0"
        # A file has a limited number of names.
        if number % 10_000 == 0:
            target.write_bytes(encoded)
            first = target
        else:
            os.link(first, target)
    data = DatasetV2(name="bench_data", zarr_root_path=str(root))

    def run() -> object:
        assert folder
        total = 0.0
        for batch in data.batches(1000):
            total += float(batch["x"][0, -1]) * len(batch["y"])
        assert total == 999.0 * size
        return total

    return run, 1.0


CASES = {
    case.__name__: case
    for case in (
        v2_rows, v2_cells, v2_subset, v2_batches, v2_shuffled, manifest, v2_large,
    )
}  # fmt: skip
