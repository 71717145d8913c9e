"""What nobody foresaw, told like every other failure of the hub."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from polaris_adapters.hub_server.replies import unforeseen_reply

__all__ = ["Unforeseen"]


class Unforeseen:
    """Answers with 500 and the identifier of the request where the application fails.

    Args:
        app: The application behind.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def told(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, told)
        except Exception as cause:
            if begun:
                raise  # The reply is cut, which is how the caller sees that it is not whole.
            await unforeseen_reply(Request(scope), cause)(scope, receive, send)
