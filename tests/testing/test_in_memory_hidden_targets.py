from __future__ import annotations

import pytest

from polaris.ports.hidden_targets import HiddenTargets, TargetDeposit
from polaris.testing import HiddenTargetsSuite, InMemoryHiddenTargets, InMemoryTargetDeposit

_checks: tuple[type[HiddenTargets], type[TargetDeposit]] = (
    InMemoryHiddenTargets,
    InMemoryTargetDeposit,
)


class TestInMemoryHiddenTargets(HiddenTargetsSuite):
    @pytest.fixture
    def hidden(self) -> InMemoryHiddenTargets:
        return InMemoryHiddenTargets()

    @pytest.fixture
    def deposit(self, hidden: InMemoryHiddenTargets) -> InMemoryTargetDeposit:
        return InMemoryTargetDeposit(hidden)
