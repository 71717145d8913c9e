"""A vault that ends with the process."""

from __future__ import annotations

import threading
from contextlib import AbstractAsyncContextManager

from polaris.ports.tokens import SignIns, TokenKey
from polaris_adapters.token_vaults.waiting import held

__all__ = ["MemoryTokenVault"]


class MemoryTokenVault:
    """A `TokenVault` in the memory of the process; nothing is written anywhere."""

    def __init__(self) -> None:
        self._kept: dict[TokenKey, SignIns] = {}
        self._locks: dict[TokenKey, threading.Lock] = {}

    async def probe(self) -> None:
        """Do nothing: memory is there; see `TokenVault`."""

    async def load(self, key: TokenKey, /) -> SignIns | None:
        """Return what was saved last; see `TokenVault`."""
        return self._kept.get(key)

    async def save(self, key: TokenKey, value: SignIns, /) -> None:
        """Keep a value until the process ends; see `TokenVault`."""
        self._kept[key] = value

    def locked(self, key: TokenKey, /) -> AbstractAsyncContextManager[None]:
        """Keep all others out; see `TokenVault`."""
        lock = self._locks.setdefault(key, threading.Lock())
        return held(
            lambda: lock.acquire(blocking=False), lock.release, what=f"the sign-in at {key.hub_url}"
        )

    def describe(self) -> str:
        """Return where things are kept; see `TokenVault`."""
        return "memory, until the process ends"
