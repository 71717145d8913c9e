"""JSON text that is the same for the same value, and errors that say where it is broken."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from polaris.errors import DamagedFileError, InvalidInputError

__all__ = ["dumps", "loads"]


def dumps(value: Any, *, indent: int | None = None) -> str:
    """Return a value as JSON; keys keep the order that they have.

    Raises:
        InvalidInputError: It holds something that JSON cannot, such as NaN, or half of a character.
    """
    separators = (",", ":") if indent is None else (",", ": ")
    try:
        text = json.dumps(
            value, indent=indent, separators=separators, ensure_ascii=False, allow_nan=False
        )
        text.encode()
    except UnicodeEncodeError as cause:
        raise InvalidInputError(
            f"The value cannot be written as JSON: {cause.reason}",
            hint="Leave lone surrogates, which are halves of characters, out of its texts.",
        ) from cause
    except (ValueError, TypeError, RecursionError) as cause:
        raise InvalidInputError(
            f"The value cannot be written as JSON: {cause}",
            hint="JSON has no NaN and no infinity; leave such values out.",
        ) from cause
    return text


def loads(data: bytes | str, *, source: str) -> dict[str, Any]:
    """Return the JSON object that a text holds.

    Args:
        data: The text.
        source: Where it came from, for errors.

    Raises:
        DamagedFileError: It is not JSON, or not an object; line and column are named.
    """
    try:
        value = json.loads(data)
    except json.JSONDecodeError as cause:
        raise DamagedFileError(
            f"{source} is not JSON: {cause.msg} at line {cause.lineno}, column {cause.colno}",
            hint="Restore the file, or write it again.",
        ) from cause
    except (ValueError, RecursionError) as cause:
        # Not UTF-8, a number of thousands of digits, or brackets nested too deep.
        raise DamagedFileError(
            f"{source} is not JSON: {type(cause).__name__}",
            hint="Restore the file, or write it again.",
        ) from cause
    if not isinstance(value, Mapping):
        raise DamagedFileError(
            f"{source} holds a JSON {type(value).__name__}, not an object",
            hint="Give the document that to_json wrote.",
        )
    return dict(value)
