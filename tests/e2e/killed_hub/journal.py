"""What a client was told, on disk before it goes on."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

__all__ = ["Journal", "entries_of"]


class Journal:
    """A file of JSON lines; each is on the disk when `write` returns."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, phase: str, **told: Any) -> None:
        """Add a line.

        Args:
            phase: ``begin``, ``done``, ``failed``, ``fault``, ``unanswered`` or ``cut``.
            **told: What there is to say.
        """
        line = json.dumps({"phase": phase, "at": time.time(), **told}, default=str)
        os.write(self._file, line.encode() + b"\n")
        os.fsync(self._file)


def entries_of(path: Path) -> Iterator[dict[str, Any]]:
    """Return the lines of a journal."""
    for line in path.read_text("utf-8").splitlines():
        yield json.loads(line)
