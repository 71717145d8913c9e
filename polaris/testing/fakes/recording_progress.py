"""A `ProgressPort` that remembers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from polaris.ports.progress import ProgressTask

__all__ = ["RecordedTask", "RecordingProgress"]


class RecordedTask:
    """A piece of work that was told of.

    Attributes:
        label: What is being done.
        total: How many units there are; None if unknown.
        unit: What is counted.
        done: How many units are done.
        ended: Whether its context has been left.
        failed: Whether it was left by an error.
    """

    def __init__(self, label: str, total: int | None, unit: str) -> None:
        self.label = label
        self.total = total
        self.unit = unit
        self.done = 0
        self.ended = False
        self.failed = False
        self._lock = threading.Lock()

    def advance(self, amount: int, /) -> None:
        """See `ProgressTask.advance`."""
        with self._lock:
            self.done += amount

    def __repr__(self) -> str:
        return f"RecordedTask({self.label!r}, {self.done} of {self.total} {self.unit})"


class RecordingProgress:
    """Shows nothing, and keeps what it was told.

    Attributes:
        tasks: Every piece of work, in the order in which they began.
    """

    def __init__(self) -> None:
        self.tasks: list[RecordedTask] = []

    def task(
        self, label: str, /, *, total: int | None, unit: str
    ) -> AbstractContextManager[ProgressTask]:
        """See `ProgressPort.task`."""
        return self._recorded(RecordedTask(label, total, unit))

    @contextmanager
    def _recorded(self, task: RecordedTask) -> Iterator[ProgressTask]:
        self.tasks.append(task)
        try:
            yield task
        except BaseException:
            task.failed = True
            raise
        finally:
            task.ended = True
