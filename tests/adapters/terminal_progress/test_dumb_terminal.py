"""A terminal that cannot move its cursor, such as the shell of an editor."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from polaris_adapters.terminal_progress import TerminalProgress


@pytest.mark.parametrize("kind", ["dumb", "unknown"])
def test_nothing_is_written_on_a_terminal_that_cannot_redraw(
    monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setenv("TERM", kind)
    file = io.StringIO()
    progress = TerminalProgress(Console(file=file, force_terminal=True, width=100))
    with progress.task("Uploading", total=4, unit="files") as task:
        task.advance(4)
    assert file.getvalue() == ""
