"""The checksum of a benchmark."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["benchmark_checksum"]

# Indices that are texts at once.
_BLOCK = 2**16


def benchmark_checksum(
    *,
    dataset_md5: str,
    target_cols: Iterable[str],
    input_cols: Iterable[str],
    metrics: Iterable[str],
    train: NDArray[Any],
    tests: Mapping[str, NDArray[Any]],
) -> str:
    """Return the MD5 of a benchmark, 32 hex digits.

    The order of columns, metrics and indices has no influence. Names, descriptions, the main metric
    and target types are not covered.

    Args:
        dataset_md5: Checksum of its dataset.
        target_cols: Target columns.
        input_cols: Input columns.
        metrics: Checksum texts of its metrics (`Metric.checksum_text`).
        train: Row positions of the training set, shape ``(n,)``.
        tests: Row positions of each test set.
    """
    md5 = hashlib.md5(dataset_md5.encode(), usedforsecurity=False)
    for texts in (target_cols, input_cols, metrics):
        for text in sorted(texts):
            md5.update(text.encode())
    for piece in _json(train):
        md5.update(piece)
    for name in sorted(tests):
        md5.update(name.encode())
        for piece in _json(tests[name]):
            md5.update(piece)
    return md5.hexdigest()


def _json(indices: NDArray[Any]) -> Iterator[bytes]:
    """Yield the sorted indices as JSON writes them, without a text of all of them at once."""
    ordered = np.sort(indices)
    yield b"["
    for start in range(0, len(ordered), _BLOCK):
        if start:
            yield b", "
        yield ", ".join(map(str, ordered[start : start + _BLOCK].tolist())).encode()
    yield b"]"
