"""HTTP connections whose heads may be neither long nor slow.

uvicorn bounds idle connections between two requests only. Who opens connections and sends a header
now and then, or headers without end, would hold them, and memory, for as long as they like.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

__all__ = ["BoundedHttp"]


class BoundedHttp(HttpToolsProtocol):
    """The HTTP of uvicorn, on httptools, with bounds for what comes before a body."""

    #: Seconds in which the head of a request has to come, from the connection or its first byte.
    head_seconds = 15.0
    #: Longest head, bytes; RFC 9110 section 5.4 leaves it to servers.
    longest_head = 2**16

    _timer: asyncio.TimerHandle | None = None
    _head = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """See `asyncio.Protocol`."""
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        self._head_is_there()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        super().data_received(data)
        if self._timer is not None:
            self._head += len(data)
            if self._head > self.longest_head:
                self._head_is_there()
                self.send_400_response("The head of the request is too long.")

    def on_message_begin(self) -> None:
        """See `httptools.HttpRequestParser`."""
        super().on_message_begin()
        self._expect_head()

    def on_headers_complete(self) -> None:
        """See `httptools.HttpRequestParser`."""
        self._head_is_there()
        super().on_headers_complete()

    def _expect_head(self) -> None:
        if self._timer is None:
            self._head = 0
            self._timer = self.loop.call_later(self.head_seconds, self._close)

    def _head_is_there(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _close(self) -> None:
        self._timer = None
        if not self.transport.is_closing():
            self.transport.close()
