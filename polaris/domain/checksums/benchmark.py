"""The checksum of a benchmark."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["benchmark_checksum"]


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
    md5.update(_json(train))
    for name in sorted(tests):
        md5.update(name.encode())
        md5.update(_json(tests[name]))
    return md5.hexdigest()


def _json(indices: NDArray[Any]) -> bytes:
    """Return the sorted indices as JSON writes them, without a Python object for each."""
    return ("[" + ", ".join(np.sort(indices).astype("U20").tolist()) + "]").encode()
