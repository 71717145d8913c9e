"""``GET /metrics``, for those who may read it."""

from __future__ import annotations

import asyncio

from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from polaris.domain.secret import Secret
from polaris.errors import InvalidInputError
from polaris_adapters.hub_server.access import Act
from polaris_adapters.hub_server.callers import Caller
from polaris_adapters.hub_server.endpoints import answering
from polaris_adapters.hub_server.guarded import GuardedRoute
from polaris_adapters.hub_server.hub import Hub
from polaris_adapters.hub_server.operation.metrics import Metrics
from polaris_adapters.hub_server.reading import token_of

__all__ = ["metrics_route"]


def metrics_route(metrics: Metrics, hub: Hub, *, public: bool, token: Secret | None) -> BaseRoute:
    """Return ``/metrics``.

    Args:
        metrics: What there is to tell.
        hub: Knows whose tokens are; administrators may read.
        public: Whether everybody may.
        token: Who has it may.
    """

    async def told() -> Response:
        text = await asyncio.to_thread(metrics.text)
        return Response(text, media_type=CONTENT_TYPE_LATEST, headers={"cache-control": "no-store"})

    async def guarded(hub: Hub, caller: Caller | None, request: Request) -> Response:
        hub.allow(caller, Act.OPERATE, what="read the metrics")
        return await told()

    ask = answering(hub, guarded)

    async def read(request: Request) -> Response:
        return await (told() if public or _has(token, request) else ask(request))

    # They compress well, and hold nothing that callers have sent.
    gzip = [Middleware(GZipMiddleware)]
    return GuardedRoute("/metrics", read, acts=Act.OPERATE, methods=["GET"], middleware=gzip)


def _has(token: Secret | None, request: Request) -> bool:
    try:
        return token is not None and token_of(request) == token
    except InvalidInputError:
        return False  # Said to the caller by who asks again.
