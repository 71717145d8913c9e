"""The application: routes, and what stands before them."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Route

from polaris_adapters.hub_server.endpoints import (
    Handler,
    RequestIds,
    acting,
    answering,
    on_no_route,
)
from polaris_adapters.hub_server.hub import Hub
from polaris_adapters.hub_server.remembered import RememberedReplies
from polaris_adapters.hub_server.routes import (
    account,
    catalogue,
    contents,
    hidden,
    objects,
    publishing,
)

__all__ = ["create_app"]

_ARTIFACT = "/api/v3/{kind}/{owner}/{slug}"
_REVISION = _ARTIFACT + "/revisions/{revision}"

# Those that read may be called any number of times.
_READING: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/api/v3/me", account.get_me),
    ("GET", "/api/v3/{kind}", catalogue.get_page),
    ("GET", _ARTIFACT, catalogue.get_record),
    ("GET", _ARTIFACT + "/jobs", catalogue.get_jobs),
    ("GET", _REVISION + "/objects", objects.get_listing),
    ("GET", _REVISION + "/folder", objects.get_folder),
    ("POST", _REVISION + "/stat", objects.stat),
    ("POST", _REVISION + "/digest", objects.digest),
    ("POST", _REVISION + "/read", objects.read),
    ("GET", _REVISION + "/objects/{key:path}", contents.get_content),
)
_ACTING: tuple[tuple[str, str, Handler], ...] = (
    ("POST", "/api/v3/sign-out", account.sign_out),
    ("POST", _ARTIFACT + "/publications", publishing.begin),
    ("POST", _ARTIFACT + "/publications/{revision}/commit", publishing.commit),
    ("POST", _REVISION + "/write", objects.write),
    ("POST", _REVISION + "/delete", objects.delete),
    ("PUT", _REVISION + "/objects/{key:path}", contents.put_content),
    ("POST", _REVISION + "/hidden", hidden.deposit),
    ("PUT", _REVISION + "/hidden/{key:path}", hidden.deposit_one),
)


def create_app(hub: Hub) -> Starlette:
    """Return a hub server as an ASGI application. It holds nothing that needs closing.

    Args:
        hub: Its ports, and who may call.
    """
    replies = RememberedReplies(hub.clock)
    routes = [Route("/.well-known/polaris-hub", account.describe, methods=["GET"])]
    routes += [Route(path, answering(hub, f), methods=[verb]) for verb, path, f in _READING]
    routes += [Route(path, acting(hub, f, replies), methods=[verb]) for verb, path, f in _ACTING]
    app = Starlette(
        routes=routes,
        middleware=[Middleware(RequestIds)],
        exception_handlers={HTTPException: on_no_route},
    )
    # A redirect to a path without its last slash would lose the token on the way.
    app.router.redirect_slashes = False
    return app
