"""Processes that wait to be let go, and may be killed while they work."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from typing import Protocol

import pytest


class RunKilled(Protocol):
    """Runs a program that writes ``ready``, and works once it has read a line."""

    def __call__(
        self, program: str, *arguments: str, kill_after: float | None = None
    ) -> float | None:
        """Return how long it worked, in seconds, if it came to its end."""
        ...


@pytest.fixture
def run_killed() -> RunKilled:
    return _run_killed


def _run_killed(program: str, *arguments: str, kill_after: float | None = None) -> float | None:
    process = subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.stdin.write("go\n")
    process.stdin.flush()
    if kill_after is not None:
        time.sleep(kill_after)
        process.send_signal(signal.SIGKILL)
    answer = process.stdout.read().split()
    process.wait()
    process.stdin.close()
    process.stdout.close()
    return float(answer[1]) if answer else None
