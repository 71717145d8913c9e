"""Write the files that cases read, once for both libraries.

Archives are written by hand: the two libraries bring different versions of zarr, and both read
format 2 with these codecs.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numcodecs import Blosc  # type: ignore[import-untyped]  # It ships no annotations.

CODEC = {"id": "blosc", "cname": "lz4", "clevel": 5, "shuffle": 1, "blocksize": 0}
CHUNK = 1000
# A file has a limited number of names.
_NAMES = 10_000


def _array(
    root: Path,
    name: str,
    shape: tuple[int, ...],
    chunk: int,
    *,
    dtype: str = "<f8",
    codec: dict[str, Any] | None = CODEC,
) -> dict[str, Any]:
    """Write the metadata of an array and return it."""
    metadata = {
        "zarr_format": 2, "shape": shape, "chunks": [chunk, *shape[1:]], "dtype": dtype,
        "compressor": codec, "fill_value": 0, "order": "C", "filters": None,
    }  # fmt: skip
    (root / name).mkdir(parents=True)
    (root / name / ".zarray").write_text(json.dumps(metadata))
    return metadata


def _consolidate(root: Path, arrays: dict[str, dict[str, Any]]) -> None:
    """Write the group and the metadata of all arrays."""
    group = {"zarr_format": 2}
    entries = {".zgroup": group} | {f"{name}/.zarray": each for name, each in arrays.items()}
    (root / ".zgroup").write_text(json.dumps(group))
    consolidated = {"zarr_consolidated_format": 1, "metadata": entries}
    (root / ".zmetadata").write_text(json.dumps(consolidated))


def columns(root: Path, size: int) -> None:
    """Write three columns of random numbers in chunks of 1,000 rows."""
    rng, codec = np.random.default_rng(0), Blosc(cname="lz4", clevel=5, shuffle=1)
    arrays = {}
    for name in "abc":
        arrays[name] = _array(root, name, (size,), CHUNK)
        for chunk in range(-(-size // CHUNK)):
            (root / name / str(chunk)).write_bytes(codec.encode(rng.random(CHUNK)))
    _consolidate(root, arrays)


def wide(root: Path, size: int) -> None:
    """Write rows of 8 KB, 2.5 million of which are 20 GB, and a column of single numbers.

    The chunks of the wide column are one file under many names, so that the archive is small on
    the disk, and is read and decoded in full length all the same.
    """
    arrays = {
        "x": _array(root, "x", (size, 1000), CHUNK),
        "y": _array(root, "y", (size,), 100 * CHUNK),
    }
    _consolidate(root, arrays)
    values = np.tile(np.arange(1000.0), (CHUNK, 1))
    encoded = Blosc(cname="lz4", clevel=5, shuffle=1).encode(values)
    first = root / "x" / "0.0"
    for number in range(-(-size // CHUNK)):
        target = root / "x" / f"{number}.0"
        if number % _NAMES == 0:
            target.write_bytes(encoded)
            first = target
        else:
            os.link(first, target)


def files_of_1_kb(root: Path, size: int) -> None:
    """Write an archive of so many files of 1 KiB."""
    _files(root, size, 1024)


def files_of_100_kb(root: Path, size: int) -> None:
    """Write an archive of so many files of 100 KB."""
    _files(root, size, 100_000)


def _files(root: Path, size: int, length: int) -> None:
    shape = (size, length)
    _consolidate(root, {"a": _array(root, "a", shape, 1, dtype="|u1", codec=None)})
    rng = np.random.default_rng(0)
    for number in range(size):
        (root / "a" / f"{number}.0").write_bytes(rng.bytes(length))


def split(root: Path, size: int) -> None:
    """Write two columns of zeros, which take no chunks, and a random split of the rows, 4 to 1."""
    from pyroaring import BitMap

    arrays = {name: _array(root, name, (size,), 100_000, dtype="<f4", codec=None) for name in "xy"}
    _consolidate(root, arrays)
    rng, block = np.random.default_rng(0), 2**22
    training, test = BitMap(), BitMap()
    for start in range(0, size, block):
        rows = np.arange(start, min(start + block, size), dtype=np.uint32)
        chosen = rng.random(len(rows)) < 0.8
        training.update(rows[chosen].tolist())
        test.update(rows[~chosen].tolist())
    for name, part in (("training", training), ("test", test)):
        (root.parent / f"{name}.roaring").write_bytes(part.serialize())


WRITERS: dict[str, Callable[[Path, int], None]] = {
    writer.__name__: writer for writer in (columns, wide, files_of_1_kb, files_of_100_kb, split)
}


def write(kind: str, folder: Path, size: int) -> Path:
    """Write files of a kind, unless they are there already, and return their folder."""
    target = folder / f"{kind}-{size}"
    if not target.exists():
        WRITERS[kind](target / "data.zarr", size)
    return target


if __name__ == "__main__":
    import sys

    print(write(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
