"""Trying again."""

from __future__ import annotations

import pytest

from polaris.application.retry import FurtherTry, RetryPolicy
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
    error.retry_after = 7.0
    clock = ManualClock()
    began = clock.monotonic()
    await RetryPolicy(initial=0.1).call(Flaky(2, error), clock=clock)
    assert clock.monotonic() - began >= 14.0


async def test_callers_that_come_back_after_a_wait_do_not_come_back_at_once() -> None:
    error = HubBusyError("busy")
    error.retry_after = 7.0
    waits = set()
    for _ in range(5):
        clock = ManualClock()
        await RetryPolicy(initial=1.0).call(Flaky(1, error), clock=clock)
        waits.update(clock.sleeps)
    assert len(waits) > 1
    assert min(waits) >= 7


async def test_each_further_try_is_told() -> None:
    told: list[FurtherTry] = []
    error = HubBusyError("busy")
    clock = ManualClock()
    await RetryPolicy(attempts=4).call(Flaky(2, error), clock=clock, before_wait=told.append)
    assert [(t.number, t.of, t.after) for t in told] == [(2, 4, error), (3, 4, error)]
    assert [t.wait for t in told] == clock.sleeps


async def test_nothing_is_told_of_the_last_failure() -> None:
    told: list[FurtherTry] = []
    with pytest.raises(HubBusyError):
        await RetryPolicy(attempts=2).call(Flaky(99), clock=ManualClock(), before_wait=told.append)
    assert len(told) == 1


async def test_one_policy_within_another_does_not_multiply_the_tries() -> None:
    work, clock = Flaky(99), ManualClock()

    async def inner() -> str:
        return await RetryPolicy(attempts=3).call(work, clock=clock)

    with pytest.raises(HubBusyError):
        await RetryPolicy(attempts=3).call(inner, clock=clock)
    assert work.calls == 3


async def test_what_has_been_given_up_is_not_tried_again() -> None:
    error = HubBusyError("busy")
    error.given_up = True
    work = Flaky(1, error)
    with pytest.raises(HubBusyError):
        await RetryPolicy().call(work, clock=ManualClock())
    assert work.calls == 1
