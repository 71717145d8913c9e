"""Routes that say which acts of the access table they are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Mount, Route
from starlette.types import Scope

from polaris_adapters.hub_server.access import Act

__all__ = ["GuardedRoute", "acts_of", "allowed_at"]


class GuardedRoute(Route):
    """A route with its acts: one, or the two that reading is.

    Args:
        path: See `starlette.routing.Route`.
        endpoint: See `starlette.routing.Route`.
        acts: Of which the handler allows one, before it does anything.
        methods: See `starlette.routing.Route`.
        kinds: Words that may stand at ``{kind}`` of the path; with another it is another path. None
            for any.
    """

    def __init__(
        self,
        path: str,
        endpoint: Callable[[Request], Awaitable[Response]],
        *,
        acts: Act | tuple[Act, ...],
        methods: Iterable[str],
        kinds: Iterable[str] | None = None,
        **given: Any,
    ) -> None:
        super().__init__(path, endpoint, methods=list(methods), **given)
        self.acts = (acts,) if isinstance(acts, Act) else acts
        self._kinds = frozenset(kinds or ())

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """See `starlette.routing.Route`."""
        match, child = super().matches(scope)
        asks = bool(self._kinds) and "kind" in self.param_convertors
        if match is not Match.NONE and asks and child["path_params"]["kind"] not in self._kinds:
            return Match.NONE, {}
        return match, child


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

    Several routes may be at one path, each for methods of its own.
    """
    # What the route that was chosen found in the path would be taken for what the others find.
    scope = {**request.scope, "path_params": {}}
    found = [route for route in request.app.routes if route.matches(scope)[0] is not Match.NONE]
    return ", ".join(sorted({m for route in found for m in getattr(route, "methods", None) or ()}))
