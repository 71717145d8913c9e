"""Where the command ``polaris`` starts; imports nothing that may be missing."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

__all__ = ["main"]

_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: What follows ``polaris``; the process's own when omitted.

    Returns:
        The exit code: 0 done, 1 failed, 2 wrong usage, 3 not allowed, 4 not found, 5 exists
        already, 6 damaged, 7 try again, 130 interrupted.
    """
    code = _run(list(sys.argv[1:] if arguments is None else arguments))
    if arguments is None and code == _INTERRUPTED:
        _end_at_once(code)
    return code


def _run(given: list[str]) -> int:
    try:
        try:
            from polaris_adapters.cli.running import run
        except ModuleNotFoundError as cause:
            if cause.name != "click":
                raise
            return _without_click()
        return run(given)
    except KeyboardInterrupt:
        return _INTERRUPTED


def _end_at_once(code: int) -> NoReturn:
    """End the process without waiting for what its threads have under way.

    That may be a store that does not answer, for minutes. Nothing that is cut off is seen by
    others: it is the same as if the process had been killed.
    """
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def _without_click() -> int:
    from polaris.errors import MissingExtraError

    error = MissingExtraError("The command line", extra="cli")
    sys.stderr.write(f"Error: {error.message}\nHint: {error.hint}\nCode: {error.code}\n")
    return error.exit_code
