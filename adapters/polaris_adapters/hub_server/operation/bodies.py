"""Bounds for what callers send: how much, and how slowly.

Who opens many requests and sends a byte now and then would else hold the server's memory and
connections for as long as they like.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from polaris.errors import InvalidInputError, PolarisError
from polaris_adapters.hub_server.replies import problem_reply

__all__ = ["BodyBounds"]

_GONE: Message = {"type": "http.disconnect"}


class BodyBounds:
    """Refuses bodies that are too long (413), and those that come too slowly (408).

    Args:
        app: The application behind; handlers may have tighter bounds of their own.
        largest: Longest body, bytes.
        stall: Seconds that a body may stand still.
        slowest: Bytes a second that a body must keep up on the whole, after as many seconds.
        monotonic: Tells seconds since some moment.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        largest: int,
        stall: float,
        monotonic: Callable[[], float],
        slowest: float = 1024.0,
    ) -> None:
        self._app, self._largest, self._stall = app, largest, stall
        self._monotonic, self._slowest = monotonic, slowest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isascii() and declared.isdecimal() and int(declared[:20]) > self._largest:
            await self._refuse(scope, receive, send, 413, self._too_long())
            return
        body = _Body(self, receive, send)
        await self._app(scope, body.receive, body.send)
        if body.broken is not None and not body.answered:
            status, error = body.broken
            await self._refuse(scope, receive, send, status, error)

    async def _refuse(
        self, scope: Scope, receive: Receive, send: Send, status: int, error: PolarisError
    ) -> None:
        # What is left of the body would be taken for the next request.
        reply = problem_reply(Request(scope), error, status=status, headers={"connection": "close"})
        await reply(scope, receive, send)

    def _too_long(self) -> InvalidInputError:
        return InvalidInputError(
            "The body is too long", hint=f"At most {self._largest} bytes are taken at a time."
        )

    def problem(self, received: int, seconds: float) -> tuple[int, InvalidInputError] | None:
        """Return what is wrong with a body of which so much has come in so many seconds."""
        if received > self._largest:
            return 413, self._too_long()
        if seconds > self._stall and received < (seconds - self._stall) * self._slowest:
            return 408, self._too_slow()
        return None

    def _too_slow(self) -> InvalidInputError:
        return InvalidInputError("The body came too slowly", hint="Check the network; try again.")

    async def next(self, receive: Receive) -> Message | tuple[int, InvalidInputError]:
        """Return the next message of a body, or what is wrong if it stands still."""
        try:
            async with asyncio.timeout(self._stall):
                return await receive()
        except TimeoutError:
            return 408, self._too_slow()

    def now(self) -> float:
        """Return seconds since some moment."""
        return self._monotonic()


class _Body:
    """A body on its way in. Once it is broken, the application hears that the caller has gone."""

    def __init__(self, bounds: BodyBounds, receive: Receive, send: Send) -> None:
        self._bounds, self._receive, self._send = bounds, receive, send
        self._waited, self._received, self._whole = 0.0, 0, False
        self.broken: tuple[int, InvalidInputError] | None = None
        self.answered = False

    async def receive(self) -> Message:
        if self.broken is not None:
            return _GONE
        if self._whole:
            # From here on there is nothing to wait for but the end of the connection.
            return await self._receive()
        began = self._bounds.now()
        message = await self._bounds.next(self._receive)
        # The time that the application takes is not the caller's.
        self._waited += self._bounds.now() - began
        if isinstance(message, tuple):
            self.broken = message
            return _GONE
        self._received += len(message.get("body", b""))
        self._whole = not message.get("more_body", False)
        # Of what is there, nobody cares how long it took.
        seconds = 0.0 if self._whole else self._waited
        self.broken = self._bounds.problem(self._received, seconds)
        return message if self.broken is None else _GONE

    async def send(self, message: Message) -> None:
        if self.broken is not None and not self.answered:
            return  # What the application makes of a body that was cut tells the wrong reason.
        self.answered = True
        await self._send(message)
