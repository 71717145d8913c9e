"""Processes that begin to write at once, or are forked from one that writes."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from polaris.testing.suites.artifact_drafts import draft_of, publish
from polaris_adapters.sql_catalogue import SqlCatalogue

__all__ = ["fork_and_publish", "publishing_all_the_time", "started_at_once"]


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


@contextmanager
def publishing_all_the_time(catalogue: SqlCatalogue) -> Iterator[list[int]]:
    """Publish the dataset ``parent`` again and again on a thread; gives the numbers it got."""
    stop = threading.Event()
    written: list[int] = []

    def keep_writing() -> None:
        while not stop.is_set():
            record = asyncio.run(publish(catalogue, draft_of("parent", str(len(written)))))
            written.append(record.number)

    thread = threading.Thread(target=keep_writing)
    thread.start()
    try:
        yield written
    finally:
        stop.set()
        thread.join()


def fork_and_publish(catalogue: SqlCatalogue, number: int) -> int:
    """Let a forked process publish ``child-{number}`` and end with 0; return its id."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            asyncio.run(publish(catalogue, draft_of(f"child-{number}")))
            code = 0
        finally:
            # Nothing of the test run may go on in the child.
            os._exit(code)
    return child
