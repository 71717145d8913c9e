"""Which files a Zarr archive of format 2 can have, as its consolidated metadata tells."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from polaris.errors import DamagedFileError

__all__ = ["archive_keys"]

_BATCH = 512


def archive_keys(metadata: bytes, *, source: str) -> Iterator[Sequence[str]]:
    """Yield the keys of an archive's metadata and of all its possible chunks, in batches.

    A chunk that holds nothing but the fill value need not be there.

    Args:
        metadata: The content of ``.zmetadata``.
        source: Where that is from, for errors.

    Raises:
        DamagedFileError: It is not what it should be.
    """
    try:
        found = json.loads(metadata)["metadata"]
        entries = {str(key): value for key, value in found.items()}
        keys = itertools.chain(
            [".zmetadata", *entries],
            *(
                _chunks(key.removesuffix(".zarray"), value)
                for key, value in entries.items()
                if key.rpartition("/")[2] == ".zarray"
            ),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as cause:
        raise DamagedFileError(
            f"{source} cannot be decoded: {cause!r}",
            hint="Its publisher has to run zarr.consolidate_metadata on it.",
        ) from cause
    while batch := list(itertools.islice(keys, _BATCH)):
        yield batch


def _chunks(head: str, array: Mapping[str, Any]) -> Iterator[str]:
    shape, chunks = list(array["shape"]), list(array["chunks"])
    separator = str(array.get("dimension_separator", "."))
    if len(shape) != len(chunks) or not all(isinstance(n, int) for n in [*shape, *chunks]):
        raise ValueError(f"shape {shape} with chunks {chunks}")
    if not shape:
        return iter([f"{head}0"])
    counts = [range(math.ceil(n / c)) for n, c in zip(shape, chunks, strict=True)]
    return (head + separator.join(map(str, at)) for at in itertools.product(*counts))
