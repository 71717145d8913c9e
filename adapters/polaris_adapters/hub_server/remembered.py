"""Replies that are given again to whoever makes the same call again.

Source: draft-ietf-httpapi-idempotency-key-header.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from typing import Literal

import attrs
from starlette.responses import Response

from polaris.errors import HubBusyError, InvalidInputError
from polaris.ports.clock import Clock

__all__ = ["RememberedReplies"]

_KEY = re.compile(r"[\x21-\x7e]{1,200}")


@attrs.frozen
class _Entry:
    call: str
    until: float
    reply: Response | Literal["under way"]


@attrs.define(eq=False)
class RememberedReplies:
    """Keeps replies in this process for a while; from several event loops and threads.

    Attributes:
        clock: Tells the time.
        seconds: For how long.
        most: Most replies that are kept; the oldest go first.
        largest: Longest body that is kept.
    """

    clock: Clock
    seconds: float = 600.0
    most: int = 10_000
    largest: int = 2**16
    _entries: OrderedDict[tuple[str, str], _Entry] = attrs.field(factory=OrderedDict, init=False)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False)

    def begin(self, caller: str, key: str, call: str) -> Response | None:
        """Return the reply that this call got before; None if it is to be made now.

        Args:
            caller: Whose call it is: keys of different callers know nothing of each other.
            key: The caller's name for it.
            call: What it is; the same key must not be given to another call.

        Raises:
            InvalidInputError: The key is none, or was given to another call.
            HubBusyError: The same call is under way.
        """
        if not _KEY.fullmatch(key):
            raise InvalidInputError(
                "The header Idempotency-Key is not understood",
                hint="Give 1 to 200 visible characters of ASCII, such as a UUID.",
            )
        now = self.clock.monotonic()
        with self._lock:
            self._drop(now)
            entry = self._entries.get((caller, key))
            if entry is None:
                self._entries[caller, key] = _Entry(call, now + self.seconds, "under way")
                return None
        if entry.call != call:
            raise InvalidInputError(
                "The Idempotency-Key was given to another call", hint="Use a key for one call only."
            )
        if isinstance(entry.reply, Response):
            return entry.reply
        raise HubBusyError("The same call is under way", hint="Wait for it.", retry_after=1)

    def end(self, caller: str, key: str, reply: Response | None) -> None:
        """Keep the reply of a call that was begun; None, a failure or a long one is not kept."""
        with self._lock:
            entry = self._entries.pop((caller, key), None)
            kept = reply is not None and reply.status_code < 500 and len(reply.body) <= self.largest
            if entry is not None and reply is not None and kept:
                self._entries[caller, key] = attrs.evolve(entry, reply=reply)

    def _drop(self, now: float) -> None:
        while self._entries:
            first = next(iter(self._entries))
            if self._entries[first].until > now and len(self._entries) < self.most:
                return
            del self._entries[first]
