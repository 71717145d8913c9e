"""Progress on a terminal."""

from __future__ import annotations

import io
import threading

import pytest
from rich.console import Console

from polaris.ports.progress import ProgressPort
from polaris.testing.suites.progress import ProgressSuite
from polaris_adapters.terminal_progress import TerminalProgress

_MATCHES: type[ProgressPort] = TerminalProgress


@pytest.mark.parametrize("terminal", [True, False])
class TestTerminalProgress(ProgressSuite):
    @pytest.fixture
    def progress(self, terminal: bool) -> ProgressPort:
        return TerminalProgress(Console(file=io.StringIO(), force_terminal=terminal, width=100))


class _Broken(io.StringIO):
    """A terminal that has gone away."""

    def write(self, text: str, /) -> int:
        raise BrokenPipeError

    def flush(self) -> None:
        raise BrokenPipeError


def _drawn(
    *, terminal: bool = True, file: io.StringIO | None = None
) -> tuple[TerminalProgress, io.StringIO]:
    file = io.StringIO() if file is None else file
    console = Console(file=file, force_terminal=terminal, width=100, color_system=None)
    return TerminalProgress(console), file


def test_label_amount_and_unit_are_shown() -> None:
    progress, file = _drawn()
    with progress.task("Uploading", total=4, unit="files") as task:
        task.advance(1)
        task.advance(2)
    assert "Uploading" in file.getvalue()
    assert "3 / 4 files" in file.getvalue()


def test_bytes_are_shown_in_decimal_units() -> None:
    progress, file = _drawn()
    with progress.task("Downloading", total=12_000_000, unit="bytes") as task:
        task.advance(3_000_000)
    assert "3.0 MB / 12.0 MB" in file.getvalue()


@pytest.mark.parametrize(("unit", "shown"), [("bytes", "7 bytes"), ("rows", "7 rows")])
def test_the_total_may_be_unknown(unit: str, shown: str) -> None:
    progress, file = _drawn()
    with progress.task("Reading", total=None, unit=unit) as task:
        task.advance(7)
    assert shown in file.getvalue()
    assert "None" not in file.getvalue()


def test_a_label_is_text_and_no_markup() -> None:
    progress, file = _drawn()
    with progress.task("Reading [bold]x[/] and [3]", total=1, unit="rows"):
        pass
    assert "Reading [bold]x[/] and [3]" in file.getvalue()


def test_what_the_work_raises_gets_through_and_ends_the_bar() -> None:
    progress, file = _drawn()
    with pytest.raises(KeyError), progress.task("Failing", total=1, unit="rows"):
        raise KeyError("x")
    with progress.task("Afterwards", total=1, unit="rows") as task:
        task.advance(1)
    after = file.getvalue().partition("Afterwards")[2]
    assert after
    assert "Failing" not in after


def test_pieces_of_work_may_overlap() -> None:
    progress, file = _drawn()
    with progress.task("Outer", total=2, unit="rows") as outer:
        with progress.task("Inner", total=1, unit="rows") as inner:
            inner.advance(1)
        outer.advance(2)
    assert "1 / 1 rows" in file.getvalue()
    assert "2 / 2 rows" in file.getvalue()


def test_it_may_be_advanced_from_many_threads() -> None:
    progress, file = _drawn()
    with progress.task("Counting", total=8000, unit="rows") as task:

        def count() -> None:
            for _ in range(1000):
                task.advance(1)

        threads = [threading.Thread(target=count) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert "8000 / 8000 rows" in file.getvalue()


def test_nothing_is_written_where_there_is_no_terminal() -> None:
    progress, file = _drawn(terminal=False)
    with progress.task("Reading", total=1, unit="rows") as task:
        task.advance(1)
    assert file.getvalue() == ""


def test_a_terminal_that_goes_away_does_not_break_the_work() -> None:
    progress, _ = _drawn(file=_Broken())
    done = 0
    for _ in range(2):
        with progress.task("Reading", total=3, unit="rows") as task:
            for _ in range(3):
                task.advance(1)
                done += 1
    assert done == 6
