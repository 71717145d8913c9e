"""A `HubKeys` over a dictionary."""

from __future__ import annotations

import threading
from collections.abc import Callable

__all__ = ["InMemoryKeys"]


class InMemoryKeys:
    """Keeps the keys of a hub in this process; lost with it."""

    def __init__(self) -> None:
        self._values: dict[str, bytes] = {}
        self._lock = threading.Lock()

    async def get_or_make(self, name: str, make: Callable[[], bytes], /) -> bytes:
        """See `HubKeys.get_or_make`."""
        with self._lock:
            if name not in self._values:
                self._values[name] = make()
            return self._values[name]

    async def replace(self, name: str, value: bytes, /, *, expected: bytes) -> bool:
        """See `HubKeys.replace`."""
        with self._lock:
            if self._values.get(name) != expected:
                return False
            self._values[name] = value
            return True
