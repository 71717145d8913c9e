"""Seeing which exchanges with a hub broke, below the client that tries again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import cast

from polaris_adapters.hub_http.family import httpx
from tests.e2e.killed_hub.journal import Journal

__all__ = ["Watched"]


class Watched(httpx.AsyncBaseTransport):
    """Connects as the client itself would, and writes down what was cut.

    Args:
        journal: Where to; ``unanswered`` if no reply came, ``cut`` if it broke off.
    """

    def __init__(self, journal: Journal) -> None:
        # Connections are of the event loop that made them; reading an archive has one of its own.
        self._inner: dict[asyncio.AbstractEventLoop, httpx.AsyncHTTPTransport] = {}
        self._journal = journal

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """See `httpx.AsyncBaseTransport`."""
        what = f"{request.method} {request.url.path}"
        here = asyncio.get_running_loop()
        inner = self._inner.setdefault(here, httpx.AsyncHTTPTransport())
        try:
            reply = await inner.handle_async_request(request)
        except httpx.TransportError as error:
            self._journal.write("unanswered", what=what, error=type(error).__name__, why=str(error))
            raise
        if reply.status_code >= 500:
            body = await reply.aread()
            self._journal.write(
                "status", what=what, error=reply.status_code, why=body.decode()[:800]
            )
        else:
            stream = cast("httpx.AsyncByteStream", reply.stream)
            reply.stream = _Stream(stream, what, self._journal)
        return reply

    async def aclose(self) -> None:
        """See `httpx.AsyncBaseTransport`."""
        inner = self._inner.pop(asyncio.get_running_loop(), None)
        if inner is not None:
            await inner.aclose()


class _Stream(httpx.AsyncByteStream):
    def __init__(self, inner: httpx.AsyncByteStream, what: str, journal: Journal) -> None:
        self._inner, self._what, self._journal = inner, what, journal

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for part in self._inner:
                yield part
        except httpx.TransportError as error:
            self._journal.write("cut", what=self._what, error=type(error).__name__, why=str(error))
            raise

    async def aclose(self) -> None:
        await self._inner.aclose()
