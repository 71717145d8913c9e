"""Telling how far long work has come."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

__all__ = ["ProgressPort", "ProgressTask"]


class ProgressTask(Protocol):
    """One piece of work under way. May be advanced from any thread."""

    def advance(self, amount: int, /) -> None:
        """Add so many units to what is done."""
        ...


class ProgressPort(Protocol):
    """Shows progress; must never slow or break the work it shows."""

    def task(
        self, label: str, /, *, total: int | None, unit: str
    ) -> AbstractContextManager[ProgressTask]:
        """Begin a piece of work; leaving the context ends it, also when the work failed.

        Args:
            label: What is being done, a few words.
            total: How many units there are; None if unknown.
            unit: ``bytes``, ``files``, ``rows`` …
        """
        ...
