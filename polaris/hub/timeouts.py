"""Timeouts as users give them."""

from __future__ import annotations

from typing import Literal

from polaris.errors import InvalidInputError

__all__ = ["TimeoutTypes", "check_timeout"]

# Seconds, (connect, write) seconds, "timeout" for the client's default, or "never" for none.
TimeoutTypes = tuple[float, float] | float | Literal["timeout", "never"]


def check_timeout(timeout: object) -> None:
    """Refuse what cannot be a timeout.

    Raises:
        InvalidInputError: It is neither positive seconds, nor two of them, nor one of the words.
    """
    if timeout in ("timeout", "never"):
        return
    parts = tuple(timeout) if isinstance(timeout, (tuple, list)) else (timeout,)
    seconds = [
        part
        for part in parts
        if isinstance(part, (int, float)) and not isinstance(part, bool) and part > 0
    ]
    if len(parts) not in (1, 2) or len(seconds) != len(parts):
        raise InvalidInputError(
            f"timeout cannot be {timeout!r}",
            hint="Give seconds, (connect, write) seconds, 'timeout' or 'never'.",
        )
