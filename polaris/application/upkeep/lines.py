"""Files of JSON objects, one a line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from polaris.errors import DamagedFileError

__all__ = ["lines_of", "text_of"]


def text_of(value: Mapping[str, Any]) -> bytes:
    """Return a JSON object as a line."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def lines_of(data: bytes) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects of lines.

    Raises:
        DamagedFileError: A line is none.
    """
    for number, line in enumerate(data.split(b"\n"), start=1):
        if not line:
            continue
        try:
            value = json.loads(line)
        except ValueError as cause:
            raise DamagedFileError(f"Line {number} of the backup is not JSON: {cause}") from cause
        if not isinstance(value, dict):
            raise DamagedFileError(f"Line {number} of the backup is not a JSON object")
        yield value
