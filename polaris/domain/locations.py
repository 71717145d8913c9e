"""Paths and URLs as users give them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from polaris.domain.short_text import shortened
from polaris.errors import InvalidInputError

__all__ = ["absolute_path", "location_text"]


def location_text(value: Any) -> str:
    """Return a path or URL as text; refuse what is neither, and the empty text.

    Args:
        value: A text, or something with a path, such as a `pathlib.Path`.

    Raises:
        InvalidInputError: It is no path, or an empty one, which would mean the root folder as soon
            as a file name is appended to it.
    """
    path = os.fspath(value) if isinstance(value, os.PathLike) else value
    if not isinstance(path, str):
        raise InvalidInputError(
            f"{shortened(repr(value))} is not a path", hint="Give a text or a pathlib.Path."
        )
    if not path.strip():
        raise InvalidInputError(
            f"{path!r} is not a path", hint="Write '.' where the current folder is meant."
        )
    return path


def absolute_path(path: str) -> Path:
    """Return a path of this machine as an absolute one; ``~`` and ``$VAR`` are expanded.

    Raises:
        InvalidInputError: It begins with ``~name``, and there is no user of that name.
    """
    try:
        return Path(os.path.expandvars(path)).expanduser().absolute()
    except RuntimeError as cause:
        raise InvalidInputError(
            f"{path!r} begins with the name of a user that this machine does not have",
            hint="Write the folder out.",
        ) from cause
