"""Where the command ``polaris`` starts; imports nothing that may be missing."""

from __future__ import annotations

import sys
from collections.abc import Sequence

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
    given = list(sys.argv[1:] if arguments is None else arguments)
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


def _without_click() -> int:
    from polaris.errors import MissingExtraError

    error = MissingExtraError("The command line", extra="cli")
    sys.stderr.write(f"Error: {error.message}\nHint: {error.hint}\nCode: {error.code}\n")
    return error.exit_code
