"""One request and its reply, as those see it who only watch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import attrs
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from polaris_adapters.hub_server.operation.redaction import shown_path, shown_query

__all__ = ["Exchange", "Observer", "Observing", "route_of"]

_UNMATCHED = "(none)"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


@attrs.frozen
class Exchange:
    """A request that has been answered, or was given up.

    Attributes:
        request_id: The hub's identifier of it.
        method: ``GET`` and so on; ``other`` for what is no method of HTTP's own.
        route: Template of the path, ``(none)`` where there is no such route.
        path: The path, without what is secret in it.
        query: The query, without what is secret in it.
        status: HTTP status; 499 where the caller went away before there was one.
        seconds: From the first byte of the request to the last of the reply.
        received: Bytes of the request's body.
        sent: Bytes of the reply's body.
        caller: Slug of who called, if the hub knows.
        client: Address that the request came from.
    """

    request_id: str
    method: str
    route: str
    path: str
    query: str
    status: int
    seconds: float
    received: int
    sent: int
    caller: str | None
    client: str | None


class Observer(Protocol):
    """Watches what is asked and answered; fails never."""

    def began(self) -> None:
        """A request has come."""
        ...

    def ended(self, exchange: Exchange, /) -> None:
        """It has been answered, or given up."""
        ...


class Observing:
    """Tells observers of every request.

    Args:
        app: The application behind.
        observers: Whom.
        monotonic: Tells seconds since some moment.
    """

    def __init__(
        self, app: ASGIApp, observers: Sequence[Observer], monotonic: Callable[[], float]
    ) -> None:
        self._app, self._observers, self._monotonic = app, observers, monotonic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = self._monotonic()
        status, received, sent = 499, 0, 0

        async def receiving() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            return message

        async def sending(message: Message) -> None:
            nonlocal status, sent
            await send(message)
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                sent += len(message.get("body", b""))

        for observer in self._observers:
            observer.began()
        try:
            await self._app(scope, receiving, sending)
        except Exception:
            # Whoever serves the application answers with 500 if nothing was sent yet.
            status = 500 if status == 499 else status
            raise
        finally:
            exchange = _exchange(scope, status, self._monotonic() - began, received, sent)
            for observer in self._observers:
                observer.ended(exchange)


def _exchange(scope: Scope, status: int, seconds: float, received: int, sent: int) -> Exchange:
    client = scope.get("client")
    return Exchange(
        request_id=str(scope.get("polaris.request_id", "")),
        method=scope["method"] if scope["method"] in _METHODS else "other",
        route=route_of(scope),
        path=shown_path(scope["path"], scope.get("path_params") or {}),
        query=shown_query(scope.get("query_string", b"").decode("latin-1")),
        status=status,
        seconds=seconds,
        received=received,
        sent=sent,
        caller=scope.get("polaris.caller"),
        client=client[0] if client else None,
    )


def route_of(scope: Scope) -> str:
    """Return the template of the path that a request was routed by."""
    return str(getattr(scope.get("route"), "path", None) or _UNMATCHED)
