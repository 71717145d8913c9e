"""MD5 as the Hub writes it: 32 lower-case hex digits."""

from __future__ import annotations

import re

from polaris.errors import InvalidInputError

__all__ = ["check_md5"]

_MD5 = re.compile(r"[0-9a-f]{32}")


def check_md5(value: str) -> str:
    """Return an MD5 text unchanged.

    Raises:
        InvalidInputError: It is not 32 lower-case hex digits.
    """
    if not isinstance(value, str) or not _MD5.fullmatch(value):
        raise InvalidInputError(
            f"{value!r} is not an MD5 checksum", hint="It has 32 of the digits 0-9 and a-f."
        )
    return value
