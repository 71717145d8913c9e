"""A `TokenVault` in memory that can fail on purpose."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from polaris.errors import DamagedFileError, StorageError
from polaris.ports.tokens import SignIns, TokenKey

__all__ = ["InMemoryTokenVault"]


class InMemoryTokenVault:
    """Keeps sign-ins until the test ends.

    Attributes:
        is_full: Whether saving fails, as on a full disk.
        is_damaged: Whether loading fails, until something is saved.
        saved: Everything that was saved, in order.
    """

    def __init__(self) -> None:
        self.is_full = False
        self.is_damaged = False
        self.saved: list[SignIns] = []
        self._kept: dict[TokenKey, SignIns] = {}
        self._locks: dict[TokenKey, threading.Lock] = {}

    async def probe(self) -> None:
        """See `TokenVault.probe`."""
        self._check_room()

    async def load(self, key: TokenKey, /) -> SignIns | None:
        """See `TokenVault.load`."""
        if self.is_damaged:
            raise DamagedFileError("The sign-ins cannot be read", hint="Sign in again.")
        return self._kept.get(key)

    async def save(self, key: TokenKey, value: SignIns, /) -> None:
        """See `TokenVault.save`."""
        self._check_room()
        self.is_damaged = False
        self.saved.append(value)
        self._kept[key] = value

    def _check_room(self) -> None:
        if self.is_full:
            raise StorageError("Cannot write the sign-ins: no space left", hint="Make room.")

    def locked(self, key: TokenKey, /) -> AbstractAsyncContextManager[None]:
        """See `TokenVault.locked`."""
        return _held(self._locks.setdefault(key, threading.Lock()))

    def describe(self) -> str:
        """See `TokenVault.describe`."""
        return "the memory of the test"


@asynccontextmanager
async def _held(lock: threading.Lock) -> AsyncIterator[None]:
    while not lock.acquire(blocking=False):  # noqa: ASYNC110  threads hold it too
        await asyncio.sleep(0.001)
    try:
        yield
    finally:
        lock.release()
