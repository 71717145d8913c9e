"""Headers that every reply has, whatever made it."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["SecurityHeaders"]

# What a page of ours needs, the page says itself; replies of the API are nothing to be shown.
# No header of CORS: pages of other origins may not read anything.
_ALWAYS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}
_TWO_YEARS = "max-age=63072000"


class SecurityHeaders:
    """Adds to each reply what browsers are to keep to, unless the reply says otherwise.

    Args:
        app: The application behind.
        strict_transport: Whether browsers are told to come by TLS only, if they have come by it.
    """

    def __init__(self, app: ASGIApp, *, strict_transport: bool) -> None:
        self._app, self._strict = app, strict_transport

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                # A copy: a reply that is given again keeps its own headers.
                message = {**message, "headers": list(message["headers"])}
                headers = MutableHeaders(scope=message)
                for name, value in _ALWAYS.items():
                    headers.setdefault(name, value)
                if self._strict and scope["scheme"] == "https":
                    # RFC 6797; names below are not ours to speak for.
                    headers.setdefault("strict-transport-security", _TWO_YEARS)
            await send(message)

        await self._app(scope, receive, told)
