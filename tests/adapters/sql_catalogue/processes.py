"""Processes that begin to write at once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

__all__ = ["started_at_once"]


@contextmanager
def started_at_once(
    script: str, count: int, arguments: Sequence[str]
) -> Iterator[list[subprocess.Popen[str]]]:
    """Start processes that all go on at once; none of them outlives the block.

    Args:
        script: A program that writes ``ready`` and goes on when it has read a line.
        count: How many run it.
        arguments: Its arguments, in which ``{number}`` is the number of the process.
    """
    with ExitStack() as stack:
        processes = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", script,
                     *(argument.replace("{number}", str(number)) for argument in arguments)],
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                    text=True,
                )
            )
            for number in range(count)
        ]  # fmt: skip
        for process in processes:
            stack.callback(process.kill)
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        yield processes
