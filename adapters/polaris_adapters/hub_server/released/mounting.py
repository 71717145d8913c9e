"""The routes for released clients, put beside those of the native wire."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route

from polaris.domain.identity import ArtifactKind
from polaris_adapters.hub_server.endpoints import Handler, answering
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
        Route(path, answering(wire.hub, handler), methods=[method])
        for method, path, handler in _handlers(wire)
    ]
    # Who asks for a token has none; and a signed address carries all that it needs.
    open_hub = attrs.evolve(wire.hub, callers=OpenCallers(wire.hub.callers))
    routes += [
        Route(path, answering(open_hub, handler), methods=[method])
        for method, path, handler in _open(wire)
    ]
    s3 = S3Routes(wire)
    everything = ["GET", "HEAD", "PUT", "POST", "DELETE"]
    routes += [
        Route("/oauth2/callback", callback_page, methods=["GET"]),
        Route("/s3/{bucket}", s3.bucket, methods=everything),
        Route("/s3/{bucket}/{key:path}", s3.object, methods=everything),
    ]
    return routes


def _open(wire: ReleasedWire) -> Iterator[tuple[str, str, Handler]]:
    yield "POST", "/api/auth/token", TokenRoutes(wire).post_token
    signed = SignedRoutes(wire)
    yield "GET", "/signed/{key:path}", signed.serve
    yield "PUT", "/signed/{key:path}", signed.serve


def _handlers(wire: ReleasedWire) -> Iterator[tuple[str, str, Handler]]:
    yield from _reading(wire)
    yield from _writing(wire)
    signed = SignedRoutes(wire)
    # Clients of 0.8.0 to 0.8.3 leave the version out.
    for head in ("/api/v1/storage/dataset", "/api/storage/dataset"):
        yield "GET", f"{head}/{_NAME}/ls", signed.get_listing
        yield "GET", f"{head}/{_NAME}/ls/{{key:path}}", signed.get_listing
        yield "GET", f"{head}/{_NAME}/{{key:path}}", signed.sign
        yield "PUT", f"{head}/{_NAME}/{{key:path}}", signed.sign
    files = "/files/{kind}/{owner}/{slug}/{revision}/{ticket}/{key:path}"
    yield "GET", files, PublicRoutes(wire).get_file


def _reading(wire: ReleasedWire) -> Iterator[tuple[str, str, Handler]]:
    reading = ReadingRoutes(wire)
    for kind in (_DATASET, _BENCHMARK):
        for version in (1, 2):
            yield "GET", f"/api/v{version}/{kind}", reading.listing(kind, version)
            yield "GET", f"/api/v{version}/{kind}/{_NAME}", reading.one(kind, version)
    yield "GET", "/api/v2/model", reading.listing(ArtifactKind.MODEL, None)
    yield "GET", f"/api/v2/model/{_NAME}", reading.one(ArtifactKind.MODEL, None)
    competition = ArtifactKind.COMPETITION
    yield "GET", f"/api/v1/competition/{_NAME}", reading.one(competition, None)
    # Nobody asks for this one; it is there for the sake of the other lists.
    yield "GET", "/api/v1/competition", reading.listing(competition, None)


def _writing(wire: ReleasedWire) -> Iterator[tuple[str, str, Handler]]:
    writing = WritingRoutes(wire)
    for version in (1, 2):
        path = f"/api/v{version}/dataset/{_NAME}"
        yield "PUT", path, writing.announce(_DATASET, version)
    yield "PUT", f"/api/v1/benchmark/{_NAME}", writing.put_benchmark
    yield "PUT", f"/api/v2/benchmark/{_NAME}", writing.announce(_BENCHMARK, 2)
    prediction = ArtifactKind.PREDICTION
    yield "PUT", f"/api/v2/prediction/{_NAME}", writing.announce(prediction, 1)
    yield "PUT", f"/api/v2/model/{_NAME}", writing.put_model
    yield "POST", "/api/v2/model", writing.post_model
    for version in (1, 2):
        yield "POST", f"/api/v{version}/result", writing.post_result
    yield "POST", "/api/v1/competition-prediction", writing.post_competition_prediction
