"""What a case consists of, in either environment."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np


class Job(NamedTuple):
    """Work to be timed.

    Attributes:
        run: Does it, and returns what both libraries have to agree about.
        seen: Makes of that what is compared; not timed.
    """

    run: Callable[[], Any]
    seen: Callable[[Any], Any] = lambda result: result


class Case(NamedTuple):
    """A kind of work.

    Attributes:
        prepare: Makes the job of a folder of files, a number of rows, and how many of those are to
            be worked on. Not timed.
        files: The files it reads; see `archive_files`.
    """

    prepare: Callable[[Path, int, int], Job]
    files: str | None = None


def fingerprint(value: Any) -> str:
    """Return a text that is the same for the same result; numbers count by nine digits."""
    return hashlib.md5(_text(value).encode(), usedforsecurity=False).hexdigest()[:12]


def _text(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"{value.shape}" + ",".join(map(_text, value.ravel().tolist()))
    if isinstance(value, Mapping):
        return ",".join(f"{name}:{_text(value[name])}" for name in sorted(value))
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(_text, value)) + "]"
    if isinstance(value, (bool, str)) or value is None:
        return str(value)
    return f"{value:.9g}"
