"""Replies that are given again to whoever makes the same call again.

Source: draft-ietf-httpapi-idempotency-key-header.
"""

from __future__ import annotations

import asyncio
import logging
import math
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import attrs
from starlette.responses import Response

from polaris.application.in_memory_replies import InMemoryReplies
from polaris.errors import HubBusyError, InvalidInputError, PolarisError
from polaris.ports.clock import Clock
from polaris.ports.replies import ReplyStore, StoredReply

__all__ = ["BegunHere", "RememberedReplies"]

_LOG = logging.getLogger(__name__)
# Longest that a caller is asked to stay away, seconds: the call may end at any moment.
_LONGEST_WAIT = 4
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
        under_way: Seconds after which a call that was neither ended nor renewed may be made again:
            its process is taken for dead.
        beat: Seconds between renewals, of the event loop: a process that lives renews in time,
            whatever the clock of the notes says.
        largest: Longest body that is kept.
    """

    clock: Clock
    store: ReplyStore = attrs.field(factory=InMemoryReplies)
    seconds: float = 600.0
    under_way: float = 15.0
    beat: float = 4.0
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
            wait = math.ceil(((begun.until or now) - now).total_seconds())
            # Whoever asks six times, as our client does, outlasts a call whose process has died.
            raise HubBusyError(
                "The same call is under way",
                hint="Wait for it.",
                retry_after=min(max(wait, 1), _LONGEST_WAIT),
            )
        return _response(begun.reply)

    @asynccontextmanager
    async def renewed(self, here: BegunHere) -> AsyncIterator[None]:
        """Note again and again that a call is under way, while the block runs."""
        beating = asyncio.create_task(self._beating(here))
        try:
            yield
        finally:
            beating.cancel()
            with suppress(asyncio.CancelledError):
                await beating

    async def _beating(self, here: BegunHere) -> None:
        while True:
            await asyncio.sleep(self.beat)
            until = self.clock.now() + timedelta(seconds=self.under_way)
            try:
                await self.store.renew(here.caller, here.key, token=here.token, until=until)
            except PolarisError as error:
                # The call itself may still succeed; more beats come before the note ends.
                _LOG.warning("a call that is under way could not be noted again: %s", error)

    async def end(self, here: BegunHere, reply: Response | None) -> None:
        """Keep the reply of a call that was begun.

        None, a failure, a long one, and one that tells a secret (``no-store``, RFC 9111 section
        5.2.2.5) are not kept; then the call may be made again.

        Whoever called gets the reply all the same where it cannot be kept: what was done is done,
        and a call that is made again is made again in earnest.
        """
        kept = None
        if reply is not None and _may_be_kept(reply) and len(reply.body) <= self.largest:
            kept = _stored(reply)
        until = self.clock.now() + timedelta(seconds=self.seconds)
        try:
            await self.store.end(here.caller, here.key, token=here.token, reply=kept, until=until)
        except PolarisError as error:
            _LOG.warning("a reply could not be kept for whoever makes its call again: %s", error)


def _may_be_kept(reply: Response) -> bool:
    directives = reply.headers.get("cache-control", "").lower().split(",")
    return reply.status_code < 500 and "no-store" not in map(str.strip, directives)


def _stored(reply: Response) -> StoredReply:
    headers = tuple(
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in reply.raw_headers
    )
    return StoredReply(reply.status_code, headers, bytes(reply.body))


def _response(stored: StoredReply) -> Response:
    reply = Response(stored.body, stored.status)
    reply.raw_headers = [(n.encode("latin-1"), v.encode("latin-1")) for n, v in stored.headers]
    return reply
