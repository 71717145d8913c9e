"""What stands before every route of a hub server."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
from starlette.applications import Starlette
from starlette.types import ASGIApp

from polaris.domain.secret import Secret
from polaris_adapters.hub_server.endpoints import RequestIds
from polaris_adapters.hub_server.hub import Hub
from polaris_adapters.hub_server.operation.access_log import AccessLog
from polaris_adapters.hub_server.operation.bodies import BodyBounds
from polaris_adapters.hub_server.operation.exchange import Observer, Observing
from polaris_adapters.hub_server.operation.headers import SecurityHeaders
from polaris_adapters.hub_server.operation.health import Readiness, health_routes
from polaris_adapters.hub_server.operation.hosts import HostList
from polaris_adapters.hub_server.operation.leaving import LastReplies
from polaris_adapters.hub_server.operation.metrics import Metrics
from polaris_adapters.hub_server.operation.metrics_route import metrics_route
from polaris_adapters.hub_server.operation.rates import RateLimits
from polaris_adapters.hub_server.operation.unforeseen import Unforeseen

__all__ = ["Operation", "operated"]


@attrs.frozen(kw_only=True)
class Operation:
    """How a hub server is operated.

    Attributes:
        hub: Knows whose tokens are, and the time.
        readiness: Whether it can serve.
        hosts: Names under which callers may find it.
        metrics: Counts; None for no metrics.
        public_metrics: Whether everybody may read them.
        metrics_token: Who has it may read them.
        largest_body: Longest body of a request, bytes.
        body_timeout: Seconds that a body may stand still.
        rate: Requests a second and caller in the long run; 0 for no bound.
        burst: Requests that a caller may make at once before that counts.
        strict_transport: Whether browsers that came by TLS are told to use nothing else from now
            on (RFC 6797); not for names such as localhost, where other programs answer too.
        logs_access: Whether each request is logged.
    """

    hub: Hub
    readiness: Readiness
    hosts: Sequence[str] = ("*",)
    metrics: Metrics | None = None
    public_metrics: bool = False
    metrics_token: Secret | None = attrs.field(default=None, repr=False)
    largest_body: int = 2**30 + 2**24
    body_timeout: float = 30.0
    rate: float = 0.0
    burst: int = 200
    strict_transport: bool = True
    logs_access: bool = True


def operated(app: Starlette, operation: Operation) -> Starlette:
    """Let an application have the routes of operation and what guards requests, and return it.

    Args:
        app: One that has not served yet.
        operation: How.
    """
    app.router.routes.extend(health_routes(operation.readiness))
    observers: list[Observer] = []
    if operation.metrics is not None:
        observers.append(operation.metrics)
        route = metrics_route(
            operation.metrics,
            operation.hub,
            public=operation.public_metrics,
            token=operation.metrics_token,
        )
        app.router.routes.append(route)
    if operation.logs_access:
        observers.append(AccessLog())
    app.add_middleware(_guarded, operation=operation, observers=observers)
    return app


def _guarded(app: ASGIApp, operation: Operation, observers: Sequence[Observer]) -> ASGIApp:
    """Put all that guards and watches requests before an application; what watches is outermost."""
    monotonic = operation.hub.clock.monotonic
    if operation.rate > 0:
        app = RateLimits(app, rate=operation.rate, burst=operation.burst, monotonic=monotonic)
    app = Unforeseen(app)
    largest, stall = operation.largest_body, operation.body_timeout
    app = BodyBounds(app, largest=largest, stall=stall, monotonic=monotonic)
    app = HostList(app, operation.hosts)
    app = SecurityHeaders(app, strict_transport=operation.strict_transport)
    app = LastReplies(app, operation.readiness)
    return RequestIds(Observing(app, observers, monotonic))
