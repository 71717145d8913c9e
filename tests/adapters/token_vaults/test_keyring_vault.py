"""The vault in the system's keyring."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import PasswordDeleteError

from polaris.errors import DamagedFileError, MissingExtraError, StorageError
from polaris.ports.tokens import SignIns, TokenKey, TokenVault
from polaris.testing import TokenVaultSuite
from polaris_adapters.token_vaults import KeyringTokenVault

NO_KEYRING = NoKeyring()  # type: ignore[no-untyped-call]


class Ring(KeyringBackend):
    """A keyring in memory."""

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError


class ForgetfulRing(Ring):
    """A keyring that keeps nothing, as one does that nobody can unlock."""

    def get_password(self, service: str, username: str) -> str | None:
        return None


class TestKeyringTokenVault(TokenVaultSuite):
    @pytest.fixture
    def vault(self, tmp_path: Path) -> TokenVault:
        return KeyringTokenVault(tmp_path / "locks", Ring())


async def test_probing_leaves_nothing(tmp_path: Path) -> None:
    ring = Ring()
    await KeyringTokenVault(tmp_path, ring).probe()
    assert ring.kept == {}


async def test_no_secret_is_written_to_the_disk(
    tmp_path: Path, key: TokenKey, signed_in: Callable[..., SignIns]
) -> None:
    vault = KeyringTokenVault(tmp_path, Ring())
    async with vault.locked(key):
        await vault.save(key, signed_in("top-secret"))
    texts = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert not any(b"top-secret" in text for text in texts)


@pytest.mark.parametrize("ring", [NO_KEYRING, ForgetfulRing()], ids=["none", "forgetful"])
async def test_without_a_keyring_it_fails_and_falls_back_to_nothing(
    tmp_path: Path, ring: KeyringBackend
) -> None:
    with pytest.raises(StorageError) as caught:
        await KeyringTokenVault(tmp_path, ring).probe()
    assert "POLARIS_TOKEN_STORE=file" in caught.value.hint
    assert list(tmp_path.iterdir()) == []


async def test_what_a_keyring_says_of_a_secret_is_not_passed_on(
    tmp_path: Path, key: TokenKey, signed_in: Callable[..., SignIns]
) -> None:
    class Talkative(Ring):
        def set_password(self, service: str, username: str, password: str) -> None:
            raise RuntimeError(f"cannot keep {password}")

    with pytest.raises(StorageError) as caught:
        await KeyringTokenVault(tmp_path, Talkative()).save(key, signed_in("top-secret"))
    assert "top-secret" not in f"{caught.value!r}{caught.value.__cause__!r}"
    assert caught.value.__suppress_context__


async def test_an_entry_that_is_damaged_is_told_of(tmp_path: Path, key: TokenKey) -> None:
    class Damaged(Ring):
        def get_password(self, service: str, username: str) -> str | None:
            return "{"

    with pytest.raises(DamagedFileError):
        await KeyringTokenVault(tmp_path, Damaged()).load(key)


async def test_without_the_package_the_extra_is_named(
    tmp_path: Path, key: TokenKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(MissingExtraError, match="keyring"):
        await KeyringTokenVault(tmp_path).load(key)
