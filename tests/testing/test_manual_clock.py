from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from polaris.ports.clock import Clock
from polaris.testing.fakes.manual_clock import ManualClock
from polaris.testing.suites.clock import ClockSuite

_check: type[Clock] = ManualClock


class TestManualClock(ClockSuite):
    @pytest.fixture
    def clock(self) -> Clock:
        return ManualClock()


def test_it_stands_still_by_itself() -> None:
    clock = ManualClock(datetime(2020, 2, 29, 12, tzinfo=UTC))
    assert clock.now() == clock.now() == datetime(2020, 2, 29, 12, tzinfo=UTC)
    assert clock.monotonic() == 0


async def test_sleeping_passes_time_at_once_and_is_remembered() -> None:
    clock = ManualClock(datetime(2020, 1, 1, tzinfo=UTC))
    await clock.sleep(86400)
    await clock.sleep(-1)
    assert clock.now() == datetime(2020, 1, 2, tzinfo=UTC)
    assert clock.monotonic() == 86400
    assert clock.sleeps == [86400, -1]


def test_it_tells_utc_whatever_the_zone_of_the_start() -> None:
    start = datetime(2020, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))
    assert str(ManualClock(start).now()) == "2020-01-01 00:00:00+00:00"


def test_it_can_be_advanced_but_not_set_back() -> None:
    clock = ManualClock()
    clock.advance(1.5)
    with pytest.raises(ValueError, match="-1"):
        clock.advance(-1)
    assert clock.monotonic() == 1.5
