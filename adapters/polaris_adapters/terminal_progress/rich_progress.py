"""Progress bars on the terminal's standard error."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import attrs
from rich.console import Console
from rich.filesize import decimal
from rich.markup import escape
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn
from rich.text import Text

__all__ = ["TerminalProgress"]


class _Amount(ProgressColumn):
    """What is done of how much, in the unit of the work."""

    def render(self, task: Task) -> Text:
        """Return ``3.0 MB / 12.0 MB`` or ``3 / 12 files``."""
        unit = str(task.fields["unit"])
        if unit == "bytes":
            done, total = decimal(int(task.completed)), None
            if task.total is not None:
                total = decimal(int(task.total))
        else:
            done, total = f"{task.completed:.0f}", None
            if task.total is not None:
                total = f"{task.total:.0f}"
        text = done if total is None else f"{done} / {total}"
        return Text(text if unit == "bytes" else f"{text} {unit}")


# rich ends the process when the terminal goes away; that must not break the work either.
_FAILURES = (Exception, SystemExit)


class _StandardError(Console):
    """A console on standard error that falls silent when the terminal goes away."""

    def __init__(self) -> None:
        super().__init__(stderr=True)

    def on_broken_pipe(self) -> None:
        """Write nothing more; rich would cut off standard output, too."""
        self.quiet = True


class _Display(Progress):
    """A display whose failure stays its own."""

    def refresh(self) -> None:
        """Draw the bars as they are now."""
        with suppress(*_FAILURES):
            super().refresh()


@attrs.frozen
class _Bar:
    """One bar."""

    display: Progress
    task_id: TaskID

    def advance(self, amount: int, /) -> None:
        """Add so many units to what is done."""
        with suppress(*_FAILURES):
            self.display.advance(self.task_id, amount)


class TerminalProgress:
    """Shows a bar for each piece of work, and removes it when the work has ended.

    Nothing is written when the console is no terminal, or is one that cannot redraw a line. rich
    honours ``NO_COLOR``.

    Args:
        console: Where to draw; standard error when omitted.
    """

    def __init__(self, console: Console | None = None) -> None:
        self._console = console if console is not None else _StandardError()
        self._lock = threading.Lock()
        self._display: Progress | None = None
        self._running = 0

    @contextmanager
    def task(self, label: str, /, *, total: int | None, unit: str) -> Iterator[_Bar]:
        """Begin a piece of work; see `ProgressPort`."""
        display = self._begin()
        bar = _Bar(display, display.add_task(escape(label), total=total, unit=unit))
        try:
            yield bar
        finally:
            # Short work ends between two drawings; this shows how it ended.
            display.refresh()
            with suppress(*_FAILURES):
                display.remove_task(bar.task_id)
            self._end()

    def _begin(self) -> Progress:
        """Return the display, started with the first of several pieces of work."""
        with self._lock:
            if self._display is None:
                self._display = _Display(
                    TextColumn("{task.description}"),
                    BarColumn(),
                    _Amount(),
                    console=self._console,
                    transient=True,
                    disable=not self._console.is_terminal or self._console.is_dumb_terminal,
                )
                with suppress(*_FAILURES):
                    self._display.start()
            self._running += 1
            return self._display

    def _end(self) -> None:
        """Clear the display with the last piece of work."""
        with self._lock:
            self._running -= 1
            if self._running == 0 and self._display is not None:
                display, self._display = self._display, None
                with suppress(*_FAILURES):
                    display.stop()
