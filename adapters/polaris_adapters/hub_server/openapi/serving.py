"""``GET /api/openapi.json``."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import attrs
from starlette.requests import Request
from starlette.responses import Response

from polaris.application.native_wire.fields import encoded
from polaris_adapters.hub_server.callers import Caller
from polaris_adapters.hub_server.hub import Hub
from polaris_adapters.hub_server.openapi.document import document_of
from polaris_adapters.hub_server.replies import encoded_reply

__all__ = ["DocumentRoute"]


@attrs.define(eq=False)
class DocumentRoute:
    """Answers with the document of the application that a call came to."""

    _told: tuple[object, bytes] | None = attrs.field(default=None, init=False)

    async def get(self, hub: Hub, caller: Caller | None, request: Request) -> Response:
        """Answer ``GET /api/openapi.json``, to anybody.

        Under which address the hub is found is told by what is in the application's state under
        ``base``, if it is there: a function from the request to text.
        """
        body = self._body(request)
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        headers = {"etag": etag, "cache-control": "no-cache", "vary": "host"}
        if etag in [tag.strip() for tag in request.headers.get("if-none-match", "").split(",")]:
            return Response(status_code=304, headers=headers)
        return encoded_reply(body, headers=headers)

    def _body(self, request: Request) -> bytes:
        """Return the document; the last one is kept, as the routes change no more."""
        base: Callable[[Request], str] | None = getattr(request.app.state, "base", None)
        address = str(request.base_url).rstrip("/") if base is None else base(request)
        routes = request.app.routes
        key = (address, len(routes))
        if self._told is None or self._told[0] != key:
            self._told = key, encoded(document_of(routes, base=address))
        return self._told[1]
