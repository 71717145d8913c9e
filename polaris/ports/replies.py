"""Replies that are kept for a while, so that a call that is repeated is made once."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import attrs

__all__ = ["BegunCall", "ReplyStore", "StoredReply"]


@attrs.frozen
class StoredReply:
    """A reply as it was sent.

    Attributes:
        status: Its HTTP status.
        headers: Its headers, in order; a name may come again.
        body: Its body.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = attrs.field(repr=False)


@attrs.frozen
class BegunCall:
    """A call that somebody has begun.

    Attributes:
        call: What it is.
        reply: How it was answered; None while it is under way.
        until: When the note of it ends, UTC; None where the store does not say.
    """

    call: str
    reply: StoredReply | None = None
    until: datetime | None = attrs.field(default=None, eq=False)


class ReplyStore(Protocol):
    """Keeps what became of calls.

    Every change is atomic. May be used from several tasks, threads and processes at once. Failures
    are errors under `PolarisHubError`; `HubBusyError` may be retried.
    """

    async def begin(
        self, caller: str, key: str, call: str, /, *, token: str, now: datetime, until: datetime
    ) -> BegunCall | None:
        """Note that a call is under way, unless one was begun with the same key.

        Args:
            caller: Whose call it is: keys of different callers know nothing of each other.
            key: The caller's name for it.
            call: What it is.
            token: A text that no call had before; whoever has it may end the call.
            now: The moment, UTC.
            until: When the note ends, so that a call whose process died can be made again.

        Returns:
            None if the call is to be made now, else what was begun and has not ended by itself.
        """
        ...

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
        """Keep the reply of a call that was begun, until a moment; forget the call without one.

        Nothing changes if the call's note is another one's by now.
        """
        ...

    async def renew(self, caller: str, key: str, /, *, token: str, until: datetime) -> None:
        """Note that a call is still under way, until another moment.

        Nothing changes if it has ended, or its note is another one's by now.
        """
        ...

    async def purge(self, *, before: datetime) -> int:
        """Remove what ended before a moment; return how many."""
        ...
