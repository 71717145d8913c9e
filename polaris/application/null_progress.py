"""Showing no progress: what a library does unless told otherwise."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

from polaris.ports.progress import ProgressTask

__all__ = ["NullProgress"]


class _NullTask:
    def advance(self, amount: int, /) -> None:
        pass


class NullProgress:
    """A `ProgressPort` that shows nothing."""

    def task(
        self,
        label: str,
        /,
        *,
        total: int | None,
        unit: str,
    ) -> AbstractContextManager[ProgressTask]:
        """Return a task that does nothing; see `ProgressPort`."""
        return nullcontext(_NullTask())
