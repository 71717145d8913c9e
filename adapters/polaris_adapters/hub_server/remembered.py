"""Replies that are given again to whoever makes the same call again.

Source: draft-ietf-httpapi-idempotency-key-header.
"""

from __future__ import annotations

import re
import secrets
from datetime import timedelta

import attrs
from starlette.responses import Response

from polaris.application.in_memory_replies import InMemoryReplies
from polaris.errors import HubBusyError, InvalidInputError
from polaris.ports.clock import Clock
from polaris.ports.replies import ReplyStore, StoredReply

__all__ = ["BegunHere", "RememberedReplies"]

_KEY = re.compile(r"[\x21-\x7e]{1,200}")


@attrs.frozen
class BegunHere:
    """A call that is to be made now.

    Attributes:
        caller: Whose call it is.
        key: The caller's name for it.
        token: What may end it.
    """

    caller: str
    key: str
    token: str = attrs.field(factory=lambda: secrets.token_hex(16), repr=False)


@attrs.frozen
class RememberedReplies:
    """Keeps replies for a while, in a store that all processes of the hub have in common.

    Attributes:
        clock: Tells the time.
        store: Where they are kept; in this process by default.
        seconds: For how long.
        under_way: Seconds after which a call that was not ended may be made again: its process is
            taken for dead.
        largest: Longest body that is kept.
    """

    clock: Clock
    store: ReplyStore = attrs.field(factory=InMemoryReplies)
    seconds: float = 600.0
    under_way: float = 120.0
    largest: int = 2**16

    async def begin(self, caller: str, key: str, call: str) -> Response | BegunHere:
        """Return the reply that this call got before, or that it is to be made now.

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
        here, now = BegunHere(caller, key), self.clock.now()
        until = now + timedelta(seconds=self.under_way)
        begun = await self.store.begin(caller, key, call, token=here.token, now=now, until=until)
        if begun is None:
            return here
        if begun.call != call:
            raise InvalidInputError(
                "The Idempotency-Key was given to another call", hint="Use a key for one call only."
            )
        if begun.reply is None:
            raise HubBusyError("The same call is under way", hint="Wait for it.", retry_after=1)
        return _response(begun.reply)

    async def end(self, here: BegunHere, reply: Response | None) -> None:
        """Keep the reply of a call that was begun; None, a failure or a long one is not kept."""
        kept = None
        if reply is not None and reply.status_code < 500 and len(reply.body) <= self.largest:
            kept = _stored(reply)
        until = self.clock.now() + timedelta(seconds=self.seconds)
        await self.store.end(here.caller, here.key, token=here.token, reply=kept, until=until)


def _stored(reply: Response) -> StoredReply:
    headers = tuple(
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in reply.raw_headers
    )
    return StoredReply(reply.status_code, headers, bytes(reply.body))


def _response(stored: StoredReply) -> Response:
    reply = Response(stored.body, stored.status)
    reply.raw_headers = [(n.encode("latin-1"), v.encode("latin-1")) for n, v in stored.headers]
    return reply
