"""The way from clients to a hub in their process: no socket, and faults to order."""

from __future__ import annotations

import threading

import attrs
from starlette.applications import Starlette

from polaris.bootstrap.in_process.faults import Faults
from polaris.testing.fakes.manual_clock import ManualClock
from polaris_adapters.hub_http.family import httpx

__all__ = ["Asked", "Connections"]


@attrs.define(eq=False)
class Asked:
    """A request that a client made, whether it reached the hub or not.

    Attributes:
        method: HTTP method.
        path: Path, without the query.
        query: What follows the path; empty for nothing.
        status: HTTP status of the reply; None while there is none, or where none reached the
            client.
    """

    method: str
    path: str
    query: str = ""
    status: int | None = attrs.field(default=None, init=False)


class Connections(httpx.AsyncBaseTransport):
    """A transport of the HTTP library that hands requests to an application.

    May be used by any number of clients, from several event loops at once. Nothing needs closing.

    Args:
        app: The hub.
        host: Its name; there is no connection to any other.
        faults: What goes wrong.
        clock: The time of hub and clients.
    """

    def __init__(self, app: Starlette, host: str, faults: Faults, clock: ManualClock) -> None:
        self._asgi = httpx.ASGITransport(app)
        self._host, self._faults, self._clock = host, faults, clock
        self._asked: list[Asked] = []
        self._lock = threading.Lock()

    @property
    def asked(self) -> list[Asked]:
        """What was asked so far, in order."""
        with self._lock:
            return list(self._asked)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Hand a request to the hub, unless a fault strikes it."""
        url = request.url
        if url.host != self._host:
            raise httpx.ConnectError(f"only {self._host} can be reached here", request=request)
        asked = Asked(request.method, url.path, url.query.decode("ascii"))
        with self._lock:
            self._asked.append(asked)

        async def act() -> httpx.Response:
            return await self._acted(request)

        effect = self._faults.strike(asked.method, asked.path)
        reply = await (act() if effect is None else effect(request, act, self._clock))
        asked.status = reply.status_code
        return reply

    async def _acted(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        try:
            return await self._asgi.handle_async_request(request)
        except Exception as cause:
            # The hub answers for its failures; this one came when it had begun to.
            raise httpx.ReadError(f"the hub broke off: {cause}", request=request) from cause
