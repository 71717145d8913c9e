"""Programs that train: each runs in a process of its own, since it starts processes itself."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a module beside this file, and returns what it printed.

    The module is found by its path, as a program of a user is, so that spawned workers find it too.
    """

    def start(name: str, *arguments: str) -> str:
        program = Path(__file__).with_name(name)
        ended = subprocess.run(
            [sys.executable, str(program), str(tmp_path), *arguments],
            capture_output=True,
            text=True,
            timeout=110,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        # What workers warn of is printed, and nothing else is.
        assert ended.stderr == ""
        return ended.stdout

    return start
