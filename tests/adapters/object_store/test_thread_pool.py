"""Threads on which calls wait: bounded, and apart by what is waited for."""

from __future__ import annotations

import asyncio
import threading

import pytest

from polaris_adapters.object_store.thread_pool import in_threads


@pytest.mark.timeout(30)
async def test_calls_may_wait_for_calls_of_another_pool() -> None:
    """As those of a client do that fill their pool and wait for a hub in the same process."""
    answered = threading.Event()

    async def hub() -> list[None]:
        return await in_threads(lambda _: answered.set(), [0], pool="https://bucket.example")

    clients = [
        in_threads(lambda _: answered.wait(20), [0], pool="https://hub.example") for _ in range(40)
    ]
    found = await asyncio.gather(*clients, hub())
    assert found == [[True]] * 40 + [[None]]


async def test_a_pool_has_a_bounded_number_of_threads() -> None:
    names: set[str] = set()
    met = threading.Barrier(2, timeout=20)

    def call(_: int) -> None:
        met.wait()  # Each call needs another one at the same time.
        names.add(threading.current_thread().name)

    await asyncio.gather(*(in_threads(call, range(10), pool="bounded") for _ in range(40)))
    assert 1 < len(names) <= 8
