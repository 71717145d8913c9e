"""The operations by which a hub is found, watched and described."""

from __future__ import annotations

from polaris_adapters.hub_server.openapi.describing import Described, Reply, json_of
from polaris_adapters.hub_server.openapi.schemas_values import TEXT

__all__ = ["DOCUMENT_PATH", "OPERATING"]

DOCUMENT_PATH = "/api/openapi.json"

_TAG = "operation"
_UNSTORED = ("Cache-Control",)

OPERATING: dict[tuple[str, str], Described] = {
    ("GET", "/.well-known/polaris-hub"): Described(
        id="describeHub",
        tag=_TAG,
        summary="See what the hub is, and where to sign in",
        replies={
            200: Reply("What it is.", json_of("HubDescription"), required=("Content-Digest",))
        },
    ),
    ("GET", DOCUMENT_PATH): Described(
        id="getDocument",
        tag=_TAG,
        summary="Get this document",
        parameters=("header.If-None-Match",),
        replies={
            200: Reply("The document.", json_of("OpenApiDocument"), required=("ETag",)),
            304: Reply("It has not changed.", required=("ETag",)),
        },
    ),
    ("GET", "/healthz"): Described(
        id="isAlive",
        tag=_TAG,
        summary="See whether the server lives",
        replies={200: Reply("It does.", json_of("Alive"), required=_UNSTORED)},
    ),
    ("GET", "/readyz"): Described(
        id="isReady",
        tag=_TAG,
        summary="See whether the server can serve",
        replies={
            200: Reply("It can.", json_of("Readiness"), required=_UNSTORED),
            503: Reply("It cannot.", json_of("Readiness"), headers=_UNSTORED),
        },
    ),
    ("GET", "/version"): Described(
        id="getSoftware",
        tag=_TAG,
        summary="See which software it is",
        replies={200: Reply("The software.", json_of("Software"), required=_UNSTORED)},
    ),
    ("GET", "/metrics"): Described(
        id="getMetrics",
        tag=_TAG,
        summary="Read metrics",
        about="In the format of Prometheus, for administrators and for who has the token of the "
        "settings. Operators may let everybody read them, or nobody.",
        replies={
            200: Reply("The metrics.", {"text/plain": TEXT}, required=_UNSTORED),
        },
        problems=(401, 403),
    ),
}
