"""The vault of tests."""

from __future__ import annotations

import pytest

from polaris.errors import DamagedFileError, StorageError
from polaris.ports.tokens import SignIns, TokenKey, TokenVault
from polaris.testing import InMemoryTokenVault, TokenVaultSuite

KEY = TokenKey("https://hub.example/", "client")


class TestInMemoryTokenVault(TokenVaultSuite):
    @pytest.fixture
    def vault(self) -> TokenVault:
        return InMemoryTokenVault()


async def test_it_can_be_full() -> None:
    vault = InMemoryTokenVault()
    vault.is_full = True
    with pytest.raises(StorageError):
        await vault.probe()
    with pytest.raises(StorageError):
        await vault.save(KEY, SignIns())
    assert vault.saved == []


async def test_it_can_be_damaged_until_something_is_saved() -> None:
    vault = InMemoryTokenVault()
    vault.is_damaged = True
    with pytest.raises(DamagedFileError):
        await vault.load(KEY)
    await vault.save(KEY, SignIns())
    assert await vault.load(KEY) == SignIns()
