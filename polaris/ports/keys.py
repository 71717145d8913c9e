"""Keys that all processes of a hub share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

__all__ = ["HubKeys"]


class HubKeys(Protocol):
    """Keeps secret bytes under names, such as the keys that a hub signs with.

    Every change is atomic and durable. May be used from several tasks, threads and processes at
    once. Failures are errors under `PolarisHubError`; `HubBusyError` may be retried.
    """

    async def get_or_make(self, name: str, make: Callable[[], bytes], /) -> bytes:
        """Return the bytes of a name; make them if there are none.

        Of several that make them at once, one prevails and all get what it made.
        """
        ...

    async def replace(self, name: str, value: bytes, /, *, expected: bytes) -> bool:
        """Put other bytes in the place of those that are expected there.

        Returns:
            Whether they were there; if not, nothing has changed.
        """
        ...
