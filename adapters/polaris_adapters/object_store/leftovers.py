"""What is left in a folder of objects whose writers were killed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime

from polaris.ports.storage import ObjectStat
from polaris_adapters.object_store.files import is_staged, stat_file

__all__ = ["leftovers_in"]


def leftovers_in(root: str, before: datetime, *, remove: bool) -> list[ObjectStat]:
    """Return the files of unfinished objects below a folder; see `SweepObjects`."""
    found = []
    for path in _staged_below(root):
        stat = stat_file(path, path.removeprefix(f"{root}/"))
        # A living writer touches its file with every piece.
        if stat is None or stat.modified is None or stat.modified >= before:
            continue
        if remove:
            try:
                os.unlink(path)  # noqa: PTH108  as in `files`
            except FileNotFoundError:
                continue  # Its writer lived after all, and has finished.
        found.append(stat)
    return sorted(found, key=lambda stat: stat.key)


def _staged_below(root: str) -> Iterator[str]:
    for folder, _, names in os.walk(root):
        for name in names:
            if is_staged(name):
                yield f"{folder}/{name}"
