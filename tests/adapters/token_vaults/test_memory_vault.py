"""The vault in memory."""

from __future__ import annotations

import pytest

from polaris.ports.tokens import TokenVault
from polaris.testing import TokenVaultSuite
from polaris_adapters.token_vaults import MemoryTokenVault


class TestMemoryTokenVault(TokenVaultSuite):
    @pytest.fixture
    def vault(self) -> TokenVault:
        return MemoryTokenVault()
