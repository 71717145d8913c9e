"""Routes that say which acts of the access table they are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Mount, Route

from polaris.domain.identity import ArtifactKind
from polaris_adapters.hub_server.access import Act

__all__ = ["GuardedRoute", "acts_of", "allowed_at"]


class GuardedRoute(Route):
    """A route with its acts: one, or the two that reading is.

    Args:
        path: See `starlette.routing.Route`.
        endpoint: See `starlette.routing.Route`.
        acts: Of which the handler allows one, before it does anything.
        methods: See `starlette.routing.Route`.
    """

    def __init__(
        self,
        path: str,
        endpoint: Callable[[Request], Awaitable[Response]],
        *,
        acts: Act | tuple[Act, ...],
        methods: Iterable[str],
        **given: Any,
    ) -> None:
        super().__init__(path, endpoint, methods=list(methods), **given)
        self.acts = (acts,) if isinstance(acts, Act) else acts


def acts_of(routes: Iterable[BaseRoute]) -> dict[tuple[str, str], tuple[Act, ...]]:
    """Return the acts of every route by method and path; none for a route that names none."""
    found: dict[tuple[str, str], tuple[Act, ...]] = {}
    for route in routes:
        if isinstance(route, Mount):
            inner = acts_of(route.routes)
            found |= {(method, route.path + path): acts for (method, path), acts in inner.items()}
            continue
        acts = route.acts if isinstance(route, GuardedRoute) else ()
        methods = sorted(getattr(route, "methods", None) or {"*"})
        found |= {(method, getattr(route, "path", str(route))): acts for method in methods}
    return found


def allowed_at(request: Request) -> str:
    """Return the methods of what is at a path, as in the header Allow (RFC 9110 10.2.1).

    Several routes may be at one path, each for methods of its own; and a path that begins as those
    of artifacts do leads nowhere where there are no artifacts of that kind.
    """
    methods: set[str] = set()
    # What the route that was chosen found in the path would be taken for what the others find.
    scope = {**request.scope, "path_params": {}}
    for route in request.app.routes:
        match, child = route.matches(scope)
        kind = child.get("path_params", {}).get("kind")
        if match is not Match.NONE and (kind is None or kind in set(ArtifactKind)):
            methods |= getattr(route, "methods", None) or set()
    return ", ".join(sorted(methods))
