"""The time of this machine."""

from __future__ import annotations

import pytest

from polaris.ports.clock import Clock
from polaris.testing.suites.clock import ClockSuite
from polaris_adapters.system_clock import SystemClock

_check: type[Clock] = SystemClock


class TestSystemClock(ClockSuite):
    @pytest.fixture
    def clock(self) -> Clock:
        return SystemClock()
