"""Rows as lines of JSON that every database can take back."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any

from polaris.errors import DamagedFileError

__all__ = ["line_of", "rows_of"]

_BYTES = "base64"


def line_of(row: Mapping[str, Any]) -> bytes:
    """Return a row as a line; bytes become ``{"base64": …}``."""
    values = {name: _written(value) for name, value in row.items()}
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8", "surrogatepass") + b"\n"


def rows_of(data: bytes) -> Iterator[dict[str, Any]]:
    """Yield the rows that lines hold.

    Raises:
        DamagedFileError: A line is not a row.
    """
    for number, line in enumerate(data.splitlines(), start=1):
        try:
            row = json.loads(line)
            yield {name: _read(value) for name, value in row.items()}
        except (ValueError, TypeError, AttributeError) as cause:
            raise DamagedFileError(
                f"Line {number} of a table in the backup cannot be read: {cause}",
                hint="Run: polaris hub backup --verify; use another backup.",
            ) from cause


def _written(value: Any) -> Any:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {_BYTES: base64.b64encode(bytes(value)).decode()}
    return value


def _read(value: Any) -> Any:
    if isinstance(value, dict) and value.keys() == {_BYTES}:
        return base64.b64decode(value[_BYTES], validate=True)
    return value
