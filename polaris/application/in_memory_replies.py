"""Kept replies in the memory of one process, for hubs that are one process."""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime

import attrs

from polaris.ports.replies import BegunCall, StoredReply

__all__ = ["InMemoryReplies"]


@attrs.frozen
class _Note:
    begun: BegunCall
    token: str
    until: datetime


class InMemoryReplies:
    """A `ReplyStore` over a dictionary; lost with the process.

    Args:
        most: Most replies that are kept; the oldest go first.
    """

    def __init__(self, *, most: int = 10_000) -> None:
        self._most = most
        self._notes: OrderedDict[tuple[str, str], _Note] = OrderedDict()
        self._lock = threading.Lock()

    async def begin(
        self, caller: str, key: str, call: str, /, *, token: str, now: datetime, until: datetime
    ) -> BegunCall | None:
        """See `ReplyStore.begin`."""
        with self._lock:
            note = self._notes.get((caller, key))
            if note is not None and now < note.until:
                return attrs.evolve(note.begun, until=note.until)
            self._notes.pop((caller, key), None)
            while len(self._notes) >= self._most:
                self._notes.popitem(last=False)
            self._notes[caller, key] = _Note(BegunCall(call), token, until)
            return None

    async def end(
        self,
        caller: str,
        key: str,
        /,
        *,
        token: str,
        reply: StoredReply | None,
        until: datetime,
    ) -> None:
        """See `ReplyStore.end`."""
        with self._lock:
            note = self._notes.get((caller, key))
            if note is None or note.token != token:
                return
            del self._notes[caller, key]
            if reply is not None:
                begun = attrs.evolve(note.begun, reply=reply)
                self._notes[caller, key] = _Note(begun, token, until)

    async def renew(self, caller: str, key: str, /, *, token: str, until: datetime) -> None:
        """See `ReplyStore.renew`."""
        with self._lock:
            note = self._notes.get((caller, key))
            if note is not None and note.token == token and note.begun.reply is None:
                self._notes[caller, key] = attrs.evolve(note, until=until)

    async def purge(self, *, before: datetime) -> int:
        """See `ReplyStore.purge`."""
        with self._lock:
            ended = [key for key, note in self._notes.items() if note.until < before]
            for key in ended:
                del self._notes[key]
        return len(ended)
