"""Trying again."""

from __future__ import annotations

import pytest

from polaris.application.retry import RetryPolicy
from polaris.errors import ArtifactNotFoundError, HubBusyError
from polaris.testing.fakes.manual_clock import ManualClock


class Flaky:
    """Fails so many times, then answers."""

    def __init__(self, failures: int, error: Exception | None = None) -> None:
        self.failures, self.error, self.calls = failures, error or HubBusyError("busy"), 0

    async def __call__(self) -> str:
        self.calls += 1
        if self.calls <= self.failures:
            raise self.error
        return "answer"


async def test_a_call_that_succeeds_is_made_once() -> None:
    work = Flaky(0)
    assert await RetryPolicy().call(work, clock=ManualClock()) == "answer"
    assert work.calls == 1


async def test_a_busy_hub_is_asked_again() -> None:
    work, clock = Flaky(3), ManualClock()
    began = clock.monotonic()
    assert await RetryPolicy(initial=1.0).call(work, clock=clock) == "answer"
    assert work.calls == 4
    assert clock.monotonic() > began


async def test_what_cannot_be_helped_is_not_tried_again() -> None:
    work = Flaky(1, ArtifactNotFoundError("no such artifact"))
    with pytest.raises(ArtifactNotFoundError):
        await RetryPolicy().call(work, clock=ManualClock())
    assert work.calls == 1


async def test_the_last_error_comes_as_it_was() -> None:
    error = HubBusyError("busy for good")
    work = Flaky(99, error)
    with pytest.raises(HubBusyError) as caught:
        await RetryPolicy(attempts=3).call(work, clock=ManualClock())
    assert caught.value is error
    assert work.calls == 3


async def test_no_call_is_begun_after_the_total_time() -> None:
    work, clock = Flaky(99), ManualClock()
    began = clock.monotonic()
    with pytest.raises(HubBusyError):
        await RetryPolicy(attempts=10_000, total=30.0, initial=1.0).call(work, clock=clock)
    assert clock.monotonic() - began <= 30.0
    assert work.calls < 10_000


async def test_the_hub_may_ask_for_a_longer_wait() -> None:
    error = HubBusyError("busy")
    error.retry_after = 7.0  # type: ignore[attr-defined]
    clock = ManualClock()
    began = clock.monotonic()
    await RetryPolicy(initial=0.1).call(Flaky(2, error), clock=clock)
    assert clock.monotonic() - began >= 14.0
