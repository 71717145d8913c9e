from __future__ import annotations

import pytest

from polaris.application.null_progress import NullProgress
from polaris.ports.progress import ProgressPort
from polaris.testing.suites.progress import ProgressSuite

_check: type[ProgressPort] = NullProgress


class TestNullProgress(ProgressSuite):
    @pytest.fixture
    def progress(self) -> ProgressPort:
        return NullProgress()
