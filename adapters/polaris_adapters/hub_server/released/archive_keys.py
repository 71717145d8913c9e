"""Which objects the consolidated metadata of a Zarr archive of format 2 promises."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

from polaris.errors import InvalidInputError

__all__ = ["consolidated_keys"]

# More chunks than these nobody uploads one by one.
_MOST = 1_000_000


def consolidated_keys(metadata: bytes) -> list[str]:
    """Return the keys of an archive's metadata and of all its chunks.

    Args:
        metadata: The content of ``.zmetadata``.

    Raises:
        InvalidInputError: It is not what it should be.
    """
    try:
        entries = {str(k): v for k, v in json.loads(metadata)["metadata"].items()}
        arrays = {k: v for k, v in entries.items() if k.rpartition("/")[2] == ".zarray"}
        total = sum(math.prod(_counts(array)) for array in arrays.values())
        if total > _MOST:
            raise ValueError(f"{total} chunks")
        keys = list(entries)
        for key, array in arrays.items():
            keys += _chunks(key.removesuffix(".zarray"), array)
    except (ValueError, KeyError, TypeError, AttributeError, ZeroDivisionError,
            RecursionError, OverflowError) as cause:  # fmt: skip
        raise InvalidInputError(
            f"The consolidated metadata cannot be understood: {cause!r:.200}",
            hint="Run zarr.consolidate_metadata on the archive, and send it again.",
        ) from cause
    return keys


def _counts(array: Mapping[str, Any]) -> list[int]:
    shape, chunks = list(array["shape"]), list(array["chunks"])
    if len(shape) != len(chunks) or not all(type(n) is int and n >= 0 for n in [*shape, *chunks]):
        raise ValueError(f"shape {shape!r:.80} with chunks {chunks!r:.80}")
    return [math.ceil(n / c) for n, c in zip(shape, chunks, strict=True)]


def _chunks(head: str, array: Mapping[str, Any]) -> Iterator[str]:
    counts = _counts(array)
    if not counts:
        return iter([f"{head}0"])
    separator = str(array.get("dimension_separator", "."))
    ranges = [range(count) for count in counts]
    return (head + separator.join(map(str, at)) for at in itertools.product(*ranges))
