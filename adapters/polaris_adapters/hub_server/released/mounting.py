"""The routes for released clients, put beside those of the native wire."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from polaris.domain.identity import ArtifactKind
from polaris_adapters.hub_server.access import READ, Act
from polaris_adapters.hub_server.endpoints import Handler, answering
from polaris_adapters.hub_server.guarded import GuardedRoute
from polaris_adapters.hub_server.released.callers import OpenCallers
from polaris_adapters.hub_server.released.routes_public import PublicRoutes
from polaris_adapters.hub_server.released.routes_reading import ReadingRoutes
from polaris_adapters.hub_server.released.routes_s3 import S3Routes
from polaris_adapters.hub_server.released.routes_signed import SignedRoutes
from polaris_adapters.hub_server.released.routes_token import TokenRoutes, callback_page
from polaris_adapters.hub_server.released.routes_writing import WritingRoutes
from polaris_adapters.hub_server.released.wire import ReleasedWire

__all__ = ["mount_released", "released_routes"]

_NAME = "{owner}/{name}"
_LIST = (Act.READ_PUBLIC, Act.LIST_PRIVATE)
_PUBLISH = (Act.CHANGE, Act.CHANGE_ACCESS)
# Who uploads reads back what has come in so far.
_INCOMING = (*READ, Act.CHANGE)
# Those for storage are given for what the caller may do there.
_TOKENS = (Act.SIGN_IN, *READ, Act.CHANGE)
_Row = tuple[str, str, Handler, Act | tuple[Act, ...]]
_DATASET, _BENCHMARK = ArtifactKind.DATASET, ArtifactKind.BENCHMARK


def mount_released(app: Starlette, wire: ReleasedWire) -> Starlette:
    """Let an application answer released clients too, and return it.

    Args:
        app: The application of a hub whose callers know the tokens that the wire gives out:
            ``create_app(wire.hub)``.
        wire: What the routes drive.
    """
    app.router.routes.extend(released_routes(wire))
    return app


def released_routes(wire: ReleasedWire) -> list[BaseRoute]:
    """Return the routes for released clients."""
    routes: list[BaseRoute] = [
        GuardedRoute(path, answering(wire.hub, handler), acts=acts, methods=[method])
        for method, path, handler, acts in _handlers(wire)
    ]
    # Who asks for a token has none; and a signed address carries all that it needs.
    open_hub = attrs.evolve(wire.hub, callers=OpenCallers(wire.hub.callers))
    routes += [
        GuardedRoute(path, answering(open_hub, handler), acts=acts, methods=[method])
        for method, path, handler, acts in _open(wire)
    ]
    s3 = S3Routes(wire)
    everything = ["GET", "HEAD", "PUT", "POST", "DELETE"]
    routes += [
        GuardedRoute("/oauth2/callback", callback_page, acts=Act.SIGN_IN, methods=["GET"]),
        GuardedRoute("/s3/{bucket}", s3.bucket, acts=_INCOMING, methods=everything),
        GuardedRoute("/s3/{bucket}/{key:path}", s3.object, acts=_INCOMING, methods=everything),
    ]
    return routes


def _open(wire: ReleasedWire) -> Iterator[_Row]:
    yield "POST", "/api/auth/token", TokenRoutes(wire).post_token, _TOKENS
    signed = SignedRoutes(wire)
    yield "GET", "/signed/{key:path}", signed.serve, _INCOMING
    yield "PUT", "/signed/{key:path}", signed.serve, Act.CHANGE


def _handlers(wire: ReleasedWire) -> Iterator[_Row]:
    yield from _reading(wire)
    yield from _writing(wire)
    signed = SignedRoutes(wire)
    # Clients of 0.8.0 to 0.8.3 leave the version out.
    for head in ("/api/v1/storage/dataset", "/api/storage/dataset"):
        yield "GET", f"{head}/{_NAME}/ls", signed.get_listing, _INCOMING
        yield "GET", f"{head}/{_NAME}/ls/{{key:path}}", signed.get_listing, _INCOMING
        yield "GET", f"{head}/{_NAME}/{{key:path}}", signed.sign, _INCOMING
        yield "PUT", f"{head}/{_NAME}/{{key:path}}", signed.sign, Act.CHANGE
    files = "/files/{kind}/{owner}/{slug}/{revision}/{ticket}/{key:path}"
    yield "GET", files, PublicRoutes(wire).get_file, Act.READ_PUBLIC


def _reading(wire: ReleasedWire) -> Iterator[_Row]:
    reading = ReadingRoutes(wire)
    for kind in (_DATASET, _BENCHMARK):
        for version in (1, 2):
            yield "GET", f"/api/v{version}/{kind}", reading.listing(kind, version), _LIST
            yield "GET", f"/api/v{version}/{kind}/{_NAME}", reading.one(kind, version), READ
    yield "GET", "/api/v2/model", reading.listing(ArtifactKind.MODEL, None), _LIST
    yield "GET", f"/api/v2/model/{_NAME}", reading.one(ArtifactKind.MODEL, None), READ
    competition = ArtifactKind.COMPETITION
    yield "GET", f"/api/v1/competition/{_NAME}", reading.one(competition, None), READ
    # Nobody asks for this one; it is there for the sake of the other lists.
    yield "GET", "/api/v1/competition", reading.listing(competition, None), _LIST


def _writing(wire: ReleasedWire) -> Iterator[_Row]:
    writing = WritingRoutes(wire)
    for version in (1, 2):
        path = f"/api/v{version}/dataset/{_NAME}"
        yield "PUT", path, writing.announce(_DATASET, version), _PUBLISH
    yield "PUT", f"/api/v1/benchmark/{_NAME}", writing.put_benchmark, _PUBLISH
    yield "PUT", f"/api/v2/benchmark/{_NAME}", writing.announce(_BENCHMARK, 2), _PUBLISH
    prediction = ArtifactKind.PREDICTION
    yield "PUT", f"/api/v2/prediction/{_NAME}", writing.announce(prediction, 1), _PUBLISH
    yield "PUT", f"/api/v2/model/{_NAME}", writing.put_model, _PUBLISH
    yield "POST", "/api/v2/model", writing.post_model, _PUBLISH
    for version in (1, 2):
        yield "POST", f"/api/v{version}/result", writing.post_result, _PUBLISH
    yield "POST", "/api/v1/competition-prediction", writing.post_competition_prediction, _PUBLISH
