"""Blocking calls on the process's loop thread."""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
import subprocess
import sys
import threading

import pytest

from polaris.application.loop_thread import run_blocking
from polaris.errors import PolarisError


async def _answer(value: int = 42) -> int:
    await asyncio.sleep(0)
    return value


def test_the_result_comes_back() -> None:
    assert run_blocking(_answer()) == 42


def test_an_error_comes_back_as_it_was() -> None:
    async def fail() -> None:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        run_blocking(fail())


async def test_it_works_where_a_loop_is_running() -> None:
    assert run_blocking(_answer()) == 42


def test_many_threads_share_one_loop() -> None:
    loops: list[asyncio.AbstractEventLoop] = []

    async def which() -> None:
        loops.append(asyncio.get_running_loop())

    threads = [threading.Thread(target=lambda: run_blocking(which())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(loops) == 8
    assert len(set(loops)) == 1


def test_a_call_from_the_loop_itself_is_refused_and_not_a_deadlock() -> None:
    async def nested() -> int:
        return run_blocking(_answer())

    with pytest.raises(PolarisError, match="asynchronous"):
        run_blocking(nested())


def _in_child(answers: multiprocessing.SimpleQueue[int]) -> None:
    answers.put(run_blocking(_answer(7)))


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_child_has_a_loop_of_its_own() -> None:
    assert run_blocking(_answer()) == 42
    context = multiprocessing.get_context("fork")
    answers: multiprocessing.SimpleQueue[int] = context.SimpleQueue()
    child = context.Process(target=_in_child, args=(answers,))
    child.start()
    child.join(20)
    assert child.exitcode == 0
    assert answers.get() == 7
    assert run_blocking(_answer()) == 42


INTERRUPTED = """
import asyncio
from polaris.application.loop_thread import run_blocking

async def work():
    print("working", flush=True)
    try:
        await asyncio.sleep(60)
    finally:
        await asyncio.sleep(0.05)
        print("cleaned up", flush=True)

try:
    run_blocking(work())
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


def test_an_interrupt_waits_until_the_work_has_cleaned_up() -> None:
    process = subprocess.Popen(
        [sys.executable, "-X", "dev", "-W", "error", "-c", INTERRUPTED],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "working\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert out.splitlines() == ["cleaned up", "interrupted"]
    assert err == ""
