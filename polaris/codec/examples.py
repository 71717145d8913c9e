"""Predictions of single rows as a parquet file.

A row of the file is a row of a test set: its columns are ``test_set``, ``row`` (the place in the
test set, from 0), and for each target ``y_pred/…``, ``y_prob/…`` or both. There are no true values.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from polaris.domain.examples import Examples
from polaris.domain.predictions import BenchmarkPredictions, parse_sizes
from polaris.errors import DamagedFileError, InvalidInputError, InvalidResultError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["decode_examples", "encode_examples"]

_KEY = b"polaris.examples"
_VERSION = 1


def encode_examples(examples: Examples) -> bytes:
    """Return predictions as parquet; the same ones give the same bytes.

    Raises:
        InvalidResultError: They are something that parquet cannot hold, such as molecules.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    sizes = examples.test_set_sizes
    columns: dict[str, Any] = {
        "test_set": pa.array(np.repeat(np.array(list(sizes), dtype=object), list(sizes.values()))),
        "row": pa.array(np.concatenate([np.arange(size) for size in sizes.values()])),
    }
    for name, values in examples.given.items():
        for target in examples.target_labels:
            parts = [values.predictions[test][target] for test in sizes]
            columns[f"{name}/{target}"] = _column(parts, f"{name} of {target!r}")
    described = {
        "version": _VERSION,
        "test_set_sizes": sizes,
        "target_labels": examples.target_labels,
        "given": list(examples.given),
    }
    table = pa.table(columns).replace_schema_metadata({_KEY: json.dumps(described).encode()})
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()


def _column(parts: list[NDArray[Any]], what: str) -> pa.Array:
    import pyarrow as pa

    try:
        joined = np.concatenate(parts)
        if joined.ndim == 1:
            return pa.array(joined)
        if joined.ndim == 2 and joined.dtype.kind in "biuf":
            return pa.FixedSizeListArray.from_arrays(pa.array(joined.ravel()), joined.shape[1])
    except (pa.ArrowException, ValueError, TypeError) as cause:
        raise _refused(what) from cause
    raise _refused(what)


def _refused(what: str) -> InvalidResultError:
    return InvalidResultError(
        f"The predictions cannot be kept in a file: {what} are neither numbers nor texts",
        hint="Drop them with results.examples = None; the scores stay.",
    )


def decode_examples(data: bytes, *, source: str) -> Examples:
    """Return the predictions that a parquet file holds.

    Args:
        data: The file's content.
        source: Where it came from, for errors.

    Raises:
        DamagedFileError: It is not such a file, or cut, or altered.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(io.BytesIO(data))
        described = json.loads((table.schema.metadata or {})[_KEY])
        if described["version"] != _VERSION:
            raise DamagedFileError(
                f"{source} holds predictions of version {described['version']}",
                hint="A newer version of this library may read it.",
            )
        given = {name: _predictions(table, name, described) for name in described["given"]}
        return Examples(given.get("y_pred"), given.get("y_prob"))
    except (
        pa.ArrowException,
        OSError,
        ValueError,
        KeyError,
        TypeError,
        InvalidInputError,
    ) as cause:
        if isinstance(cause, DamagedFileError):
            raise
        raise DamagedFileError(
            f"{source} is not a readable file of predictions: {cause}",
            hint="Restore the file, or evaluate the predictions again.",
        ) from cause


def _predictions(table: pa.Table, name: str, described: Mapping[str, Any]) -> BenchmarkPredictions:
    sizes = parse_sizes(described["test_set_sizes"])
    bounds = np.cumsum(list(sizes.values()))
    found: dict[str, dict[str, NDArray[Any]]] = {test: {} for test in sizes}
    for target in described["target_labels"]:
        values = _array(table.column(f"{name}/{target}").combine_chunks())
        if len(values) != bounds[-1]:
            raise ValueError(f"there are {len(values)} rows for {bounds[-1]}")
        for test, part in zip(sizes, np.split(values, bounds[:-1]), strict=True):
            found[test][target] = part
    return BenchmarkPredictions(
        predictions=found,
        target_labels=described["target_labels"],
        test_set_labels=list(sizes),
        test_set_sizes=sizes,
    )


def _array(column: pa.Array) -> NDArray[Any]:
    width = getattr(column.type, "list_size", None)
    if width is None:
        return np.asarray(column.to_numpy(zero_copy_only=False))
    return np.asarray(column.flatten().to_numpy(zero_copy_only=False)).reshape(-1, width)
