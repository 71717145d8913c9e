"""Letting callers go before the end."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from polaris_adapters.hub_server.operation.health import Readiness

__all__ = ["LastReplies"]


class LastReplies:
    """Ends each connection with its next reply, once the server is about to end.

    A connection that is kept open for further requests is closed at the end, maybe at the very
    moment when one is sent: its caller would learn nothing of what became of it. One that is told
    ``Connection: close`` with a reply sends no further request over it (RFC 9112 section 9.6).

    Args:
        app: The application behind.
        readiness: Knows whether the server is about to end.
    """

    def __init__(self, app: ASGIApp, readiness: Readiness) -> None:
        self._app, self._readiness = app, readiness

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start" and self._readiness.is_stopping:
                # A copy: a reply that is given again keeps its own headers.
                message = {**message, "headers": list(message["headers"])}
                MutableHeaders(scope=message)["connection"] = "close"
            await send(message)

        await self._app(scope, receive, told)
