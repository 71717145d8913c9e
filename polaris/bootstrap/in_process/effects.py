"""What goes wrong between a client and a hub in its process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol

import attrs

from polaris.testing.fakes.manual_clock import ManualClock
from polaris_adapters.hub_http.family import httpx

__all__ = ["Act", "Answered", "Cut", "Dropped", "Effect", "Late", "Refused"]

Act = Callable[[], Awaitable[httpx.Response]]


class Effect(Protocol):
    """Stands in for the network during one request."""

    async def __call__(
        self, request: httpx.Request, act: Act, clock: ManualClock, /
    ) -> httpx.Response:
        """Return what the client gets.

        Args:
            request: What the client asks.
            act: Lets the hub act on it, and returns its reply.
            clock: The time of hub and clients.

        Raises:
            httpx.TransportError: The client gets no reply.
        """
        ...


@attrs.frozen
class Refused:
    """No connection comes about; the hub does not hear of the request."""

    async def __call__(
        self, request: httpx.Request, act: Act, clock: ManualClock, /
    ) -> httpx.Response:
        """See `Effect`."""
        raise httpx.ConnectError("connection refused, as ordered", request=request)


@attrs.frozen
class Answered:
    """Something in front of the hub answers; the hub does not hear of the request.

    Attributes:
        status: HTTP status.
        retry_after: The header Retry-After, seconds; None for none (RFC 9110 section 10.2.3).
    """

    status: int
    retry_after: float | None = None

    async def __call__(
        self, request: httpx.Request, act: Act, clock: ManualClock, /
    ) -> httpx.Response:
        """See `Effect`."""
        headers = {} if self.retry_after is None else {"retry-after": f"{self.retry_after:g}"}
        text = f"status {self.status}, as ordered"
        return httpx.Response(self.status, headers=headers, text=text, request=request)


@attrs.frozen
class Dropped:
    """The hub acts, and the connection is lost before the reply."""

    async def __call__(
        self, request: httpx.Request, act: Act, clock: ManualClock, /
    ) -> httpx.Response:
        """See `Effect`."""
        await (await act()).aclose()
        raise httpx.ReadError("connection lost before the reply, as ordered", request=request)


@attrs.frozen
class Cut:
    """The hub acts, and the connection is lost in the middle of the reply's body.

    Attributes:
        after_bytes: How many bytes of the body arrive; half of them if None. However many these
            are, the client sees the connection break.
    """

    after_bytes: int | None = None

    async def __call__(
        self, request: httpx.Request, act: Act, clock: ManualClock, /
    ) -> httpx.Response:
        """See `Effect`."""
        reply = await act()
        whole = await reply.aread()
        arrives = len(whole) // 2 if self.after_bytes is None else self.after_bytes
        return httpx.Response(
            reply.status_code,
            headers=reply.headers.raw,
            stream=_Broken(whole[:arrives], request),
            request=request,
        )


@attrs.frozen
class Late:
    """The hub acts, and its reply is on its way for long; nobody waits, the clock is advanced.

    Attributes:
        seconds: For how long. A client that waits less for a reply gives up when it would.
    """

    seconds: float

    async def __call__(
        self, request: httpx.Request, act: Act, clock: ManualClock, /
    ) -> httpx.Response:
        """See `Effect`."""
        reply = await act()
        patience = request.extensions.get("timeout", {}).get("read")
        if patience is None or self.seconds <= patience:
            clock.advance(self.seconds)
            return reply
        await reply.aclose()
        clock.advance(patience)
        raise httpx.ReadTimeout(f"no reply in {patience:g} s, as ordered", request=request)


class _Broken(httpx.AsyncByteStream):
    """The beginning of a body, and then the end of the connection."""

    def __init__(self, begun: bytes, request: httpx.Request) -> None:
        self._begun, self._request = begun, request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._begun:
            yield self._begun
        raise httpx.ReadError(
            f"connection lost after {len(self._begun)} bytes, as ordered", request=self._request
        )
