from __future__ import annotations

import pytest

from polaris.ports.accounts import PasswordHasher
from polaris.testing import PasswordHasherSuite, QuickPasswords

_check: type[PasswordHasher] = QuickPasswords


class TestQuickPasswords(PasswordHasherSuite):
    @pytest.fixture
    def passwords(self) -> PasswordHasher:
        return QuickPasswords(cost=2)

    @pytest.fixture
    def weaker(self) -> PasswordHasher:
        return QuickPasswords(cost=1)
