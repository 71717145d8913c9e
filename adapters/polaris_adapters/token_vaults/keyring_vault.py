"""A vault in the keyring of the operating system."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from polaris.errors import MissingExtraError, StorageError
from polaris.ports.tokens import SignIns, TokenKey
from polaris_adapters.token_vaults.documents import from_text, to_text
from polaris_adapters.token_vaults.file_vault import file_lock, name_of
from polaris_adapters.token_vaults.waiting import LONGEST_WAIT, to_the_end

__all__ = ["KeyringTokenVault"]

R = TypeVar("R")

_SERVICE = "polaris-hub"


class KeyringTokenVault:
    """A `TokenVault` in the system's keyring, by the package ``keyring``.

    It never falls back to anything else: where there is no keyring, it fails and says so.

    Args:
        lock_folder: Folder for locks, which keyrings lack; holds no secrets.
        backend: The keyring; the one that the package chooses when omitted.
    """

    def __init__(self, lock_folder: Path, backend: Any = None) -> None:
        self._lock_folder = lock_folder
        self._backend = backend

    def _keyring(self) -> Any:
        if self._backend is None:
            try:
                import keyring
            except ImportError as cause:
                raise MissingExtraError(
                    "Keeping sign-ins in the keyring", extra="keyring"
                ) from cause
            self._backend = keyring.get_keyring()
        return self._backend

    async def probe(self) -> None:
        """Keep something and forget it again; see `TokenVault`."""
        name, value = f"probe {secrets.token_hex(4)}", secrets.token_hex(8)

        def work(keyring: Any) -> bool:
            keyring.set_password(_SERVICE, name, value)
            try:
                return bool(keyring.get_password(_SERVICE, name) == value)
            finally:
                keyring.delete_password(_SERVICE, name)

        if not await self._run("be used", work):
            raise StorageError(
                f"The keyring {self._name()} does not keep what it is given", hint=_HINT
            )

    async def load(self, key: TokenKey, /) -> SignIns | None:
        """Return what was saved last; see `TokenVault`."""
        text = await self._run(
            "be read", lambda keyring: keyring.get_password(_SERVICE, name_of(key))
        )
        return None if text is None else from_text(str(text), where=f"the keyring {self._name()}")

    async def save(self, key: TokenKey, value: SignIns, /) -> None:
        """Replace the entry; see `TokenVault`."""
        await self._run(
            "be written",
            lambda keyring: keyring.set_password(_SERVICE, name_of(key), to_text(value)),
        )

    @asynccontextmanager
    async def _locked(self, key: TokenKey) -> AsyncIterator[None]:
        try:
            self._lock_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as cause:
            raise StorageError(f"Cannot make the folder {self._lock_folder}: {cause}") from cause
        path = self._lock_folder / f"{name_of(key)}.keyring.lock"
        async with file_lock(path, longest=LONGEST_WAIT):
            yield

    def locked(self, key: TokenKey, /) -> AbstractAsyncContextManager[None]:
        """Keep all others out, other processes too; see `TokenVault`."""
        return self._locked(key)

    def describe(self) -> str:
        """Return where things are kept; see `TokenVault`."""
        return f"the keyring {self._name()}"

    def _name(self) -> str:
        return str(getattr(self._backend, "name", None) or "of the system")

    async def _run(self, verb: str, work: Callable[[Any], R]) -> R:
        """Work on the keyring in a thread: it may ask the person for a password first."""
        keyring = self._keyring()
        try:
            return await to_the_end(lambda: work(keyring))
        except Exception as cause:  # backends raise what their systems do
            # The message of some backends quotes what they were given.
            raise StorageError(
                f"The keyring {self._name()} cannot {verb}: {type(cause).__name__}", hint=_HINT
            ) from None


_HINT = "Unlock or set up the keyring, or choose token_store='file' (POLARIS_TOKEN_STORE=file)."
