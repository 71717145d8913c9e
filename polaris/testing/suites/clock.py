"""The conformance suite of `polaris.ports.clock`."""

from __future__ import annotations

import asyncio
import itertools
from datetime import timedelta

import pytest

from polaris.ports.clock import Clock
from polaris.testing.suites.at_once import at_once

__all__ = ["ClockSuite"]


class ClockSuite:
    """What every `Clock` promises.

    Derive a class whose name begins with ``Test`` and give it the fixture ``clock``. Needs
    pytest-asyncio in its ``auto`` mode.
    """

    def test_the_present_is_told_in_utc(self, clock: Clock) -> None:
        assert clock.now().utcoffset() == timedelta(0)

    async def test_time_does_not_go_back(self, clock: Clock) -> None:
        moments, seconds = [clock.now()], [clock.monotonic()]
        for pause in (0, 0, 0.001, 0, 0.001):
            await clock.sleep(pause)
            moments.append(clock.now())
            seconds.append(clock.monotonic())
        assert all(before <= after for before, after in itertools.pairwise(moments))
        assert all(before <= after for before, after in itertools.pairwise(seconds))

    async def test_time_has_passed_after_a_sleep(self, clock: Clock) -> None:
        moment, seconds = clock.now(), clock.monotonic()
        await clock.sleep(0.01)
        assert clock.now() > moment
        assert clock.monotonic() > seconds

    @pytest.mark.parametrize("seconds", [0, 0.0, -0.5, -(10**9), float("-inf")])
    async def test_nothing_is_waited_for_zero_or_less(self, clock: Clock, seconds: float) -> None:
        before = clock.now()
        await asyncio.wait_for(clock.sleep(seconds), timeout=30)
        assert clock.now() >= before

    async def test_other_tasks_go_on_during_a_sleep(self, clock: Clock) -> None:
        seen: list[str] = []

        async def other() -> None:
            seen.append("other")

        task = asyncio.create_task(other())
        await clock.sleep(0.01)
        seen.append("slept")
        await task
        assert seen == ["other", "slept"]

    def test_it_serves_several_threads(self, clock: Clock) -> None:
        async def span(_: int) -> bool:
            before = clock.now()
            await clock.sleep(0.001)
            return clock.now() > before

        assert at_once(span, 4) == [True] * 4
